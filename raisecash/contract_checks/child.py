"""The other process: rebuilds a strategy, watches it decide for the first time, and answers.

Speaks pickles on stdin and stdout, each after its length. What a strategy prints goes to stderr.
"""

from __future__ import annotations

import importlib
import os
import pickle
import struct
import sys
import traceback
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

LENGTH = struct.Struct(">Q")


@dataclass(frozen=True, kw_only=True)
class ChildRequest:
    """A strategy as bytes, the modules its classes live in, and the markets to decide on, in order.

    Attributes
    ----------
    own : str
        Top-level package of the strategy's module.
    modules : tuple of (name, use)
        `use` is "path/to/file.py:Class" for a module that was loaded from a file, which has no name
        to import, and empty otherwise.
    pickled : bytes
        The strategy and a list of markets.
    is_watched : bool
        Whether to note what it reads, which takes several times as long.
    path : tuple of str
        Where modules are looked for: what the asking process finds, this one finds too.
    """

    own: str
    modules: tuple[tuple[str, str], ...]
    pickled: bytes
    is_watched: bool
    path: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the other process made of it.

    Attributes
    ----------
    weights : list of DataFrame
        One a market, empty after an error.
    error : str or None
        Why there are none.
    while_importing, while_deciding : list of str
        What was read, each with its place.
    """

    weights: list[pd.DataFrame] = field(default_factory=list)
    error: str | None = None
    while_importing: list[str] = field(default_factory=list)
    while_deciding: list[str] = field(default_factory=list)


def send(stream: IO[bytes], thing: Any) -> None:
    """Write a pickle after its length."""
    data = pickle.dumps(thing)
    stream.write(LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Return the next pickle; EOFError when the other side is gone."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError("the other process ended")
    (length,) = LENGTH.unpack(head)
    data = stream.read(length)
    if len(data) < length:
        raise EOFError("the other process ended")
    return pickle.loads(data)


def answer(request: ChildRequest, imports: dict[str, list[str]]) -> Answer:
    """Return what the strategy decides here, and what it read for it."""
    from raisecash.contract_checks.decisions import decided
    from raisecash.contract_checks.watch import Watch, watched
    from raisecash.messages.blame import phrase_of
    from raisecash.plugins import use_path

    read: list[str] = []
    use_path(request.path)
    try:
        for name, use in request.modules:
            if name not in imports:
                with watched(request.own) as watch:
                    _load(name, use)
                imports[name] = [each for each in watch.seen if "clock" not in each]
        read = [each for name, _ in request.modules for each in imports[name]]
        strategy, markets = pickle.loads(request.pickled)
        with watched(request.own) if request.is_watched else nullcontext(Watch(request.own)) as watch:
            type(strategy)(**{name: getattr(strategy, name) for name in type(strategy).model_fields})
            weights = [decided(strategy, market) for market in markets]
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever a stranger's code raises is an answer
        said = f"raised {phrase_of(error)}"
        return Answer(error=said, while_importing=read)
    return Answer(weights=weights, while_importing=read, while_deciding=watch.seen)


def _load(name: str, use: str) -> None:
    """Import a module by name, or a strategy's file as discovery does."""
    from raisecash.strategy.discovery import find_strategy

    if use:
        find_strategy(use, base_dir=Path(), where="raisecash check")
    else:
        importlib.import_module(name)


def main() -> None:
    """Answer until there are no more questions."""
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    imports: dict[str, list[str]] = {}
    while True:
        try:
            request = receive(questions)
        except EOFError:
            return
        try:
            said = answer(request, imports)
        except BaseException:  # noqa: BLE001  # without an answer the other side would wait for ever
            said = Answer(error=traceback.format_exc())
        send(answers, said)
