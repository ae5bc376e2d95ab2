# Managed by poc2prod; extend in data-contract.yaml.
"""Compiles the data contract's columns to a Pandera schema, which any code can use by itself."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from ..columns import LARGEST_NUMBER, Column
from ..table import TYPES

if TYPE_CHECKING:
    from pandera.api.polars.types import PolarsData
    from pandera.polars import Check, DataFrameSchema

UNIQUE = "unique"
NOT_FINITE = "a number that is not finite"


def compile(columns: Sequence[Column]) -> "DataFrameSchema":
    """Compile columns to a schema.

    Each check's `error` says in words what breaks it: "a value below 0".
    """
    return _compile(tuple(columns))


@lru_cache(maxsize=32)
def _compile(columns: tuple[Column, ...]) -> "DataFrameSchema":
    import pandera.polars as pa  # takes a second, and the service never needs it

    key = tuple(c.name for c in sorted(columns, key=lambda c: c.key or 0) if c.key)
    return pa.DataFrameSchema(
        {
            column.name: pa.Column(
                TYPES[column.kind],
                [*_checks(column), *_unlike(column, key)],
                nullable=not column.required,
                description=column.description,
            )
            for column in columns
        },
        name="rows",
    )


def _checks(column: Column) -> Iterator["Check"]:
    from pandera.polars import Check

    low, high = column.minimum, column.maximum
    if low is not None:
        yield Check.ge(low, error=f"a value below {low:g}")
    if high is not None:
        yield Check.le(high, error=f"a value above {high:g}")
    if column.exclusive_minimum is not None:
        least = column.exclusive_minimum
        yield Check.gt(least, error=f"a value of {least:g} or below")
    if column.exclusive_maximum is not None:
        most = column.exclusive_maximum
        yield Check.lt(most, error=f"a value of {most:g} or above")
    if column.kind == "number" and not _bounded(column):
        yield Check(_finite, name="finite", error=NOT_FINITE)
    if column.earliest is not None:
        yield Check.ge(column.earliest, error=f"a time before {column.earliest.isoformat()}")
    if column.latest is not None:
        yield Check.le(column.latest, error=f"a time after {column.latest.isoformat()}")
    if column.min_length is not None:
        shortest = column.min_length
        yield Check.str_length(min_value=shortest, error=f"less than {shortest} characters")
    if column.max_length is not None:
        longest = column.max_length
        yield Check.str_length(max_value=longest, error=f"more than {longest} characters")
    if column.pattern is not None:
        yield Check.str_contains(column.pattern, error=_said(f"no match of {column.pattern}"))
    if column.values is not None:
        known = ", ".join(map(str, column.values))
        yield Check.isin(list(column.values), error=_said(f"a value other than {known}"))


def _unlike(column: Column, key: tuple[str, ...]) -> Iterator["Check"]:
    """What makes a column unique, and all columns of the primary key together."""
    from pandera.polars import Check

    if column.unique:
        yield Check(_first, name=UNIQUE, error="a value that is there before", names=[column.name])
    if key and column.name == key[0]:
        said = f"a primary key ({', '.join(key)}) that is there before"
        yield Check(_first, name=UNIQUE, error=_said(said), names=list(key))


def _finite(data: "PolarsData") -> pl.LazyFrame:
    value = pl.col(data.key)
    return data.lazyframe.select(value.is_finite() & (value.abs() <= LARGEST_NUMBER))


def _first(data: "PolarsData", names: list[str]) -> pl.LazyFrame:
    return data.lazyframe.select(first(names))


def first(names: Sequence[str]) -> pl.Expr:
    """Whether no row before is like this one in some columns; a null is like nothing."""
    alike = pl.struct(names) if len(names) > 1 else pl.col(names[0])
    return alike.is_first_distinct() | pl.any_horizontal(pl.col(names).is_null())


def _bounded(column: Column) -> bool:
    """Whether no infinity, NaN or number that is too large keeps the column's bounds."""
    lows = [b for b in (column.minimum, column.exclusive_minimum) if b is not None]
    highs = [b for b in (column.maximum, column.exclusive_maximum) if b is not None]
    return bool(lows and highs) and max(lows) >= -LARGEST_NUMBER and min(highs) <= LARGEST_NUMBER


def _said(text: str) -> str:
    """Keep a rule to one line in which "; " parts it from the next."""
    line = " ".join(text.split()).replace("; ", ", ")
    return line if len(line) <= 200 else f"{line[:199]}…"
