# Managed by poc2prod; extend in data-contract.yaml.
"""Makes a table what the data contract says it is, or says where it is not."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .columns import LARGEST_NUMBER, Column
from .errors import ProjectError
from .quoting import quotable, told

ROW = "row number of the source"

_TYPES: dict[str, pl.DataType] = {
    "number": pl.Float64(),
    "integer": pl.Int64(),
    "boolean": pl.Boolean(),
    "string": pl.String(),
    "timestamp": pl.Datetime("us", "UTC"),
}


def conform(frame: pl.LazyFrame, columns: Sequence[Column], where: object) -> pl.LazyFrame:
    """Cast the declared columns to their types; leave the other columns as they are.

    Raises:
        ProjectError: a declared column is missing. A value that cannot be cast raises a polars
            error when the frame is collected; `reason` turns it into words.
    """
    schema = frame.collect_schema()
    missing = [column.name for column in columns if column.name not in schema]
    if missing:
        raise ProjectError(
            f"{where} has no column {', '.join(missing)}: it has {', '.join(schema)}"
        )
    return frame.with_columns(cast(column, schema[column.name]) for column in columns)


def check(
    frame: pl.DataFrame, columns: Iterable[Column], where: object, first_row: int = 0
) -> None:
    """Refuse rows that break the contract: nulls, numbers out of range, unknown values.

    Args:
        frame: rows that `conform` has cast.
        columns: what they must keep to.
        where: the file, for the message.
        first_row: the number of the frame's first row in that file.

    Raises:
        ProjectError: names the column, the rule, how many rows break it, and the first of them.
    """
    for column in columns:
        for rule, broken in rules(column):
            rows = frame.select(broken.fill_null(False).alias("broken"))["broken"].arg_true()
            if len(rows):
                quoted = rule != "a missing value" and quotable([column])
                value = f", {frame[column.name][rows[0]]!r}" if quoted else ""
                raise ProjectError(
                    f"{where}: column {column.name} has {rule} in {len(rows)} rows, first in row"
                    f" {first_row + rows[0] + 1}{value}; mend the data, or data-contract.yaml if"
                    " the rule is wrong"
                )


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
    """Say in one line what polars complains of, and quote no value of personal columns."""
    return told(error, columns)


def cast(column: Column, found: pl.DataType, *, strict: bool = True) -> pl.Expr:
    """Cast a column; what cannot be cast raises a polars error, or is null where not strict."""
    name, wanted = pl.col(column.name), _TYPES[column.kind]
    if column.kind == "timestamp":
        if isinstance(found, pl.String):
            return name.str.to_datetime(time_unit="us", time_zone="UTC", strict=strict)
        if isinstance(found, pl.Datetime) and found.time_zone:
            return name.dt.convert_time_zone("UTC").cast(wanted)
        return name.cast(pl.Datetime("us"), strict=strict).dt.replace_time_zone("UTC")
    if column.kind == "boolean" and isinstance(found, pl.String):
        lower = name.str.to_lowercase()
        words = {"true": True, "1": True, "false": False, "0": False}
        if strict:
            return lower.replace_strict(words, return_dtype=pl.Boolean).alias(column.name)
        return lower.replace_strict(words, default=None, return_dtype=pl.Boolean).alias(column.name)
    return name.cast(wanted, strict=strict)


def rules(column: Column) -> Iterable[tuple[str, pl.Expr]]:
    """Each rule of a column in words, with what is true of a value that breaks it."""
    value = pl.col(column.name)
    if column.required:
        yield "a missing value", value.is_null()
    if column.kind == "number":
        yield "a number that is not finite", value.is_infinite() | value.is_nan()
        yield "a number that is too large", value.abs() > LARGEST_NUMBER
    if column.minimum is not None:
        yield f"a value below {column.minimum:g}", value < column.minimum
    if column.maximum is not None:
        yield f"a value above {column.maximum:g}", value > column.maximum
    if column.values is not None:
        yield f"a value other than {', '.join(column.values)}", ~value.is_in(list(column.values))
