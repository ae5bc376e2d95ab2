# Managed by poc2prod; extend in data-contract.yaml.
"""Brings rows to what the data contract calls standard, and counts what that changes.

In this order: space around text goes; what stands for a missing value becomes one; values are
cast; units are converted and sensors calibrated, by the source of the row; a row that is there
twice is there once, where the contract has a primary key.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from .. import table
from ..columns import Calibration, Column
from ..contract import DataContract


@dataclass(frozen=True)
class Cleansed:
    """Rows after cleansing.

    Attributes:
        raw: the rows as they were read, shape (rows, columns).
        frame: the same rows, cast and cleansed.
        unread: for each column with values that could not be cast, which rows have one.
        counts: how many rows each rule changed or took out.
    """

    raw: pl.DataFrame
    frame: pl.DataFrame
    unread: dict[str, pl.Series]
    counts: dict[str, int] = field(default_factory=dict)


def standard(raw: pl.DataFrame, contract: DataContract) -> Cleansed:
    """Cast and cleanse rows, each by itself, so that none is taken out."""
    counts: dict[str, int] = {}
    tidy = _tidy(raw, contract.columns, counts)
    frame, unread = table.cast(tidy, contract.columns)
    frame = _calibrated(frame, contract, counts)
    return Cleansed(raw, frame, dict(unread), counts)


def _tidy(frame: pl.DataFrame, columns: Sequence[Column], counts: dict[str, int]) -> pl.DataFrame:
    """Take space off text, and out what stands for a missing value."""
    found = {}
    for column in columns:
        before = after = frame[column.name]
        if before.dtype == pl.String:
            after = before.str.strip_chars()
            _count(counts, f"{column.name}: space removed", before != after)
            after = after.set(after == "", None)
        for word in column.missing or ():
            spelled = _is(after, word)
            _count(counts, f"{column.name}: {word!r} is missing", spelled)
            after = after.set(spelled, None)
        if after is not before:
            found[column.name] = after
    return frame.with_columns(**found)


def _is(values: pl.Series, word: str) -> pl.Series:
    """Whether each value is spelt so; of numbers, whether it is that number."""
    wanted: object = word
    if values.dtype.is_numeric():
        wanted = pl.Series([word]).cast(pl.Float64, strict=False)[0]
    elif values.dtype != pl.String:
        wanted = None
    return pl.select(pl.lit(values).eq(pl.lit(wanted)).fill_null(value=False)).to_series()


def _calibrated(
    frame: pl.DataFrame, contract: DataContract, counts: dict[str, int]
) -> pl.DataFrame:
    source, changed = contract.source, []
    for column in contract.columns if source else ():
        value, corrected = pl.col(column.name), pl.col(column.name)
        for each in column.calibration or ():
            sent_by = frame[source.name] == each.source if source else pl.Series([False])
            touched = sent_by & frame[column.name].is_not_null()
            _count(counts, f"{column.name}: {_done(each, column)} for {each.source}", touched)
            if touched.any():
                scale, offset = factors(each, column)
                then = value * scale + offset
                corrected = pl.when(pl.lit(sent_by)).then(then).otherwise(corrected)
        if column.calibration:
            changed.append(corrected.alias(column.name))
    return frame.with_columns(changed)


def factors(calibration: Calibration, column: Column) -> tuple[float, float]:
    """By what to multiply what a source sends, and what to add, for the column's value."""
    scale, offset = calibration.scale, calibration.offset
    if calibration.unit is None or calibration.unit == column.unit or column.unit is None:
        return scale, offset
    from .units import affine  # pint takes a while

    factor, shift = affine(calibration.unit, column.unit)
    return scale * factor, scale * shift + offset


def _done(calibration: Calibration, column: Column) -> str:
    converted = calibration.unit not in (None, column.unit)
    corrected = (calibration.scale, calibration.offset) != (1.0, 0.0)
    if converted and corrected:
        return f"converted from {calibration.unit} and calibrated"
    return f"converted from {calibration.unit}" if converted else "calibrated"


def once(found: Cleansed, contract: DataContract) -> Cleansed:
    """Take out rows that repeat another in all they declare; another row of its key stays."""
    keys = [column.name for column in contract.identity]
    if not keys:
        return found
    names = [column.name for column in contract.columns]
    # What could not be cast is null, and two such rows need not be alike.
    alike = ~pl.struct(names).is_first_distinct() & pl.all_horizontal(pl.col(keys).is_not_null())
    again = found.frame.select(alike).to_series()
    for unread in found.unread.values():
        again &= ~unread
    _count(found.counts, "rows that were there twice", again)
    return Cleansed(
        found.raw.filter(~again),
        found.frame.filter(~again),
        {name: unread.filter(~again) for name, unread in found.unread.items()},
        found.counts,
    )


def _count(counts: dict[str, int], rule: str, touched: pl.Series) -> None:
    rows = int(touched.sum())
    if rows:
        counts[rule] = counts.get(rule, 0) + rows
