# Managed by poc2prod; extend in data-contract.yaml.
"""Separates rows that keep to the data contract from those that do not, whatever they hold."""

from collections.abc import Sequence

import polars as pl

from .. import table
from ..columns import Column

BECAUSE = "rejected_because"
SEPARATOR = "; "


def sift(frame: pl.DataFrame, columns: Sequence[Column]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Separate rows; the columns that are not declared stay as they are.

    Args:
        frame: rows as they were read, with all declared columns.
        columns: what the rows must keep to.

    Returns:
        The rows that do, cast; and the others as they were read, with `rejected_because` beside
        them, which names columns and rules and no value.
    """
    cast = frame.with_columns(
        table.cast(column, frame.schema[column.name], strict=False) for column in columns
    )
    broken = [mask for column in columns for mask in _broken(frame, cast, column)]
    if not broken:
        return cast, frame.clear().with_columns(pl.lit("").alias(BECAUSE))
    rejected = pl.select(pl.any_horizontal(broken)).to_series()
    reasons = [pl.when(mask.filter(rejected)).then(pl.lit(mask.name)) for mask in broken]
    because = pl.select(pl.concat_str(reasons, separator=SEPARATOR, ignore_nulls=True))
    return (
        cast.filter(~rejected),
        frame.filter(rejected).with_columns(because.to_series().alias(BECAUSE)),
    )


def _broken(frame: pl.DataFrame, cast: pl.DataFrame, column: Column) -> list[pl.Series]:
    """Return a mask, named as the reason, for each rule that some row breaks."""
    before, after = frame[column.name], cast[column.name]
    masks = [(after.is_null() & before.is_not_null()).alias(f"{column.name}: not a {column.kind}")]
    rules = {f"{column.name}: {rule}": broken for rule, broken in table.rules(column)}
    masks += cast.select(
        (broken.fill_null(False) & ~pl.lit(masks[0])).alias(said) for said, broken in rules.items()
    ).get_columns()
    return [mask for mask in masks if mask.any()]
