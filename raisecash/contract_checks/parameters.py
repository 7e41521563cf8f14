"""Checks of parameters: what lies outside a declared bound is refused, what lies on it runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from raisecash.contract_checks.decisions import decided
from raisecash.data.market import Market
from raisecash.errors import ContractError, ParameterError
from raisecash.execution.weights import check_weights
from raisecash.messages.blame import phrase_of
from raisecash.strategy.base import Strategy
from raisecash.strategy.parameters import Parameters, part_in, schema_of

OFF = "off"  # the form of a part that is None
STEP = 1e-6  # how far beside a bound of a real number "just beside" is, relative to numbers above 1
NO_NUMBERS = ("not a number", float("nan"), float("inf"))


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A bound of a parameter: a value on its inside, one outside where there is one, and the bound in words."""

    parameter: str
    rule: str
    inside: Any
    outside: Any = None


def check_parameters_keep_their_bounds(strategy: Strategy, market: Market) -> None:
    """A value just outside a bound, an unknown parameter and what is no number are refused."""
    for edge in edges_of(strategy):
        if edge.outside is not None and _made(strategy, {edge.parameter: edge.outside}) is not None:
            raise ContractError(f"{edge.parameter} must be {edge.rule} and takes {edge.outside!r}")
    for name, form in _forms(strategy):
        if form.get("type") in ("integer", "number"):
            for value in NO_NUMBERS:
                if _takes(strategy, name, value):
                    raise ContractError(f"{name} must be a number and takes {value!r}")
    if _made(strategy, {"no_parameter_has_this_name": 1}) is not None:
        raise ContractError('takes a parameter it does not have; leave extra="forbid" in model_config')


def check_parameters_run_at_their_edges(strategy: Strategy, market: Market) -> None:
    """Each bound that a parameter may reach, each choice and each switch gives valid weights."""
    for edge in edges_of(strategy):
        given = {edge.parameter: edge.inside}
        try:
            other = type(strategy)(**_parameters(strategy, given))
        except (ParameterError, ValidationError) as error:
            if _is_about(error, edge.parameter):
                raise ContractError(
                    f"{edge.parameter} may be {edge.rule} and {edge.inside!r} is refused ({error}); "
                    "declare the bound that holds"
                ) from error
            continue  # a rule between parameters, which the others' values break
        try:
            check_weights(decided(other, market), market, name=type(strategy).__name__)
        except ParameterError:
            continue  # it says itself that this market cannot serve the value
        except Exception as error:
            raise ContractError(
                f"with {edge.parameter}={edge.inside!r}, which its bounds allow: {phrase_of(error)}"
            ) from error


def edges_of(strategy: Strategy) -> Iterator[Edge]:
    """Yield every bound that the parameters' JSON schema declares, those of parts, choices and switches included."""
    for name, form in _forms(strategy):
        kind = form.get("type")
        for choice in form.get("enum", [form["const"]] if "const" in form else []):
            yield Edge(parameter=name, rule=f"{choice!r}", inside=choice)
        if kind == "boolean":
            for switch in (False, True):
                yield Edge(parameter=name, rule=f"{switch}", inside=switch)
        if kind == OFF:
            yield Edge(parameter=name, rule="switched off", inside=None)
        if kind in ("integer", "number"):
            for word, sign, is_open, rule in (
                ("minimum", 1, False, "at least"),
                ("exclusiveMinimum", 1, True, "above"),
                ("maximum", -1, False, "at most"),
                ("exclusiveMaximum", -1, True, "below"),
            ):
                if word in form:
                    bound = form[word]
                    step = sign if kind == "integer" else sign * STEP * max(1.0, abs(bound))
                    inside, outside = (bound + step, bound) if is_open else (bound, bound - step)
                    yield Edge(parameter=name, rule=f"{rule} {bound}", inside=inside, outside=outside)


def _forms(strategy: Strategy) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each parameter's dotted name with each form it may take, as JSON schema without references."""
    yield from _forms_in(type(strategy), schema_of(type(strategy)), "")


def _forms_in(
    model: type[Parameters], schema: dict[str, Any], before: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the forms of a table's parameters, and of those in its parts."""
    for name, parameter in schema.get("properties", {}).items():
        part = part_in(model, name)
        for form in parameter.get("anyOf", [parameter]):
            if part is None:
                yield f"{before}{name}", form
            elif form.get("type") == "null":
                yield f"{before}{name}", {"type": OFF}
            else:
                yield from _forms_in(part, form, f"{before}{name}.")


def _parameters(owner: Parameters, given: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters under the names they are taken by, some changed, in parts by their dotted names."""
    fields = type(owner).model_fields
    values = {name: getattr(owner, name) for name in fields}
    for name, value in given.items():
        head, _, rest = name.partition(".")
        part = part_in(type(owner), head) if rest else None
        if part is None:
            values[name] = value
        else:
            values[head] = _parameters(getattr(owner, head) or part(), {rest: value})
    return {(fields[name].alias or name) if name in fields else name: value for name, value in values.items()}


def _made(strategy: Strategy, given: dict[str, Any]) -> Strategy | None:
    """Return the strategy with a parameter changed, None when that is refused as it should be."""
    try:
        return type(strategy)(**_parameters(strategy, given))
    except (ParameterError, ValidationError):
        return None


def _takes(strategy: Strategy, name: str, value: Any) -> bool:
    """Return whether a parameter takes a value and keeps it, which a form beside its number may allow."""
    others = [
        form
        for each, form in _forms(strategy)
        if each == name and form.get("type") not in ("integer", "number")
    ]
    if any(form.get("type") != "null" for form in others):
        return False
    return _made(strategy, {name: value}) is not None


def _is_about(error: Exception, name: str) -> bool:
    """Return whether it is the parameter's own rule that refuses, and not one between parameters."""
    cause = error if isinstance(error, ValidationError) else error.__cause__
    return isinstance(cause, ValidationError) and any(
        tuple(name.split(".")) == problem["loc"][: name.count(".") + 1] for problem in cause.errors()
    )
