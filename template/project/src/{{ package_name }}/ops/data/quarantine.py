# Managed by poc2prod; extend in data-contract.yaml.
"""Rejected rows: as they were read, with the reasons in a column of their own."""

from collections import Counter
from collections.abc import Sequence

import polars as pl

from .preparing import BECAUSE

REPEATED = "another row of its primary key is in the table"


def join(rejected: pl.DataFrame, repeated: pl.DataFrame) -> pl.DataFrame:
    """Put rows that repeat a primary key to the others; all are as they were read."""
    if repeated.is_empty():
        return rejected
    return pl.concat([rejected, repeated.with_columns(pl.lit(REPEATED).alias(BECAUSE))])


def without(
    batch: pl.DataFrame, treated: pl.DataFrame, waiting: pl.LazyFrame | None
) -> pl.DataFrame:
    """Leave out rows that are in quarantine already, just as they would be kept there.

    Args:
        batch: the rows as they were read.
        treated: the same, without what is personal.
        waiting: the rows in quarantine.
    """
    if waiting is None or batch.is_empty():
        return batch
    if not set(treated.columns) <= set(waiting.collect_schema()):
        return batch
    rows = waiting.select(treated.columns).collect()
    if rows.schema != treated.schema:
        return batch
    return batch.filter(~among(treated, rows, treated.columns))


def among(frame: pl.DataFrame, others: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Whether some columns of a row are those of one of the others."""
    found = "is there"
    marked = others.select(columns).unique().with_columns(pl.lit(True).alias(found))
    joined = frame.select(columns).join(
        marked, on=columns, how="left", nulls_equal=True, maintain_order="left"
    )
    return joined[found].fill_null(False)


def reasons(rejected: pl.DataFrame) -> dict[str, int]:
    """Count how many rows break each rule; a row may break several."""
    if rejected.is_empty():
        return {}
    counted = Counter(rejected[BECAUSE].str.split("; ").explode().to_list())
    return dict(sorted(counted.items()))
