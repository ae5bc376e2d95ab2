# Managed by poc2prod; extend in data-contract.yaml.
"""Holds a whole table to the data contract's rules for it, in bounded memory."""

from datetime import UTC, datetime, timedelta

import polars as pl

from ..contract import DataContract
from ..errors import ProjectError
from .quality import Quality
from .schema import first


def broken(frame: pl.LazyFrame | pl.DataFrame, contract: DataContract) -> tuple[str, ...]:
    """Say which rules a table of cast and cleansed rows breaks.

    Returns:
        A line each, such as "rows must be at least 1000, and there are 12".
    """
    rules = contract.quality
    counting = [_counted(rule).alias(str(number)) for number, rule in enumerate(rules)]
    lazy = frame.lazy().select(pl.len().alias("rows"), *counting)
    numbers = lazy.collect(engine="streaming").row(0, named=True)
    lines = []
    for number, rule in enumerate(rules):
        counted = numbers[str(number)]
        if not rule.kept(counted, numbers["rows"]):
            of = f" of {numbers['rows']:,} rows" if rule.columns else ""
            lines.append(f"{rule.said}, and there are {counted:,}{of}")
    return tuple(lines)


def refuse(frame: pl.LazyFrame | pl.DataFrame, contract: DataContract, where: object) -> None:
    """Refuse a table that breaks a rule.

    Raises:
        ProjectError: names the first.
    """
    for line in broken(frame, contract):
        raise ProjectError(
            f"{where}: {line}; mend the data, or data-contract.yaml if the rule is wrong"
        )


def stale(newest: datetime | None, contract: DataContract, now: datetime) -> str | None:
    """Say that the newest row is older than the contract's freshness allows."""
    time, freshness = contract.time, contract.freshness
    if time is None or freshness is None:
        return None
    wanted = f"the newest {time.name} must be at most {_days(freshness)} days old"
    if newest is None:
        return f"{wanted}, and there is none"
    if now - newest <= freshness:
        return None
    return f"{wanted}: it is {_days(now - newest)}, of {newest.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


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


def _days(time: timedelta) -> str:
    return f"{time.total_seconds() / 86_400:.3g}"
