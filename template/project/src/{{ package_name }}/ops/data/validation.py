# Managed by poc2prod; extend in data-contract.yaml.
"""Holds rows to the data contract, and says which break which rule."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from .. import table
from ..columns import LARGEST_NUMBER, Column
from ..errors import ProjectError
from ..quoting import quotable
from .schema import NOT_FINITE, UNIQUE, compile, first

BECAUSE, SEPARATOR = "rejected_because", "; "
MISSING = "a missing value"
TOO_LARGE = "a number that is too large"


@dataclass(frozen=True)
class Broken:
    """A rule that some rows break.

    Attributes:
        column: whose rule it is.
        rule: what these rows have: "a value below 0".
        rows: whether each row breaks it, shape (rows,).
    """

    column: Column
    rule: str
    rows: pl.Series

    @property
    def said(self) -> str:
        """Name the column and the rule."""
        return f"{self.column.name}: {self.rule}"


@dataclass(frozen=True)
class Verdict:
    """Which rows keep to the contract.

    Attributes:
        good: shape (rows,).
        broken: each rule that is broken, in the order of the columns.
        alike: whether rows, good or not, have the primary key or a unique value of others.
    """

    good: pl.Series
    broken: tuple[Broken, ...]
    alike: bool = False

    def reasons(self) -> pl.Series:
        """Say of each row that is not good why, with "; " between reasons."""
        bad = ~self.good
        said = [
            pl.when(each.rows.filter(bad)).then(pl.lit(each.said)).alias(str(number))
            for number, each in enumerate(self.broken)
        ]
        if not said:
            return pl.Series(BECAUSE, [], pl.String)
        text = pl.concat_str(said, separator=SEPARATOR, ignore_nulls=True)
        return pl.select(text.alias(BECAUSE)).to_series()

    def counts(self) -> dict[str, int]:
        """How many rows break each rule."""
        return {each.said: int(each.rows.sum()) for each in self.broken}

    def refuse(self, frame: pl.DataFrame, where: object, first_row: int = 0) -> None:
        """Refuse all if one is bad.

        Args:
            frame: the rows as they were read, for the first bad value.
            where: the file, for the message.
            first_row: the number of the frame's first row in that file.

        Raises:
            ProjectError: names the column, the rule, how many rows break it, and the first of
                them, with its value unless that is of a person.
        """
        for each in self.broken:
            first = each.rows.arg_true()[0]
            value = f", {frame[each.column.name][first]!r:.100}"
            if each.rule == MISSING or not quotable([each.column]):
                value = ""
            raise ProjectError(
                f"{where}: column {each.column.name} has {each.rule} in {each.rows.sum()} rows,"
                f" first in row {first_row + first + 1}{value}; mend the data, or"
                " data-contract.yaml if the rule is wrong"
            )


def validate(
    frame: pl.DataFrame,
    columns: Sequence[Column],
    unread: Mapping[str, pl.Series] | None = None,
    known: Iterable[Broken] = (),
) -> Verdict:
    """Hold each row to the rules of its columns.

    Of rows that may not be alike, the first good one is good. `tables.broken` has the rules for
    the whole table.

    Args:
        frame: rows that `table.cast` has cast; columns that are not declared are left alone.
        columns: those whose rules are looked at.
        unread: which values could not be cast, from `table.cast`.
        known: what else is wrong with rows.
    """
    broken = [
        Broken(column, f"a value that is no {column.kind}", unread[column.name])
        for column in columns
        if unread and column.name in unread
    ]
    broken += known
    failed = list(_failed(frame, columns))
    for column, check, rows in failed:
        if _is_unique(check):
            continue
        if check == MISSING:  # which for Pandera NaN is too, and what could not be read
            rows = frame[column.name].is_null()
            if unread and column.name in unread:
                rows = rows & ~unread[column.name]
        broken += _worded(column, check if isinstance(check, str) else check.error, rows, frame)
    good = _none(frame.height, [each.rows for each in broken])
    for column, check, _ in failed:
        if _is_unique(check):
            names = check._check_kwargs["names"]
            again = _repeated(frame, names, good)
            if again.any():
                broken.append(Broken(column, check.error, again))
                good = good & ~again
    order = {column.name: number for number, column in enumerate(columns)}
    found = _merged(broken)
    alike = any(_is_unique(check) for _, check, _ in failed)
    return Verdict(good, tuple(sorted(found, key=lambda each: order[each.column.name])), alike)


def accept(
    frame: pl.DataFrame, columns: Sequence[Column], where: object, first_row: int = 0
) -> pl.DataFrame:
    """Cast rows that all must keep to the contract.

    Raises:
        ProjectError: a column is missing, or a row breaks a rule; as `Verdict.refuse`.
    """
    table.require(frame.columns, columns, where)
    found, unread = table.cast(frame, columns)
    validate(found, columns, unread).refuse(frame, where, first_row)
    return found


def rules(columns: Sequence[Column]) -> Iterator[str]:
    """Name each rule of a row, as `Broken.said` does."""
    schema = compile(columns)
    for column in columns:
        if column.kind != "string":
            yield f"{column.name}: a value that is no {column.kind}"
        if column.required:
            yield f"{column.name}: {MISSING}"
        checks = [str(check.error) for check in schema.columns[column.name].checks]
        of_numbers = [NOT_FINITE, TOO_LARGE] if column.kind == "number" else []
        for said in dict.fromkeys([*checks, *of_numbers]):
            yield f"{column.name}: {said}"


def alone(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Columns without what only all rows can break: a part of them cannot tell, or may repeat."""
    return tuple(c.model_copy(update={"unique": None, "key": None}) for c in columns)


