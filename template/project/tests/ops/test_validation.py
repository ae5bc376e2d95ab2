# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Rows keep to the data contract or are named, and so do whole tables."""

import dataclasses
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from package import load

columns = load("ops.columns")
Column = columns.Column
contracts = load("ops.contract")
Quality = load("ops.data.quality").Quality
ProjectError = load("ops.errors").ProjectError
rows = load("ops.rows")
tables = load("ops.data.tables")
validation = load("ops.data.validation")
units = load("ops.data.units")

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def declared(*inputs, **more):
    """A contract of some inputs."""
    target = Column(name="y", kind="boolean")
    time = Column(name="time", kind="timestamp")
    facts = {"entity": None, "time": time, "context": (), **more}
    return contracts.DataContract(inputs=inputs, target=target, problem="binary", **facts)


@pytest.mark.parametrize(
    ("column", "good", "bad", "rule"),
    [
        ({"kind": "number", "exclusive_minimum": 0}, 0.1, 0.0, "a value of 0 or below"),
        ({"kind": "number", "exclusive_maximum": 5}, 4.9, 5.0, "a value of 5 or above"),
        ({"kind": "integer", "values": (1, 2)}, 2, 3, "a value other than 1, 2"),
        ({"kind": "string", "min_length": 2}, "äö", "ä", "less than 2 characters"),
        ({"kind": "string", "max_length": 2}, "äö", "äöü", "more than 2 characters"),
        ({"kind": "string", "pattern": "^[a-z]+$"}, "ab", "a1", r"no match of \^\[a-z\]\+\$"),
        ({"kind": "timestamp", "earliest": NOON}, NOON, NOON - timedelta(seconds=1), "time before"),
        ({"kind": "timestamp", "latest": NOON}, NOON, NOON + timedelta(seconds=1), "time after"),
        ({"kind": "string", "unique": True}, "b", "a", "a value that is there before"),
    ],
)
def test_each_rule_is_kept_or_named(column, good, bad, rule):
    column = Column(name="c", **column)
    first = "a" if column.unique else good
    assert validation.accept(pl.DataFrame({"c": [first, good]}), [column], "t").height == 2
    with pytest.raises(ProjectError, match=f"column c has .*{rule}.* in 1 rows, first in row 2"):
        validation.accept(pl.DataFrame({"c": [first, bad]}), [column], "t")


def test_a_value_of_a_person_is_in_no_message(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where settings let messages quote
    load("ops.settings").settings.cache_clear()
    told = Column(name="c", kind="string", pattern="^[a-z]+$")
    of_a_person = columns.Personal(category="identifier", treatment="drop")
    hidden = told.model_copy(update={"personal": of_a_person})
    frame = pl.DataFrame({"c": ["CANARY 1"]})
    for column, shown in ((told, True), (hidden, False)):
        with pytest.raises(ProjectError) as error:
            validation.accept(frame, [column], "t")
        assert ("CANARY" in str(error.value)) is shown
        assert "row 1" in str(error.value)
    number = hidden.model_copy(update={"kind": "number", "pattern": None})
    with pytest.raises(ProjectError) as error:
        validation.accept(frame, [number], "t")
    assert "CANARY" not in str(error.value)


def test_of_rows_with_one_key_the_first_good_one_stays():
    keyed = [
        Column(name="a", kind="string", required=True, key=1),
        Column(name="b", kind="integer", required=True, key=2),
        Column(name="x", kind="number", minimum=0),
    ]
    frame = pl.DataFrame(
        {"a": ["p", "p", "p", "q", None], "b": [1, 1, 1, 1, 1], "x": [-1.0, 2.0, 3.0, 4.0, 5.0]}
    )
    verdict = validation.validate(frame, keyed)
    assert verdict.good.to_list() == [False, True, False, True, False]
    assert verdict.reasons().to_list() == [
        "x: a value below 0",
        "a: a primary key (a, b) that is there before",
        "a: a missing value",
    ]
    assert sum(verdict.counts().values()) == 3


def test_a_row_has_all_its_reasons_and_a_nan_one():
    ranged = [
        Column(name="x", kind="number", minimum=0, maximum=9),
        Column(name="s", kind="string", values=("a; b",), required=True),
    ]
    frame = pl.DataFrame({"x": [float("nan"), 10.0], "s": [None, "c"]})
    assert validation.validate(frame, ranged).reasons().to_list() == [
        "x: a number that is not finite; s: a missing value",
        "x: a value above 9; s: a value other than a, b",
    ]


def test_the_environment_cannot_switch_it_off(monkeypatch):
    config = pytest.importorskip("pandera.config")
    monkeypatch.setattr(config.CONFIG, "validation_enabled", False)
    monkeypatch.setattr(config.CONFIG, "validation_depth", config.ValidationDepth.SCHEMA_ONLY)
    column = Column(name="c", kind="number", minimum=0)
    assert not validation.validate(pl.DataFrame({"c": [-1.0]}), [column]).good[0]


BOUNDED = [
    Column(name="c", kind="number", minimum=-1, exclusive_maximum=1e9, required=True),
    Column(name="c", kind="number", exclusive_minimum=0),
    Column(name="c", kind="integer", minimum=-5, maximum=5, required=True),
    Column(name="c", kind="integer", values=(1, 3)),
    Column(name="c", kind="boolean"),
    Column(name="c", kind="string", values=("a", "b c"), required=True),
    Column(name="c", kind="string", min_length=1, max_length=3, pattern="^[a-zé]*$"),
]
VALUES = {
    "number": st.none() | st.floats() | st.sampled_from([-1.0, 0.0, 1e9, 3e38, 3.1e38]),
    "integer": st.none() | st.integers(-8, 8),
    "boolean": st.none() | st.booleans(),
    "string": st.none() | st.sampled_from(["a", "b c", "é", "éé", "abcd", "A", ""]) | st.text(),
}


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(BOUNDED), st.data())
def test_the_service_and_the_table_refuse_the_same(column, data):
    value = data.draw(VALUES[column.kind])
    frame = pl.DataFrame({"c": [value]}, schema={"c": load("ops.table").TYPES[column.kind]})
    reader = rows.RowReader((column,), max_rows=1)
    try:
        reader._rows.validate_python([{"c": value}])
        accepted = True
    except ValueError:
        accepted = False
    assert validation.validate(frame, [column]).good[0] is accepted


