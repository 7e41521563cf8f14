"""Judging several strategies, in several processes where that is worth it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from raisecash.contract_checks.decisions import Kind, kind_of
from raisecash.contract_checks.fresh import can_be_sent_by_name, start
from raisecash.contract_checks.suite import Outcome, judge
from raisecash.errors import InputError
from raisecash.messages.notebook import as_html
from raisecash.plugins import use_path
from raisecash.strategy.base import Strategy
from raisecash.strategy.plain import is_plain, plain_strategy

if TYPE_CHECKING:
    from raisecash.data.market import Market

WORDS = {"passed": "passed", "failed": "FAILED", "excused": "excused", "not judged": "not judged"}
WORTH_IT = 4  # strategies: a process pays seconds before its first check


@dataclass(frozen=True, kw_only=True)
class Named:
    """A strategy under its name; where there is none, the problem that kept it from being made."""

    name: str
    strategy: Strategy | None = None
    problem: str = ""


@dataclass(frozen=True, kw_only=True, repr=False)
class Judgement:
    """What became of one strategy.

    Attributes
    ----------
    strategy : str
        The call that rebuilds it; empty where it could not be made.
    kind : str or None
        How it decides.
    outcomes : tuple of Outcome
        Empty when it could not be judged.
    problem : str
        Why it could not.
    """

    name: str
    strategy: str = ""
    kind: Kind | None = None
    outcomes: tuple[Outcome, ...] = ()
    problem: str = ""

    @property
    def failed(self) -> int:
        """How many checks it failed."""
        return sum(outcome.verdict == "failed" for outcome in self.outcomes)

    @property
    def passed(self) -> bool:
        """Whether it could be judged and failed no check."""
        return not (self.failed or self.problem)

    def __repr__(self) -> str:
        width = max((len(outcome.check) for outcome in self.outcomes), default=0)
        rows = [
            f"{WORDS[outcome.verdict]:10}  {outcome.check:{width}}  {' '.join(outcome.message.split())}".rstrip()
            for outcome in self.outcomes
        ]
        return "\n".join([self.name, *(rows or [f"NOT JUDGED  {self.problem}"])])

    def _repr_html_(self) -> str:
        """Return what a notebook shows: a row a check."""
        rows = [(outcome.check, WORDS[outcome.verdict], outcome.message) for outcome in self.outcomes]
        return as_html(
            self.name,
            ("check", "verdict", ""),
            rows,
            [self.problem] if self.problem else [],
            left=3,
            most=len(rows),
        )


def check(strategy: Strategy | type, market: Market | None = None) -> Judgement:
    """Hold a strategy to the contract and return what became of each check; printed, a line a check.

    Parameters
    ----------
    strategy : Strategy or its class
        A class is made with its defaults; one written for plain backtrader will do.
    market : Market, optional
        What it decides on; default the made-up market of `raisecash check`.

    Raises
    ------
    ParameterError
        When a parameter has no default, or the strategy cannot decide on this market: a signal it
        needs is not there.
    InputError
        When it is no strategy, or its `excused` breaks a rule.
    """
    if is_plain(strategy):
        strategy = plain_strategy(strategy)
    made = strategy() if isinstance(strategy, type) else strategy
    if not isinstance(made, Strategy):
        raise InputError(f"check needs a strategy or its class, got {strategy!r}")
    kind, outcomes = kind_of(made), tuple(judge(made, market))
    return Judgement(name=type(made).__name__, strategy=repr(made), kind=kind, outcomes=outcomes)


def judge_one(subject: Named, market: Market | None = None) -> Judgement:
    """Return what becomes of a strategy; an InputError, such as a signal that is missing, is its problem."""
    if subject.strategy is None:
        return Judgement(name=subject.name, problem=subject.problem)
    printed, kind = repr(subject.strategy), kind_of(subject.strategy)
    try:
        outcomes = tuple(judge(subject.strategy, market))
    except InputError as error:
        return Judgement(name=subject.name, strategy=printed, kind=kind, problem=str(error))
    return Judgement(name=subject.name, strategy=printed, kind=kind, outcomes=outcomes)


def judge_many(
    subjects: Sequence[Named], market: Market | None = None, *, jobs: int | None = None
) -> Iterator[Judgement]:
    """Yield what becomes of each strategy, in order.

    Parameters
    ----------
    subjects : sequence of Named
    market : Market, optional
        What they decide on; default `check_market()`.
    jobs : int, optional
        Processes; default one a core where there are strategies enough. The result does not depend on it.
    """
    from joblib import Parallel, cpu_count, delayed

    by_name = all(each.strategy is None or can_be_sent_by_name(each.strategy) for each in subjects)
    processes = jobs or (int(cpu_count()) if len(subjects) >= WORTH_IT else 1)
    if processes == 1 or not by_name:
        start()
        yield from (judge_one(each, market) for each in subjects)
        return
    tasks = (delayed(judge_one)(each, market) for each in subjects)
    # A worker that an earlier call left running may not know the path of this project.
    workers = Parallel(
        n_jobs=min(processes, len(subjects)),
        return_as="generator",
        initializer=use_path,
        initargs=(tuple(each or os.getcwd() for each in sys.path),),
    )
    yield from workers(tasks)
