# Managed by poc2prod; extend in data-contract.yaml.
"""Measures the columns of a table in bounded memory: missing values, range, distribution.

Of a column that is personal, only how many values are missing.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import polars as pl

from ...columns import Column
from ...contract import DataContract
from ...quoting import quotable

FINE, BARS = 400, 40  # steps for quantiles, and bars of a picture
MOST = 12  # sources, or values of a text, that are told apart


@dataclass(frozen=True)
class Spread:
    """Where the values of one source lie: 5 %, 50 % and 95 % of them are below."""

    source: str
    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Profile:
    """A column as it is.

    Attributes:
        rows: of the table.
        nulls: how many of them have no value.
        low: the least value; of a timestamp in seconds since 1970.
        high: the greatest.
        bars: how many values are in each of BARS equal steps from low to high.
        values: how often each value is there, the commonest first; of text with few of them.
        distinct: about how many different values of a text there are.
        spreads: of each source, the largest first.
    """

    column: Column
    rows: int
    nulls: int
    low: float | None = None
    high: float | None = None
    bars: tuple[int, ...] = ()
    values: Mapping[str, int] = field(default_factory=dict)
    distinct: int | None = None
    spreads: tuple[Spread, ...] = ()

    @property
    def share(self) -> float:
        """Of the rows, how many have no value."""
        return self.nulls / self.rows if self.rows else 0.0


def profiles(frame: pl.LazyFrame, contract: DataContract) -> Iterator[Profile]:
    """Measure each column of a table that keeps to the contract."""
    columns = contract.columns
    facts = frame.select(
        pl.len().alias("rows"), *(fact for column in columns for fact in _facts(column))
    )
    found = facts.collect(engine="streaming").row(0, named=True)
    for column in columns:
        yield _profile(frame, contract, column, found)


def newest(profiled: list[Profile], contract: DataContract) -> datetime | None:
    """The newest time of the rows."""
    for each in profiled:
        if each.column == contract.time and each.high is not None:
            return datetime.fromtimestamp(each.high, UTC)
    return None


def _facts(column: Column) -> Iterator[pl.Expr]:
    value, name = pl.col(column.name), column.name
    yield value.null_count().alias(f"nulls of {name}")
    if column.is_personal:
        return
    if column.kind == "string":
        yield value.approx_n_unique().alias(f"distinct of {name}")
    elif column.kind != "boolean":
        number = _number(column)
        yield number.min().alias(f"low of {name}")
        yield number.max().alias(f"high of {name}")


def _number(column: Column) -> pl.Expr:
    """The column as a number; a time in seconds."""
    value = pl.col(column.name)
    if column.kind == "timestamp":
        return value.dt.epoch("us").cast(pl.Float64) / 1e6
    return value.cast(pl.Float64)


def _profile(
    frame: pl.LazyFrame, contract: DataContract, column: Column, found: Mapping[str, Any]
) -> Profile:
    name = column.name
    plain = Profile(column, found["rows"], found[f"nulls of {name}"])
    if column.is_personal:
        return plain
    if column.kind in ("string", "boolean"):
        distinct = found.get(f"distinct of {name}", 2)
        values = _values(frame, name) if distinct <= 2 * MOST else {}
        distinct = len(values) if values else distinct
        quoted = column.kind == "boolean" or column.values or quotable([column])
        few = values if len(values) <= MOST and quoted else {}
        return Profile(column, plain.rows, plain.nulls, values=few, distinct=distinct)
    low, high = found[f"low of {name}"], found[f"high of {name}"]
    if low is None or not math.isfinite(high - low) or not _shown(column, low, high):
        return plain
    counts = _counts(frame, contract, column, low, high)
    total: Counter[int] = Counter()
    for steps in counts.values():
        total.update(steps)
    bars = [0] * BARS
    for step, rows in total.items():
        bars[step * BARS // FINE] += rows
    spreads = []
    if column.kind in ("number", "integer"):
        largest = sorted(counts, key=lambda source: (-counts[source].total(), source))
        width = (high - low) / FINE
        for source in [each for each in largest if each][:MOST]:
            cuts = (_quantile(counts[source], share) for share in (0.05, 0.5, 0.95))
            spreads.append(Spread(source, *(low + width * cut for cut in cuts)))
    return Profile(column, plain.rows, plain.nulls, low, high, tuple(bars), spreads=tuple(spreads))


def _values(frame: pl.LazyFrame, name: str) -> dict[str, int]:
    text = pl.col(name).cast(pl.String).alias("value")
    counted = frame.select(text).drop_nulls().group_by("value").len().collect(engine="streaming")
    rows = sorted(counted.iter_rows(), key=lambda row: (-row[1], row[0]))
    return dict(rows)


def _counts(
    frame: pl.LazyFrame, contract: DataContract, column: Column, low: float, high: float
) -> dict[str, Counter[int]]:
    """How many values of each source are in each of FINE steps."""
    source = contract.source
    named = source is not None and not source.is_personal
    by = pl.col(source.name) if source is not None and named else pl.lit("")
    step = (_number(column) - low) / ((high - low) or 1.0) * FINE
    grouped = (
        frame.select(
            by.fill_null("").alias("source"),
            step.floor().clip(0, FINE - 1).cast(pl.Int32).alias("step"),
        )
        .drop_nulls("step")
        .group_by("source", "step")
        .len()
        .collect(engine="streaming")
    )
    counts: dict[str, Counter[int]] = {}
    for name, number, rows in grouped.iter_rows():
        counts.setdefault(name, Counter())[number] += rows
    return counts


def _quantile(counts: Counter[int], share: float) -> float:
    """The step below which so many of the values are, from 0 to FINE."""
    wanted, seen = share * counts.total(), 0
    for step in sorted(counts):
        if seen + counts[step] >= wanted:
            return step + (wanted - seen) / counts[step]
        seen += counts[step]
    return float(FINE)


def _shown(column: Column, low: float, high: float) -> bool:
    """Whether Python has dates for these times."""
    return column.kind != "timestamp" or (low > -6e10 and high < 2.5e11)
