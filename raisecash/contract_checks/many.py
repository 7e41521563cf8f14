"""Judging several strategies, in several processes where that is worth it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from raisecash.contract_checks.decisions import Kind, kind_of
from raisecash.contract_checks.fresh import can_be_sent_by_name, start
from raisecash.contract_checks.suite import Outcome, judge
from raisecash.errors import InputError
from raisecash.strategy.base import Strategy

if TYPE_CHECKING:
    from raisecash.data.market import Market

WORTH_IT = 4  # strategies: a process pays seconds before its first check


@dataclass(frozen=True, kw_only=True)
class Named:
    """A strategy under its name; where there is none, the problem that kept it from being made."""

    name: str
    strategy: Strategy | None = None
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
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
    yield from Parallel(n_jobs=min(processes, len(subjects)), return_as="generator")(tasks)
