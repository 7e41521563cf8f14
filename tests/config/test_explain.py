"""What is wrong with a table of keys, in one kind of words whoever's table it is."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError

from raisecash.messages.explain import Keys, Words, explain


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Fall(Table):
    kind: Literal["fall"] = "fall"
    depth: float = Field(0.1, ge=0, le=1)


class Rise(Table):
    kind: Literal["rise"] = "rise"
    height: float


class Whole(Table):
    part: Fall | None = None
    either: Annotated[Fall | Rise, Discriminator("kind")] = Fall()
    bound: Annotated[
        Annotated[float, Tag("{value}")] | Annotated[Fall, Tag("{table}")],
        Discriminator(lambda value: "{table}" if isinstance(value, dict) else "{value}"),
    ] = 0.0
    written_so: int = Field(3, alias="writtenSo")
    many: dict[Annotated[str, Field(max_length=3)], dict[str, int]] = {}
    rows: list[Rise] = []


class Spoken(Words):
    def place(self, keys: Keys) -> str:
        return ".".join(map(str, keys)) or "all"

    def unknown(self, parents: Keys, key: str) -> str:
        return f"no {key!r} in {self.place(parents)}"

    def missing(self, parents: Keys, key: str) -> str:
        return f"{self.place(parents)} needs {key!r}"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"part": {"depth": 2.0}}, "part.depth must be less than or equal to 1, got 2.0"),
    ({"part": {"depht": 1.0}}, "no 'depht' in part; did you mean 'depth'?"),
    ({"part": 3}, "part must be a table of keys and values, got 3"),
    ({"part": True}, "part must be a table of keys and values, got true"),
    ({"either": {"kind": "rise", "hight": 1.0}}, "no 'hight' in either; did you mean 'height'?"),
    ({"either": {"kind": "rise", "height": "x"}}, "either.height must be a number, got 'x'"),
    ({"either": {"kind": "rise"}}, "either needs 'height'"),
    ({"either": {"kind": "drop"}}, "either.kind must be one of 'fall', 'rise', got 'drop'"),
    ({"either": {}}, "either needs 'kind'"),
    ({"bound": "x"}, "bound must be a number, got 'x'"),
    ({"bound": {"depth": -1.0}}, "bound.depth must be greater than or equal to 0, got -1.0"),
    ({"writenSo": 1}, "no 'writenSo' in all; did you mean 'writtenSo'?"),
    ({"writtenSo": 1.5}, "writtenSo must be a whole number, got 1.5"),
    ({"many": {"long": {}}}, "many.long must have at most 3 characters, got 'long'"),
    ({"many": {"a": {"b": "c"}}}, "many.a.b must be a whole number, got 'c'"),
    ({"rows": [{"height": 1.0}, {"height": False}]}, "rows.1.height must be a number, got false"),
    ({"rows": "x" * 100}, "rows must be a list, got '" + "x" * 76 + "..."),
]


@pytest.mark.parametrize(("table", "said"), WRONG, ids=lambda given: given if isinstance(given, str) else "")
def test_a_problem_names_the_key_as_it_is_written_the_rule_and_the_value(
    table: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        Whole.model_validate(table)
    lines = explain(caught.value, Whole, Spoken())
    missing = [
        line for line in lines if "needs 'height'" in line and line != said
    ]  # told beside an unknown key
    assert [line for line in lines if line not in missing] == [said]


def test_a_parameter_of_a_part_is_told_by_its_dotted_name() -> None:
    from raisecash.errors import ParameterError
    from strategies.k3_view import K3View

    with pytest.raises(ParameterError) as caught:
        K3View(opens={"fall": "much"}, watch={"glide_day": 3})
    lines = str(caught.value).splitlines()
    assert any(line.startswith("K3View.opens.fall must be a number, got 'much'") for line in lines)
    assert any(line.startswith("K3View.watch has no parameter 'glide_day'; did you mean") for line in lines)