def _failed(
    frame: pl.DataFrame, columns: Sequence[Column]
) -> Iterator[tuple[Column, Any, pl.Series]]:
    """Run Pandera's checks; yield those that fail, with the rows."""
    from pandera.config import ValidationDepth, config_context
    from pandera.constants import CHECK_OUTPUT_KEY
    from pandera.errors import SchemaErrors

    by_name = {column.name: column for column in columns}
    # Else the environment could switch it off.
    depth = ValidationDepth.SCHEMA_AND_DATA
    try:
        with config_context(validation_enabled=True, validation_depth=depth):
            compile(columns).validate(frame, lazy=True)
    except SchemaErrors as errors:
        # The text of these errors holds values, so nothing of it is said.
        found = errors.schema_errors
    else:
        return
    for error in found:
        if not isinstance(error.check_output, pl.DataFrame):
            raise ProjectError(
                f"{error.schema.name}: the rule {str(error.check)[:200]!r} cannot be checked:"
                f" {error.reason_code and error.reason_code.name}"
            )
        check = MISSING if error.check == "not_nullable" else error.check
        yield by_name[str(error.schema.name)], check, ~error.check_output[CHECK_OUTPUT_KEY]


def _merged(broken: Iterable[Broken]) -> Iterator[Broken]:
    """Say each rule of a column once; NaN breaks the bound below and the one above."""
    rows: dict[tuple[str, str], Broken] = {}
    for each in broken:
        if each.rows.any():
            key = each.column.name, each.rule
            before = rows.get(key)
            rows[key] = replace(each, rows=before.rows | each.rows) if before else each
    yield from rows.values()


def _worded(column: Column, rule: str, rows: pl.Series, frame: pl.DataFrame) -> Iterator[Broken]:
    """Tell of infinity, NaN and what is too large for a feature before any bound."""
    if column.kind == "number" and rule != MISSING:
        value = frame[column.name]
        endless = rows & ~value.is_finite().fill_null(value=True)
        large = rows & ~endless & (value.abs() > LARGEST_NUMBER).fill_null(value=False)
        yield Broken(column, NOT_FINITE, endless)
        yield Broken(column, TOO_LARGE, large)
        rows = rows & ~endless & ~large
    yield Broken(column, rule, rows)


def _is_unique(check: Any) -> bool:
    return getattr(check, "name", None) == UNIQUE


def _repeated(frame: pl.DataFrame, names: list[str], good: pl.Series) -> pl.Series:
    """Find, among good rows, those that are like an earlier one."""
    number = pl.int_range(pl.len(), dtype=pl.UInt32).alias("number")
    rows = frame.select(*names, number).filter(good).filter(~first(names))
    return frame.select(number.is_in(rows["number"].implode())).to_series()


def _none(height: int, masks: Sequence[pl.Series]) -> pl.Series:
    if not masks:
        return pl.repeat(True, height, dtype=pl.Boolean, eager=True)
    return ~pl.select(pl.any_horizontal(list(masks))).to_series()
