"""`Config`: one TOML file as frozen, checked values, and `load_config`, which reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    PrivateAttr,
    Tag,
    ValidationError,
    model_validator,
)

from raisecash.config.explain import explain
from raisecash.config.fields import AnyFeed, Day, Feeds, Name, Title, with_feeds
from raisecash.config.toml import read_toml, with_overrides
from raisecash.errors import ConfigError
from raisecash.execution.costs import Costs
from raisecash.execution.rebalance import Rebalance
from raisecash.gates.gate import Names
from raisecash.gates.kinds import AnyGate
from raisecash.messages.spelling import suggest
from raisecash.plugins import use_project
from raisecash.sections import PLAIN, TABLE, Section, either

NonNegative = Annotated[float, Field(ge=0)]
Fraction = Annotated[float, Field(gt=-1, lt=1)]
CashYield = Annotated[Annotated[Fraction, Tag(PLAIN)] | Annotated[AnyFeed, Tag(TABLE)], Discriminator(either)]
Lots = Annotated[
    Annotated[NonNegative, Tag(PLAIN)] | Annotated[dict[str, NonNegative], Tag(TABLE)], Discriminator(either)
]


class Fallback(Section):
    """What stands in, as a whole, when a live source cannot be reached and nothing is cached."""

    assets: Feeds
    signals: Feeds = Field(default_factory=dict)
    cash_yield: CashYield = 0.0


class MarketTable(Section):
    """What happened: where prices, signals and events come from, and the window."""

    assets: Feeds
    signals: Feeds = Field(default_factory=dict)
    start: Day | None = None
    end: Day | None = None
    clock: str = "union"
    events: Annotated[str | None, PlainSerializer(lambda text: text and Path(text).name)] = None
    events_strict: bool = False
    fallback: Fallback | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.assets:
            raise ValueError("assets must name at least one asset and its feed")
        if self.start and self.end and self.start > self.end:
            raise ValueError(f"start must not be after end, got {self.start} and {self.end}")
        if self.clock != "union" and self.clock not in self.assets:
            raise ValueError(
                f'clock must be "union" or an asset, got {self.clock!r}; {suggest(self.clock, ["union", *self.assets])}'
            )
        return self


class StrictRebalance(Rebalance):
    """The config's `rebalance`, in which text is neither a number nor a truth value."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Execution(Section):
    """How it is traded: the account, its costs, its interest and the engine of record."""

    cash: float = Field(100_000.0, gt=0)
    commission: float = Field(0.0, ge=0, lt=1)
    slippage: float = Field(0.0, ge=0, lt=1)
    cash_yield: CashYield = 0.0
    lot: Lots = 0.0
    engine: Literal["backtrader", "ledger"] = "backtrader"
    rebalance: StrictRebalance = StrictRebalance()

    @property
    def costs(self) -> Costs:
        """What a trade costs."""
        return Costs(commission=self.commission, slippage=self.slippage)


class Entry(Section):
    """A strategy or a benchmark: its name in this study, its class and its parameters."""

    name: Name
    use: str = Field(min_length=1)
    params: dict[str, Any] = Field(default_factory=dict)


class Steps(Section):
    """A range of a parameter's values, both ends included."""

    low: float
    high: float
    step: float = Field(gt=0)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low must not be above high, got {self.low} and {self.high}")
        return self


Values = Annotated[
    Annotated[tuple[Any, ...], Field(strict=False, min_length=1), Tag(PLAIN)] | Annotated[Steps, Tag(TABLE)],
    Discriminator(either),
]


def _dotted(table: Any) -> Any:
    """Return a sweep's table with dotted names, `opens.fall`, where TOML made tables in tables of them."""
    if not isinstance(table, dict):
        return table
    flat: dict[str, Any] = {}
    for name, values in table.items():
        is_nested = isinstance(values, dict) and any(
            isinstance(each, dict | list) for each in values.values()
        )
        inner = _dotted(values) if is_nested else {}
        flat |= {f"{name}.{rest}": each for rest, each in inner.items()} if is_nested else {name: values}
    return flat


