# Managed by poc2prod; extend in data-contract.yaml.
"""Reads a table's columns as the types that the data contract gives them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .columns import LARGEST_INTEGER, Column
from .errors import ProjectError
from .quoting import quotable, told

ROW = "row number of the source"
_CELL = re.compile(r"parse `.*` as", re.DOTALL)
_CELLS = re.compile(r"(?<=values): \[.*\]", re.DOTALL)

TYPES: dict[str, pl.DataType] = {
    "number": pl.Float64(),
    "integer": pl.Int64(),
    "boolean": pl.Boolean(),
    "string": pl.String(),
    "timestamp": pl.Datetime("us", "UTC"),
}
_TIMES = [
    f"{day}{clock}"
    for day in ("%Y-%m-%d", "%d-%m-%Y")
    for clock in (" %H:%M:%S%.f%#z", " %H:%M:%S%.f", " %H:%M%#z", " %H:%M", "")
]


def require(schema: Iterable[str], columns: Sequence[Column], where: object) -> None:
    """Refuse a table that lacks a declared column.

    Raises:
        ProjectError: names what is missing, and what is there.
    """
    found = list(schema)
    missing = [column.name for column in columns if column.name not in found]
    if missing:
        raise ProjectError(f"{where} has no column {', '.join(missing)}: it has {', '.join(found)}")


def types(frame: pl.LazyFrame, columns: Sequence[Column], where: object) -> dict[str, pl.DataType]:
    """The types that columns have once `cast` has cast the declared ones.

    Raises:
        ProjectError: a declared column is missing.
    """
    found = dict(frame.collect_schema())
    require(found, columns, where)
    return {**found, **{column.name: TYPES[column.kind] for column in columns}}


def cast(
    frame: pl.DataFrame, columns: Sequence[Column]
) -> tuple[pl.DataFrame, Mapping[str, pl.Series]]:
    """Cast the declared columns to their types; leave the other columns as they are.

    Args:
        frame: rows as they were read.
        columns: all of them in the frame.

    Returns:
        The rows, with null for what could not be cast; and for each column with such a value a
        boolean per row that says whether it is one.
    """
    found = frame.with_columns(_cast(column, frame.schema[column.name]) for column in columns)
    unread = {}
    for column in columns:
        before, after = frame[column.name], found[column.name]
        if after.null_count() == before.null_count():
            continue
        if column.kind == "timestamp" and before.dtype == pl.String:
            # Polars goes by the first value; others may be written in another way.
            after = pl.select(_time(before, after)).to_series().alias(column.name)
            found = found.with_columns(after)
        if after.null_count() > before.null_count():
            unread[column.name] = after.is_null() & before.is_not_null()
    return found, unread


def arrays(frame: pl.DataFrame, columns: Iterable[Column]) -> dict[str, NDArray[Any]]:
    """Turn columns into the arrays that `features.build` gets, each of shape (rows,)."""
    return {
        column.name: (
            np.array(frame[column.name].to_list(), dtype=object)
            if column.kind == "string"
            else frame[column.name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        )
        for column in columns
    }


def reason(error: Exception, columns: Iterable[Column] = ()) -> str:
    """Say in one line what polars complains of, and nothing that was in a cell.

    Where columns are personal, all that is not known to be free of values is left out.
    """
    if not quotable(columns):
        return told(error, columns)
    said = _CELL.sub("parse a value as", _CELLS.sub("", str(error)))
    return " ".join(said.split("\n\n")[0].split())


def _cast(column: Column, found: pl.DataType) -> pl.Expr:
    """Cast a column; what can't be cast, or would become another value, is null."""
    value, wanted = pl.col(column.name), TYPES[column.kind]
    match column.kind:
        case "timestamp" if isinstance(found, pl.String):
            return value.str.to_datetime(time_unit="us", time_zone="UTC", strict=False)
        case "timestamp" if isinstance(found, pl.Datetime) and found.time_zone:
            return value.dt.convert_time_zone("UTC").cast(wanted, strict=False)
        case "timestamp" if found.is_temporal() and not isinstance(found, pl.Time | pl.Duration):
            return value.cast(pl.Datetime("us"), strict=False).dt.replace_time_zone("UTC")
        case "timestamp":
            return pl.lit(None, wanted).alias(column.name)
        case "boolean" if isinstance(found, pl.String):
            words = {"true": True, "1": True, "false": False, "0": False}
            lower = value.str.to_lowercase()
            return lower.replace_strict(words, default=None, return_dtype=wanted)
        case "boolean" if found.is_numeric():
            return pl.when(value.is_in([0, 1])).then(value.cast(wanted, strict=False))
        case "integer" if isinstance(found, pl.String):
            number = value.cast(pl.Float64, strict=False)  # a number with gaps may read 1.0
            return pl.coalesce(value.cast(wanted, strict=False), _whole(number))
        case "integer" if found.is_float() or found.is_decimal():
            return _whole(value)
    return value.cast(wanted, strict=False)


def _time(text: pl.Series, read: pl.Series) -> pl.Expr:
    plain = pl.lit(text.str.replace("T", " ").str.replace("Z$", "+00:00").str.replace_all("/", "-"))
    return pl.coalesce(
        pl.lit(read),
        *(
            plain.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False)
            for form in _TIMES
        ),
    )


def _whole(number: pl.Expr) -> pl.Expr:
    return pl.when((number.floor() == number) & (number.abs() <= LARGEST_INTEGER)).then(
        number.cast(pl.Int64, strict=False)
    )