def quality(metric, comparison, *limit, of=("x",), percent=False, **more):
    return Quality(metric, of, percent, comparison, limit, **more)


TABLE = pl.DataFrame({"x": [1.0, None, 3.0, 3.0], "s": ["a", "b", "c", None]})


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        (quality("nullValues", "mustBeLessThan", 25, percent=True), False),
        (quality("nullValues", "mustBeLessOrEqualTo", 25, percent=True), True),
        (quality("missingValues", "mustBe", 1), True),
        (quality("missingValues", "mustNotBe", 1), False),
        (quality("duplicateValues", "mustBe", 1), True),
        (quality("duplicateValues", "mustBeLessThan", 1), False),
        (quality("duplicateValues", "mustBe", 0, of=("x", "s")), True),
        (quality("invalidValues", "mustBeLessThan", 2, of=("s",), values=("a", "b")), True),
        (quality("invalidValues", "mustBeLessThan", 1, of=("s",), values=("a", "b")), False),
        (quality("invalidValues", "mustBeGreaterThan", 1, of=("s",), pattern="^[ab]$"), False),
        (quality("rowCount", "mustBeGreaterOrEqualTo", 4, of=()), True),
        (quality("rowCount", "mustBeBetween", 5, 9, of=()), False),
        (quality("rowCount", "mustNotBeBetween", 5, 9, of=()), True),
    ],
)
def test_a_rule_of_a_table_is_kept_or_named(rule, kept):
    contract = dataclasses.replace(declared(), quality=(rule,), time=None)
    broken = tables.broken(TABLE, contract)
    assert broken == tables.broken(TABLE.lazy(), contract)
    assert bool(broken) is not kept
    if broken:
        assert broken[0].startswith(rule.said)
        with pytest.raises(ProjectError, match=r"^t: .* and there are"):
            tables.refuse(TABLE, contract, "t")


def test_the_newest_row_may_not_be_too_old():
    contract = declared(freshness=timedelta(days=2))
    assert tables.stale(NOON, contract, NOON + timedelta(days=2)) is None
    assert "at most 2 days old: it is 3, of 2026-06-01T12:00Z" in tables.stale(
        NOON, contract, NOON + timedelta(days=3)
    )
    assert "there is none" in tables.stale(None, contract, NOON)
    assert tables.stale(None, declared(), NOON) is None


@pytest.mark.parametrize(
    ("sent", "wanted", "value", "expected"),
    [
        ("degF", "degC", 212, 100),
        ("psi", "bar", 14.503773773, 1),
        ("gpm", "m3/h", 4.402867539, 1),
        ("in/s", "mm/s", 1, 25.4),
        ("rpm", "1/min", 1480, 1480),
        ("Hz", "1/min", 1, 60),
        ("l/min", "ml/h", 1, 60_000),
        ("m³/s", "m^3/h", 1, 3600),
        ("kg.m/s2", "N", 1, 1),
        ("%", "1", 5, 0.05),
        ("delta_degF", "delta_degC", 9, 5),
        ("EUR", "EUR", 5, 5),
    ],
)
def test_units_are_converted(sent, wanted, value, expected):
    scale, offset = units.affine(sent, wanted)
    assert value * scale + offset == pytest.approx(expected)


@pytest.mark.parametrize(
    ("sent", "wanted", "expected"),
    [
        ("bar", "degC", "different things"),
        ("dBm", "W", "no straight line"),
        ("rad/s", "1/min", "is a turn 1 or 2 pi"),
        ("EUR", "USD", "'EUR' is no unit that is known"),
        ("9**9**9", "m", "no unit that is known"),
        ("__import__('os')", "m", "no unit that is known"),
    ],
)
def test_units_that_cannot_be_converted_are_named(sent, wanted, expected):
    with pytest.raises(ValueError, match=expected):
        units.affine(sent, wanted)