Sweep = Annotated[dict[str, Values], BeforeValidator(_dotted)]  # dotted names of parameters, what each may be


class Config(Section):
    """One study as its TOML file describes it.

    Attributes
    ----------
    path : Path
        The file it was read from; what is relative in it starts from the file's folder.
    strategies, benchmarks, gates
        The entries of `[[strategy]]`, `[[benchmark]]` and `[[gate]]`, in the file's order.
    """

    name: Title
    description: str = ""
    market: MarketTable
    execution: Execution = Execution()
    strategies: Annotated[tuple[Entry, ...], Field(alias="strategy", strict=False)] = ()
    benchmarks: Annotated[tuple[Entry, ...], Field(alias="benchmark", strict=False)] = ()
    sweep: dict[str, Sweep] = Field(default_factory=dict)
    gates: Annotated[tuple[AnyGate, ...], Field(alias="gate", strict=False)] = ()
    _path: Path = PrivateAttr(default_factory=Path)

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = list(_problems(self))
        if problems:
            raise ValueError("\n".join(problems))
        return self

    @property
    def path(self) -> Path:
        """The file this config was read from."""
        return self._path

    @property
    def base_dir(self) -> Path:
        """The folder that relative paths of this config start from."""
        return self._path.parent

    @property
    def events_path(self) -> Path | None:
        """The catalogue of dated events; None without one."""
        return self.base_dir / Path(self.market.events).expanduser() if self.market.events else None

    def resolved(self) -> dict[str, Any]:
        """Return everything the config says, defaults filled in, as values JSON can hold.

        Files appear by their names alone: the same study is the same document on every machine.
        """
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


def load_config(path: str | Path, overrides: Iterable[str] = ()) -> Config:
    """Return the config of a TOML file, with `KEY=VALUE` overrides laid over it.

    The root of the project that the file lies in is put on the path, so that its own strategies and
    feeds are found beside ours.

    Raises
    ------
    ConfigError
        Naming the file, the key, the rule and the value got; one line a problem.
    """
    path = Path(path)
    use_project(path.parent)
    overrides = tuple(overrides)
    table = with_overrides(read_toml(path), overrides, path=path)
    file = str(path) if not overrides else f"{path} (with {', '.join(f'--set {each}' for each in overrides)})"
    table = {"name": path.stem, **with_feeds(table, file=file, base_dir=path.parent)}
    try:
        config = Config.model_validate(table)
    except ValidationError as error:
        raise ConfigError(explain(file, Config, table, error)) from error
    config._path = path
    return config


def _problems(config: Config) -> Iterator[str]:
    """Yield what is wrong between the parts of a config that are each right."""
    if not config.strategies:
        yield 'needs at least one [[strategy]] with name = "..." and use = "..."'
    names = [entry.name for entry in (*config.strategies, *config.benchmarks)]
    for name in (name for name, count in Counter(names).items() if count > 1):
        yield f"name {name!r} is given to more than one strategy or benchmark; names must be unique: rename one"
    strategies = [entry.name for entry in config.strategies]
    benchmarks = [entry.name for entry in config.benchmarks]
    series = [*config.market.assets, *config.market.signals, "cash_yield"]
    known = Names(strategies=strategies, benchmarks=benchmarks, series=series)
    for number, gate in enumerate(config.gates, start=1):
        yield from (f"[[gate]] number {number}: {problem}" for problem in gate.problems(known))
    for name in config.sweep:
        if name not in strategies:
            yield f"[sweep.{name}]: no strategy {name!r}; {suggest(name, strategies)}"
    lots = config.execution.lot
    for asset in lots if isinstance(lots, dict) else ():
        if asset not in config.market.assets:
            yield f"[execution.lot]: no asset {asset!r}; {suggest(asset, config.market.assets)}"
