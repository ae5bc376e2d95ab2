# Managed by poc2prod; extend in data-contract.yaml, which infer proposes.
"""What a column's values are: how many, how often, from where to where."""

import math
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from ... import table
from ...columns import LARGEST_INTEGER, Column, Kind
from .spelling import Spelling

MOST_VALUES = 50
"""Of an enumeration."""


@dataclass(frozen=True)
class Facts:
    """What is known of a column.

    Attributes:
        values: as the contract's type, shape (rows,).
        nulls: rows without a value.
        counts: how often each value is there, the commonest first; empty if there are many.
        low: the smallest number or time.
        high: the largest.
        remarks: what a person should know.
    """

    name: str
    kind: Kind
    values: pl.Series
    nulls: int
    distinct: int
    counts: dict[Any, int] = field(default_factory=dict)
    low: Any = None
    high: Any = None
    remarks: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Rows with a value."""
        return len(self.values) - self.nulls

    @property
    def null_share(self) -> float:
        """Share of the rows without a value."""
        return self.nulls / max(len(self.values), 1)

    @property
    def unique_share(self) -> float:
        """Of the rows with a value, how many differ."""
        return self.distinct / max(self.rows, 1)

    @property
    def example(self) -> Any:
        """A usual value: the middle one of numbers, the commonest of others."""
        if self.kind in ("number", "integer") and self.rows:
            middle = self.values.drop_nulls().sort()[self.rows // 2]
            return middle if self.kind == "integer" else float(f"{middle:.6g}")
        return next(iter(self.counts), None)


def kind_of(dtype: pl.DataType) -> Kind | None:
    """The contract's type for a column of Parquet or a database; None: it has none."""
    if dtype.is_integer():
        return "integer"
    if dtype.is_float() or dtype.is_decimal():
        return "number"
    if dtype == pl.Boolean:
        return "boolean"
    if isinstance(dtype, pl.Date | pl.Datetime):
        return "timestamp"
    if isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        return "string"
    return None


def facts(column: pl.Series, spelling: Spelling | None) -> Facts | None:
    """Look at a column; None where it is of a type that no contract has, or has no value.

    Args:
        column: as sources.py reads it.
        spelling: of a column of text.
    """
    kind = spelling.kind if spelling else kind_of(column.dtype)
    remarks = spelling.remarks if spelling else ()
    if kind is None or column.null_count() == len(column):
        return None
    if column.dtype.is_integer() and _beyond(column):
        kind, remarks = "string", (*remarks, "integers above 2**53: kept as text")
    named = Column(name=column.name, kind=kind)
    values = table.cast(column.to_frame(), [named])[0][column.name]
    if kind == "number":
        values = values.set(~values.is_finite().fill_null(True), None)
    distinct = values.drop_nulls().n_unique()
    low, high = (
        (values.min(), values.max()) if kind in ("number", "integer", "timestamp") else (None,) * 2
    )
    counts = {}
    if distinct <= 4 * MOST_VALUES:
        found = values.drop_nulls().value_counts(sort=True, name="rows of this value")
        counts = dict(sorted(found.iter_rows(), key=lambda item: (-item[1], str(item[0]))))
    return Facts(
        column.name, kind, values, values.null_count(), distinct, counts, low, high, remarks
    )


def around(found: Facts) -> tuple[float, float]:
    """The range of a number, with a tenth of it to spare on both sides.

    What was never negative stays so, and a share stays one.
    """
    low, high = float(found.low), float(found.high)
    spare = (high - low) / 10 or abs(high) / 10 or 1.0
    least, most = _rounded(low - spare, spare, math.floor), _rounded(high + spare, spare, math.ceil)
    if low >= 0:
        least = max(least, 0.0)
    if high <= 0:
        most = min(most, 0.0)
    if low >= 0 and high <= 1:
        most = min(most, 1.0)
    if found.kind == "integer":
        return max(math.floor(least), -LARGEST_INTEGER), min(math.ceil(most), LARGEST_INTEGER)
    return least, most


def _rounded(value: float, spare: float, rounding: Any) -> float:
    """Round outwards, to a tenth of what is to spare."""
    digits = 1 - math.floor(math.log10(spare))
    scaled = rounding(value * 10.0**digits) / 10.0**digits if abs(digits) < 300 else value
    return round(scaled, digits) if math.isfinite(scaled) else value


def _beyond(column: pl.Series) -> bool:
    low, high = column.min(), column.max()
    return int(str(high)) > LARGEST_INTEGER or int(str(low)) < -LARGEST_INTEGER
