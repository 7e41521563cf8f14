"""`Progress`: what a long command tells the one who waits."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told what a run is doing: a sentence, or how many of a number of equal steps are done."""

    def say(self, text: str) -> None: ...
    def step(self, label: str, done: int, total: int) -> None: ...


class Silent:
    """Progress that nobody watches."""

    def say(self, text: str) -> None: ...
    def step(self, label: str, done: int, total: int) -> None: ...
