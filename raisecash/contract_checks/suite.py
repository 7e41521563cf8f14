"""The contract as a list of checks, and what became of each for one strategy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from raisecash.contract_checks import any_market, look_ahead, orders, parameters, promises
from raisecash.contract_checks.decisions import Kind, decided, kind_of, market_for
from raisecash.contract_checks.fresh import cannot_travel
from raisecash.contract_checks.markets import check_market
from raisecash.data.market import Market
from raisecash.errors import InputError, ParameterError, RaisecashError
from raisecash.messages.blame import phrase_of
from raisecash.messages.spelling import suggest
from raisecash.strategy.base import Strategy

Verdict = Literal["passed", "failed", "excused", "not judged"]
Function = Callable[[Strategy, Market], None]

PREFIX = "check_"
START = "start_date_does_not_matter"
FRESH = "decides_the_same_in_a_fresh_process"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One promise: a function that raises when a strategy breaks it.

    Attributes
    ----------
    function : callable
        Takes the strategy and a market.
    needs : {"nothing", "weights", "steady weights"}
        What must hold for its verdict to mean anything: that there are valid weights (of a plain
        backtrader strategy: an account), and that the same question gets the same ones.
    may_be_excused : bool
        Whether a class may break it for a reason.
    """

    function: Function
    needs: Literal["nothing", "weights", "steady weights"] = "weights"
    may_be_excused: bool = False

    @property
    def name(self) -> str:
        """What the check is called, and excused by."""
        return self.function.__name__.removeprefix(PREFIX)

    @property
    def says(self) -> str:
        """The promise in a sentence."""
        return (self.function.__doc__ or "").partition("\n")[0]


FIRST = Check(function=promises.check_weights_are_valid, needs="nothing")
TWICE = Check(function=promises.check_decides_the_same_twice)
STATELESS = Check(function=promises.check_keeps_no_state_between_calls)
CHECKS = (
    FIRST,
    TWICE,
    STATELESS,
    Check(function=look_ahead.check_ignores_future_bars, needs="steady weights"),
    Check(function=look_ahead.check_ignores_future_prices, needs="steady weights"),
    Check(function=look_ahead.check_ignores_future_signals, needs="steady weights"),
    Check(function=look_ahead.check_ignores_unannounced_events, needs="steady weights"),
    Check(function=promises.check_reads_nothing_but_the_market, may_be_excused=True),
    Check(function=promises.check_draws_no_global_random_numbers),
    Check(function=promises.check_decides_the_same_in_a_fresh_process, needs="steady weights"),
    Check(function=promises.check_leaves_the_market_as_it_was),
    Check(
        function=any_market.check_column_order_does_not_matter, needs="steady weights", may_be_excused=True
    ),
    Check(function=any_market.check_start_date_does_not_matter, needs="steady weights", may_be_excused=True),
    Check(function=any_market.check_runs_on_one_bar, may_be_excused=True),
    Check(function=any_market.check_runs_on_one_asset, may_be_excused=True),
    Check(function=any_market.check_runs_on_constant_prices, may_be_excused=True),
    Check(function=any_market.check_runs_with_gaps, may_be_excused=True),
    Check(function=any_market.check_runs_when_all_is_closed, may_be_excused=True),
    Check(function=parameters.check_parameters_run_at_their_edges, may_be_excused=True),
    Check(function=parameters.check_parameters_keep_their_bounds, needs="nothing", may_be_excused=True),
    Check(function=promises.check_is_frozen, needs="nothing"),
    Check(function=promises.check_survives_pickling, needs="nothing"),
    Check(function=promises.check_prints_as_its_own_call, needs="nothing", may_be_excused=True),
)
# A plain backtrader strategy places orders and decides no weights; its parameters have neither types nor bounds.
PLAIN_FIRST = Check(function=orders.check_account_can_be_replayed, needs="nothing")
PLAIN_TWICE = Check(function=orders.check_places_the_same_orders_twice)
PLAIN_CHECKS = (
    PLAIN_FIRST,
    PLAIN_TWICE,
    Check(function=orders.check_orders_ignore_future_bars, needs="steady weights"),
    *CHECKS[-3:],
)
STEADY = (TWICE, STATELESS, PLAIN_TWICE)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one check: its verdict, and the reason unless it passed."""

    check: str
    verdict: Verdict
    message: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Case:
    """One check on one strategy and market, to be called: it raises when the strategy breaks the promise.

    Attributes
    ----------
    excuse : str or None
        Why it is not called for, None when it is.
    """

    check: Check
    strategy: Strategy
    market: Market
    excuse: str | None = None

    def __call__(self) -> None:
        if self.excuse is None:
            self.check.function(self.strategy, self.market)

    def __str__(self) -> str:
        excused = "" if self.excuse is None else " (excused)"
        return f"{type(self.strategy).__name__}-{self.check.name}{excused}"

    @cached_property
    def outcome(self) -> Outcome:
        """What becomes of it: called once."""
        if self.excuse is not None:
            return Outcome(check=self.check.name, verdict="excused", message=self.excuse)
        try:
            self()
        except RaisecashError as error:
            return Outcome(check=self.check.name, verdict="failed", message=str(error))
        except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever a stranger's code raises is a verdict
            message = f"raised {phrase_of(error)}"
            return Outcome(check=self.check.name, verdict="failed", message=message)
        return Outcome(check=self.check.name, verdict="passed")


def checks_for(kind: Kind) -> tuple[Check, ...]:
    """Return the checks of strategies that decide in one way, the most telling first."""
    return PLAIN_CHECKS if kind == "plain" else CHECKS


def contract_checks(
    strategy: Strategy | type[Strategy], market: Market | None = None, *, kind: Kind | None = None
) -> tuple[Case, ...]:
    """Return every check of a strategy, to be called or given to pytest.

    ::

        @pytest.mark.parametrize("check", contract_checks(MyStrategy), ids=str)
        def test_my_strategy_keeps_the_contract(check):
            check()

    Parameters
    ----------
    strategy : Strategy or its class
        A class is made with its defaults.
    market : Market, optional
        What it decides on; default `check_market()`.
    kind : {"vectorised", "per-bar", "plain"}, optional
        How it decides; found out when not given.

    Raises
    ------
    ParameterError
        When a class has a parameter without a default.
    InputError
        When its `excused` names no check, one from which nothing is excused, or gives no reason.
    """
    made = strategy() if isinstance(strategy, type) else strategy
    over = market_for(made, market or check_market())
    excuses = excuses_of(made)
    return tuple(
        Case(check=check, strategy=made, market=over, excuse=excuses.get(check.name))
        for check in checks_for(kind or kind_of(made))
    )


def excuses_of(strategy: Strategy) -> dict[str, str]:
    """Return why a strategy is excused from checks: by its class's own table, or because it promises nothing."""
    name = type(strategy).__name__
    known = {check.name: check for check in (*CHECKS, *PLAIN_CHECKS)}
    excuses = dict(type(strategy).excused)
    for check, reason in excuses.items():
        if check not in known:
            raise InputError(f"{name}.excused: no check {check!r}; {suggest(check, known)}")
        if not known[check].may_be_excused:
            raise InputError(f"{name}.excused: no strategy may be excused from {check}; remove it")
        if not (isinstance(reason, str) and reason.strip()):
            raise InputError(f"{name}.excused: {check} needs a reason in words, got {reason!r}")
    if strategy.warm_up_bars is None:
        excuses.setdefault(
            START, "declares no warm_up_bars, so nothing is promised about where a market begins"
        )
    if unreachable := cannot_travel(strategy):
        excuses[FRESH] = unreachable
    return excuses


