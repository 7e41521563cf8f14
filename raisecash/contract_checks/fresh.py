"""Asking another process: a strategy is pickled, rebuilt where nothing has been decided yet, and asked there."""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import IO, Any, cast

from raisecash.contract_checks.child import Answer, ChildRequest, receive, send
from raisecash.data.market import Market
from raisecash.errors import ContractError
from raisecash.strategy.base import Strategy
from raisecash.strategy.discovery import FILE_MODULE
from raisecash.strategy.parameters import Parameters

SEEDS = ("1", "8")  # the order of a set of text: {"BTC", "SPY", "QQQ"} comes out backwards with the other one
REMEMBERED = 8  # answers: several checks read the same one, and only a first decision is a first decision

_children: dict[str, subprocess.Popen[bytes]] = {}
_answers: OrderedDict[tuple[str, bytes, int], tuple[Answer, Market]] = OrderedDict()


def ask(strategy: Strategy, market: Market, *, seed: str = SEEDS[0]) -> Answer:
    """Return what a strategy decides in another process: first on half of the market, then on all of it.

    The process is kept for the next strategy, and an answer for the next check.

    Raises
    ------
    ContractError
        When the strategy cannot be sent: its class is not at the top level of a module, or a
        parameter cannot be pickled.
    """
    pickled = pickled_as_promised(strategy)
    key = (seed, pickled, id(market))
    if key in _answers:
        return _answers[key][0]
    request = ChildRequest(
        own=type(strategy).__module__.partition(".")[0],
        modules=tuple(dict(_modules(strategy)).items()),
        pickled=pickle.dumps((strategy, half_and_whole(market))),
        is_watched=seed == SEEDS[0],
        path=_path(),
    )
    try:
        child = _child(seed)
        send(cast("IO[bytes]", child.stdin), request)
        answer: Answer = receive(cast("IO[bytes]", child.stdout))
    except (EOFError, BrokenPipeError):
        _children.pop(seed).wait()
        answer = Answer(error="ended the process it was deciding in")
    _answers[key] = (answer, market)  # the market is held, so that its id stays its own
    while len(_answers) > REMEMBERED:
        _answers.popitem(last=False)
    return answer


def half_and_whole(market: Market) -> list[Market]:
    """Return the first half of the market and all of it: what is remembered from the one is wrong for the other."""
    return [market.until(market.bars[(len(market.bars) - 1) // 2]), market]


def pickled_as_promised(strategy: Strategy) -> bytes:
    """Return a strategy as bytes, or raise ContractError."""
    try:
        return pickle.dumps(strategy)
    except Exception as error:
        raise ContractError(
            f"cannot be pickled ({error}); define the class at the top level of a module, "
            "and keep to parameters that are numbers, text, dates and tables of them"
        ) from error


def cannot_travel(strategy: Strategy) -> str | None:
    """Return why no other process can import the strategy's class, None when one can."""
    for name, _ in _modules(strategy):
        if name == "__main__":
            return "defined in the running script or session, which another process cannot import"
    return None


def can_be_sent_by_name(strategy: Strategy) -> bool:
    """Return whether any process that imports what this one can finds every class of the strategy."""
    return not any(use or name == "__main__" for name, use in _modules(strategy))


def _modules(thing: Any) -> Iterator[tuple[str, str]]:
    """Yield the module of every strategy in a strategy, with its `use` where it was loaded from a file."""
    if isinstance(thing, Parameters):
        for each in reversed(type(thing).__mro__):
            if each is not Strategy and issubclass(each, Strategy):
                name = each.__module__
                file = getattr(sys.modules.get(name), "__file__", "") if name.startswith(FILE_MODULE) else ""
                yield name, f"{file}:{each.__name__}" if file else ""
        for name in type(thing).model_fields:
            yield from _modules(getattr(thing, name))
    elif isinstance(thing, Mapping):
        for value in thing.values():
            yield from _modules(value)
    elif isinstance(thing, (list, tuple)):
        for value in thing:
            yield from _modules(value)


def _path() -> tuple[str, ...]:
    """Return where this process looks for modules, from whatever folder one asks."""
    return tuple(each or os.getcwd() for each in sys.path)


def _child(seed: str) -> subprocess.Popen[bytes]:
    """Return the running process with this order of sets, started when there is none."""
    child = _children.get(seed)
    if child is None or child.poll() is not None:
        path = os.pathsep.join(_path())
        child = _children[seed] = subprocess.Popen(
            [sys.executable, "-P", "-c", "from raisecash.contract_checks.child import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
        )
    return child


def start() -> None:
    """Start the processes ahead of their first question, so that they get ready meanwhile."""
    for seed in SEEDS:
        _child(seed)


@atexit.register
def stop() -> None:
    """End the processes that were started."""
    while _children:
        _, child = _children.popitem()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                stream.close()
        child.wait()
