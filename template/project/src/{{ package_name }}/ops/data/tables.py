# Managed by poc2prod; extend in data-contract.yaml.
"""Holds a whole table to the data contract's rules for it, in bounded memory."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import polars as pl

from ..contract import DataContract
from ..errors import ProjectError
from .quality import Quality
from .schema import first


def broken(
    frame: pl.LazyFrame | pl.DataFrame, contract: DataContract, now: datetime | None = None
) -> tuple[str, ...]:
    """Say which rules a table breaks.

    Args:
        frame: the rows, cast and cleansed.
        contract: its rules.
        now: for freshness, which is not looked at without it.

    Returns:
        A line each, such as "rows must be at least 1000, and there are 12".
    """
    rules, lazy = contract.quality, frame.lazy()
    counting = [_counted(rule).alias(str(number)) for number, rule in enumerate(rules)]
    time = contract.time
    if time is not None:
        counting.append(pl.col(time.name).max().alias("newest"))
    numbers = (
        lazy.select(pl.len().alias("rows"), *counting)
        .collect(engine="streaming")
        .row(0, named=True)
    )
    return tuple(_lines(numbers, contract, now))


def refuse(
    frame: pl.LazyFrame | pl.DataFrame,
    contract: DataContract,
    where: object,
    now: datetime | None = None,
) -> None:
    """Refuse a table that breaks a rule.

    Raises:
        ProjectError: names the first.
    """
    for line in broken(frame, contract, now):
        raise ProjectError(
            f"{where}: {line}; mend the data, or data-contract.yaml if the rule is wrong"
        )


def _counted(rule: Quality) -> pl.Expr:
    """Count what the rule limits."""
    value = pl.col(rule.columns[0]) if rule.columns else pl.len()
    match rule.metric:
        case "rowCount":
            return value
        case "nullValues" | "missingValues":
            return value.null_count()
        case "duplicateValues":
            return (~first(rule.columns)).sum()
        case _ if rule.values is not None:
            return (~value.is_in(list(rule.values))).sum()
        case _:
            return (~value.str.contains(rule.pattern or "")).sum()


def _lines(numbers: dict[str, int], contract: DataContract, now: datetime | None) -> Iterator[str]:
    rows, newest = numbers["rows"], numbers.get("newest")
    for number, rule in enumerate(contract.quality):
        counted = numbers[str(number)]
        if not rule.kept(counted, rows):
            share = f" of {rows:,} rows" if rule.columns else ""
            yield f"{rule.said}, and there are {counted:,}{share}"
    time, freshness = contract.time, contract.freshness
    if time is not None and freshness is not None and now is not None:
        if not isinstance(newest, datetime):
            yield f"the newest {time.name} must be at most {_days(freshness)} old: there is none"
        elif now - newest > freshness:
            yield (
                f"the newest {time.name}, {newest.astimezone(UTC):%Y-%m-%dT%H:%MZ}, must be at most"
                f" {_days(freshness)} old, and is {_days(now - newest)} old"
            )


def _days(time: timedelta) -> str:
    return f"{time.total_seconds() / 86_400:.3g} days"
