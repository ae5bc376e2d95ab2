# Managed by poc2prod; extend in data-contract.yaml.
"""Makes rows as read what the data contract says: cast, cleansed, validated; and what is wrong."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from .. import table
from ..columns import Column
from ..contract import DataContract

BECAUSE = "rejected_because"


@dataclass(frozen=True)
class Prepared:
    """What became of rows.

    Attributes:
        valid: rows that keep to the contract, cast, in their order.
        rejected: the other rows as they were read, and why in `rejected_because`, "; " between.
        counts: rows that each cleansing rule touched.
        read: the valid rows as they were read.
    """

    valid: pl.DataFrame
    rejected: pl.DataFrame
    counts: dict[str, int]
    read: pl.DataFrame


def prepare(
    frame: pl.DataFrame,
    contract: DataContract,
    *,
    now: datetime | None = None,
    newest: datetime | None = None,
) -> Prepared:
    """Cast, cleanse and validate rows."""
    columns, schema = contract.columns, frame.schema
    cast = frame.select(_lenient(column, schema[column.name]) for column in columns)
    why = []
    for column in columns:
        unread = frame[column.name].is_not_null() & cast[column.name].is_null()
        why.append(_when(pl.lit(unread), f"{column.name}: not a {column.kind}"))
        for rule, broken in table.rules(column):
            said = f"{column.name}: {rule}"
            why.append(_when(broken.fill_null(False) & ~pl.lit(unread), said))
    reason = cast.select(pl.concat_str(why, separator="; ", ignore_nulls=True).alias(BECAUSE))
    good = reason[BECAUSE] == ""
    rejected = frame.with_columns(reason).filter(~good)
    return Prepared(cast.filter(good), rejected, {}, frame.filter(good))


def _when(broken: pl.Expr, said: str) -> pl.Expr:
    return pl.when(broken).then(pl.lit(said)).otherwise(pl.lit(None, pl.String))


def _lenient(column: Column, found: pl.DataType) -> pl.Expr:
    return table.cast(column, found, strict=False)