def judge(strategy: Strategy, market: Market | None = None) -> Iterator[Outcome]:
    """Yield what becomes of each check, in order.

    When there are no valid weights to begin with, what needs them is not judged.

    Raises
    ------
    ParameterError
        When the strategy says itself that it cannot decide on this market, or a signal it needs is
        not there: give it one that has it.
    InputError
        When its `excused` breaks a rule.
    """
    cases = contract_checks(strategy, market)
    if FIRST in (case.check for case in cases):
        _refuse_an_unsuitable_market(strategy, cases[0].market)
    missing: dict[str, str] = {}  # what later checks may need, and why it is not there
    for case in cases:
        if case.excuse is None and case.check.needs in missing:
            yield Outcome(check=case.check.name, verdict="not judged", message=missing[case.check.needs])
            continue
        outcome = case.outcome
        if outcome.verdict == "failed" and case.check in (FIRST, PLAIN_FIRST):
            what = "are no valid weights" if case.check is FIRST else "is no account"
            missing |= dict.fromkeys(("weights", "steady weights"), f"there {what}")
        elif outcome.verdict == "failed" and case.check in STEADY:
            what = "orders" if case.check is PLAIN_TWICE else "weights"
            missing |= {"steady weights": f"the same market does not always get the same {what}"}
        yield outcome


def _refuse_an_unsuitable_market(strategy: Strategy, market: Market) -> None:
    """Pass on the ParameterError of a strategy that the market cannot serve; whatever else is wrong is judged."""
    try:
        decided(strategy, market)
    except ParameterError as error:
        raise ParameterError(f"{error} (the market has {described(market)})") from error
    except (Exception, SystemExit):  # noqa: BLE001  # the checks will say what it is
        return


def described(market: Market) -> str:
    """Return what a market has, in a few words."""
    signals: Sequence[str] = [str(name) for name in market.signals.columns]
    return (
        f"assets {', '.join(market.assets)}, signals {', '.join(signals) or 'none'}, "
        f"{len(market.events) or 'no'} dated events"
    )
