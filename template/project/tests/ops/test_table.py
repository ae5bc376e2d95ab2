# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""A table is what the contract says it is, or the place where it is not is named."""

import math

import polars as pl
import pytest
from package import load

Column = load("ops.columns").Column
ProjectError = load("ops.errors").ProjectError
table = load("ops.table")
validation = load("ops.data.validation")


@pytest.mark.parametrize(
    ("column", "good", "bad", "rule"),
    [
        ({"kind": "number", "required": True}, 1.0, None, "a missing value"),
        ({"kind": "number"}, 1.0, math.nan, "not finite"),
        ({"kind": "number"}, 1.0, math.inf, "not finite"),
        ({"kind": "number"}, 3e38, 3.1e38, "too large"),
        ({"kind": "number", "minimum": 0}, 0.0, -0.1, "below 0"),
        ({"kind": "number", "maximum": 5}, 5.0, 5.1, "above 5"),
        ({"kind": "string", "values": ("L", "M")}, "L", "X", "other than L, M"),
    ],
)
def test_a_bound_passes_and_what_breaks_it_is_named(column, good, bad, rule):
    column = Column(name="c", **column)
    validation.accept(pl.DataFrame({"c": [good]}), [column], "t.csv")
    with pytest.raises(ProjectError, match=rf"column c has .*{rule}.* in 1 rows, first in row 2"):
        validation.accept(pl.DataFrame({"c": [good, bad]}), [column], "t.csv")


@pytest.mark.parametrize(
    ("kind", "text"),
    [("number", "12,5"), ("integer", "1.5x"), ("boolean", "maybe"), ("timestamp", "soon")],
)
def test_a_value_that_cannot_be_cast_is_no_gap(kind, text):
    frame, column = pl.DataFrame({"c": [None, text]}), Column(name="c", kind=kind)
    with pytest.raises(ProjectError, match=f"no {kind} in 1 rows, first in row 2, '{text}'"):
        validation.accept(frame, [column], "t.csv")


def test_a_time_zone_is_converted_not_renamed():
    noon = pl.Series("t", ["2024-01-01T12:00:00+02:00"]).str.to_datetime(time_zone="Asia/Kolkata")
    frame, unread = table.cast(pl.DataFrame([noon]), [Column(name="t", kind="timestamp")])
    assert frame["t"][0].hour == 10
    assert not unread
