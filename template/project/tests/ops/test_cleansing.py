# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Rows are brought to the standard; what that changes is counted, and nothing is lost."""

import dataclasses
from datetime import timedelta

import polars as pl
import pytest
from package import load
from test_validation import NOON, declared

columns = load("ops.columns")
Column, Calibration = columns.Column, columns.Calibration
preparing = load("ops.data.preparing")

SOURCE = Column(name="plant", kind="string", required=True)
HEAT = Column(
    name="t",
    kind="number",
    unit="degC",
    maximum=200,
    missing=("n/a", "-999"),
    calibration=(
        Calibration(source="B", unit="degF"),
        Calibration(source="C", scale=0.5, offset=1),
        Calibration(source="D", unit="degF", scale=2.0, offset=-1),
    ),
)
CONTRACT = declared(HEAT, context=(SOURCE,), source=SOURCE)


def table(**values):
    height = len(next(iter(values.values())))
    rest = {"plant": ["A"] * height, "time": [NOON] * height, "y": [True] * height}
    return pl.DataFrame({"t": [1.0] * height, **rest, **values})


def test_each_source_is_corrected_in_its_own_way():
    done = preparing.prepare(
        table(plant=["A", "B", "C", "D", "B"], t=[10.0, 50.0, 8.0, 50.0, None]), CONTRACT
    )
    assert done.valid["t"].to_list() == pytest.approx([10, 10, 5, 19, None])
    assert done.counts == {
        "t: converted from degF for B": 1,
        "t: calibrated for C": 1,
        "t: converted from degF and calibrated for D": 1,
    }


def test_it_is_the_corrected_value_that_is_judged_and_the_sent_one_that_is_kept():
    frame = table(plant=["B", "B"], t=["300", "500"])
    done = preparing.prepare(frame, CONTRACT)
    assert done.valid["t"].to_list() == pytest.approx([148.888889])
    assert done.rejected.rows(named=True) == [
        {**frame.row(1, named=True), "rejected_because": "t: a value above 200"}
    ]


def test_space_and_words_for_a_missing_value_are_cleaned_up():
    done = preparing.prepare(
        table(plant=["A", " B", "C ", "A", "A"], t=[" 5", "n/a", " ", "-999", None]), CONTRACT
    )
    assert done.valid["plant"].to_list() == ["A", "B", "C", "A", "A"]
    assert done.valid["t"].to_list() == [5, None, None, None, None]
    assert done.counts == {
        "t: space removed": 2,
        "t: 'n/a' is missing": 1,
        "t: '-999' is missing": 1,
        "plant: space removed": 2,
    }
    numbers = preparing.prepare(table(t=[-999.0, 5.0]), CONTRACT)
    assert numbers.valid["t"].to_list() == [None, 5.0]


def test_what_cannot_be_read_is_kept_as_it_was_read():
    done = preparing.prepare(table(t=["hot", "5"], y=["perhaps", "1"]), CONTRACT)
    assert done.valid["t"].to_list() == [5]
    assert done.rejected["t"].to_list() == ["hot"]
    said = "t: a value that is no number; y: a value that is no boolean"
    assert done.rejected["rejected_because"].to_list() == [said]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", ["7", "7.0", "7.5", "1e400"], [7, 7, None, None]),
        ("integer", [7.0, 7.5, float("inf"), 1e300], [7, None, None, None]),
        ("boolean", ["TRUE", "0", "yes"], [True, False, None]),
        ("boolean", [1, 0, 2], [True, False, None]),
        (
            "timestamp",
            ["2026-06-01T14:00:00+02:00", "2026-06-01 12:00", "01/06/2026 12:00:00", "noon"],
            [NOON, NOON, NOON, None],
        ),
        ("timestamp", ["noon", "2026-06-01T12:00:00Z"], [None, NOON]),
        ("timestamp", [12, 13], [None, None]),
        ("string", [1, 2], ["1", "2"]),
    ],
)
def test_a_value_becomes_what_it_says_or_nothing(kind, text, value):
    column = Column(name="c", kind=kind)
    frame, unread = load("ops.table").cast(pl.DataFrame({"c": text}), [column])
    assert frame["c"].to_list() == value
    missing = [each is None for each in value]
    assert unread["c"].to_list() == missing if any(missing) else not unread


KEYED = dataclasses.replace(
    CONTRACT,
    context=(SOURCE.model_copy(update={"key": 1}),),
    time=Column(name="time", kind="timestamp", required=True, key=2),
    latency=timedelta(days=1),
)


def test_a_row_that_is_there_twice_is_there_once_and_another_of_its_key_is_rejected():
    frame = table(t=[5.0, 5.0, 6.0, -999.0, None], plant=["A", "A", "A", "B", "B"])
    done = preparing.prepare(frame, KEYED)
    assert done.valid["t"].to_list() == [5, None]
    assert done.rejected["t"].to_list() == [6]
    assert done.counts["rows that were there twice"] == 2
    assert preparing.prepare(frame, CONTRACT).valid.height == 5  # nobody said that it is a mistake
    unread = preparing.prepare(table(t=["hot", "cold"], plant=["A", "A"]), KEYED)
    assert unread.rejected["t"].to_list() == ["hot", "cold"]  # alike only once they are cast


def test_a_row_that_comes_too_late_or_from_the_future_is_rejected():
    hours = [0, 24, 25, 48]
    frame = table(time=[NOON - timedelta(hours=h) for h in hours], plant=list("ABCD"))
    done = preparing.prepare(frame, KEYED, newest=NOON, now=NOON - timedelta(hours=1))
    assert done.valid["plant"].to_list() == ["B"]
    assert done.rejected["rejected_because"].to_list() == [
        "time: a time in the future",
        *["time: a time that comes more than 1 days late"] * 2,
    ]
    assert preparing.prepare(frame, KEYED).rejected.is_empty()


def test_batches_of_any_size_give_the_same_rows():
    plants, heat = list("ABCDABCDX"), ["10", "n/a", "8", "hot", "300", "50", "", "1e9", "5"]
    frame = table(t=heat, plant=plants, time=["2026-06-01", "1/6/2026", "soon"] * 3)
    whole = preparing.prepare(frame, CONTRACT)
    parts = [preparing.prepare(frame[i : i + 1], CONTRACT) for i in range(9)]
    assert pl.concat(part.valid for part in parts).equals(whole.valid)
    assert pl.concat(part.rejected for part in parts).equals(whole.rejected)
    assert whole.valid.height + whole.rejected.height == 9
    assert whole.rejected.height > 1
