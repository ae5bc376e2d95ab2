"""A contract that the audit reads without the models is what the models make of it."""

from __future__ import annotations

import copy
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

import contract_plan
from poc2prod.audit.contract import plain
from poc2prod.ops.errors import ProjectError
from poc2prod.ops.kpi.document import UNKNOWN, Document, parse
from poc2prod.ops.kpi.loading import validate
from rendering import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from poc2prod.ops.kpi import KpiContract

WHOLE = ROOT / "tests/whole_contract.yaml"
BROKEN = yaml.safe_load((ROOT / "tests/broken_contracts.yaml").read_text("utf-8"))
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2.5, 1e300, float("inf"), float("nan"), 2**60),
    *("", " ", "\u00a0", "\n", "x\n", "tab\there", "\ud800", "unknown"),
    *("MQ-A\n", "MQ-\u0660", "\u0661.0.0", "1.0.0\n", "a@b.c", "a@b.c ", "a\u2028b@c.d"),
    *("2027-02-29", "2027-02-28", "2027-2-1", "\u0662027-02-28", "20270228"),
    *("P1W", "P1M2W3DT4H5M6S", "P99999D", "PT99999999S", "P0D", "P1M", "P1M\n"),
    *("PT", "P", "P1.5D", "-P1D", "P1Y", "P\u0661D"),
    *("gte", "draft", "availability", "latency", "a" * 64, "A" * 64),
    *([], {}, [1], ["MQ-1"], [[]]),
    *({"kind": "latency"}, {"kind": []}, {"extra": 1}, {1: 2}),
)


def data(text: str) -> dict[str, Any]:
    return parse(Path("kpi-contract.yaml"), text.encode()).data


SOUND = data(WHOLE.read_text("utf-8"))
"""A contract that has every key."""


def modelled(said: dict[str, Any]) -> KpiContract | None:
    """Return what the models make of a document; None if they refuse it."""
    try:
        return validate(Document(Path("kpi-contract.yaml"), said, yaml.MappingNode("", [])))
    except ProjectError:
        return None


def same(model: Any, read: Any) -> bool:
    """Tell whether all values are the same and of the same type."""
    if isinstance(model, BaseModel):
        names = [*type(model).model_fields]
        names += [name for name, each in vars(type(model)).items() if isinstance(each, property)]
        return model.model_fields_set == read.model_fields_set and all(
            same(getattr(model, name), getattr(read, name)) for name in names
        )
    if isinstance(model, tuple):
        return len(model) == len(read) and all(map(same, model, read))
    return type(model) is type(read) and bool(model == read)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(each, (*at, key))


@contextmanager
def edited(place: tuple[Any, ...]) -> Iterator[Callable[[Any], bool]]:
    """Provide what judges the sound contract with another value at a place."""
    around: Any = SOUND
    for step in place[:-1]:
        around = around[step]
    before = around[place[-1]]

    def judge(value: Any) -> bool:
        around[place[-1]] = value
        return agrees(SOUND)

    try:
        yield judge
    finally:
        around[place[-1]] = before


PLACES = list(places(SOUND))


def agrees(said: dict[str, Any]) -> bool:
    """Require that what is certain is valid and the same; tell whether it was certain."""
    read = plain.read(said)
    if read is None:
        return False
    model = modelled(said)
    assert model is not None
    assert same(model, read)
    return True


def test_the_plan_is_what_the_models_say() -> None:
    assert plain.PLAN.read_text("utf-8") == contract_plan.page(), "make ownership"


def test_a_sound_contract_is_certain_to_the_last_key() -> None:
    assert agrees(SOUND)


@pytest.mark.parametrize("name", BROKEN)
def test_no_broken_contract_is_certain(name: str) -> None:
    """What breaks a rule alone has the right shape."""
    case = BROKEN[name]
    text = WHOLE.read_text("utf-8").replace(case["old"], case["new"], 1)
    with suppress(ProjectError):  # it is no YAML, so there is nothing to read
        agrees(data(text))


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_no_value_is_certain_that_the_models_refuse(place: tuple[Any, ...]) -> None:
    with edited(place) as judge:
        for value in ODD:
            judge(value)


@pytest.mark.parametrize("place", [place for place in PLACES if isinstance(place[-1], str)])
def test_no_key_is_taken_for_granted(place: tuple[Any, ...]) -> None:
    around: Any = SOUND
    for step in place[:-1]:
        around = around[step]
    with edited(place[:-1]) if place[1:] else nullcontext(agrees) as judge:
        judge({key: value for key, value in around.items() if key != place[-1]})


@given(st.sampled_from(PLACES), st.sampled_from(PLACES))
def test_values_from_elsewhere_are_judged_alike(place: Any, other: Any) -> None:
    """Every value of a contract is wrong in some places and as good in others."""
    value: Any = SOUND
    for step in other:
        value = value[step]
    with edited(place) as judge:
        judge(copy.deepcopy(value))


def test_each_kind_of_value_is_certain_somewhere() -> None:
    """The reader is of use: what people write is certain."""
    for value in ("P30D", 3, "a word", UNKNOWN):
        found = []
        for place in PLACES:
            with edited(place) as judge:
                found.append(judge(value))
        assert any(found), value
