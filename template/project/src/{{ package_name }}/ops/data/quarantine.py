# Managed by poc2prod; extend in data-contract.yaml.
"""Rejected rows: as they were read, with the reasons in a column of their own."""

from collections import Counter

import polars as pl

from .preparing import BECAUSE

REPEATED = "its primary key is in the table already"


def join(rejected: pl.DataFrame, repeated: pl.DataFrame | None) -> pl.DataFrame:
    """Put rows that repeat a primary key, which are cast, to the others, which are as read."""
    if repeated is None:
        return rejected
    said = repeated.with_columns(pl.lit(REPEATED).alias(BECAUSE))
    return pl.concat([rejected, said], how="vertical_relaxed")


def reasons(rejected: pl.DataFrame) -> dict[str, int]:
    """Count how many rows break each rule; a row may break several."""
    if rejected.is_empty():
        return {}
    counted = Counter(rejected[BECAUSE].str.split("; ").explode().to_list())
    return dict(sorted(counted.items()))
