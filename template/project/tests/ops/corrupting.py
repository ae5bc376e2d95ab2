# Managed by poc2prod; extend in a module of your own beside it.
"""Breaks a clean table in one way per rule of a data contract, so that each rule can be tried.

Eight kinds of fault: null (a spike of missing values), type, range, enumeration, key (a duplicate),
column (one is missing), stale (too old, or too late), rows (too few or too many).
"""

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

KINDS = ("null", "type", "range", "enumeration", "key", "column", "stale", "rows")
TICK = timedelta(microseconds=1)
_UNLIKELY = ("~", "0", "a", "Z", "-", " .", "é", "~0aZ")  # texts that a pattern may not have


@dataclass(frozen=True)
class Fault:
    """A table that breaks one rule.

    Attributes:
        kind: one of KINDS.
        rule: which rule is broken.
        frame: the table.
        rows: the numbers of the rows that break it; none where it is the table that does.
        said: what must be said of it.
        without: the contract without the rule, by which nothing may be said; None: no rule can go.
        now: when the table is looked at.
        newest: the newest time that was there before.
    """

    kind: str
    rule: str
    frame: pl.DataFrame
    rows: tuple[int, ...]
    said: str
    without: Any
    now: datetime | None = None
    newest: datetime | None = None


def faults(contract: Any, clean: pl.DataFrame) -> Iterator[Fault]:
    """Break each rule of a contract.

    Args:
        contract: a DataContract without calibrations.
        clean: rows that keep to it, 30 or more.
    """
    for column in contract.columns:
        yield from _Of(contract, clean, column).faults()
    yield from _keys(contract, clean)
    yield from _old(contract, clean)
    for rule in contract.quality:
        yield from _whole(contract, clean, rule)


def swapped(contract: Any, column: Any, **changes: Any) -> Any:
    """The contract with a column declared in another way."""
    other = column.model_copy(update=changes)

    def new(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(new(each) for each in value)
        return other if value == column else value

    parts = ("inputs", "context", "entity", "time", "target", "source")
    return dataclasses.replace(contract, **{part: new(getattr(contract, part)) for part in parts})


class _Of:
    """The faults of one column."""

    def __init__(self, contract: Any, clean: pl.DataFrame, column: Any) -> None:
        self.contract, self.clean, self.column, self.name = contract, clean, column, column.name
        self.rows = tuple(range(3, clean.height, 7))
        self.unlike = clean[self.name][0]

    def faults(self) -> Iterator[Fault]:
        column = self.column
        gone = self.clean.drop(self.name)
        yield Fault("column", f"{self.name} is there", gone, (), f"has no column {self.name}", None)
        if column.required:
            without = {"required": False, "key": None}
            yield self._fault("null", "required", None, "a missing value", **without)
        if column.kind == "integer":
            yield self._fault("type", "integer", 1.5, "a value that is no integer", pl.Float64)
        if column.kind != "string":
            said = f"a value that is no {column.kind}"
            yield self._fault("type", column.kind, "not at all", said, pl.String)
        yield from {"string": self._texts, "timestamp": self._times}.get(
            column.kind, self._numbers if column.kind != "boolean" else lambda: iter(())
        )()
        if column.values is not None:
            unknown = max(column.values) + (1 if column.kind == "integer" else "?")
            yield self._fault("enumeration", "values", unknown, "a value other than", values=None)

    def _numbers(self) -> Iterator[Fault]:
        column, exact = self.column, self.column.kind == "integer"
        for bound, said, step in (
            ("minimum", "a value below", -math.inf),
            ("maximum", "a value above", math.inf),
            ("exclusive_minimum", "a value of", None),
            ("exclusive_maximum", "a value of", None),
        ):
            limit = getattr(column, bound)
            if limit is None:
                continue
            if step is not None:
                limit = math.nextafter(limit, step)
            if exact:
                limit = math.floor(limit) if "minimum" in bound else math.ceil(limit)
            yield self._fault("range", bound, limit, said, **{bound: None})
        if not exact:
            yield self._fault("range", "finite", math.nan, "a number that is not finite")
            yield self._fault("range", "finite", -math.inf, "a number that is not finite")
            yield self._fault("range", "largest", 3.1e38, "a number that is too large")

    def _times(self) -> Iterator[Fault]:
        for bound, said, step in (
            ("earliest", "a time before", -TICK),
            ("latest", "a time after", TICK),
        ):
            limit = getattr(self.column, bound)
            if limit is not None:
                yield self._fault("range", bound, limit + step, said, **{bound: None})

    def _texts(self) -> Iterator[Fault]:
        column, text = self.column, self.unlike or "a"
        if column.min_length is not None and column.min_length > 1:
            short = text[: column.min_length - 1].strip() or "a"
            yield self._fault("range", "min_length", short, "less than", min_length=None)
        if column.max_length is not None:
            long = text + text[-1:] * (column.max_length + 1 - len(text))
            yield self._fault("range", "max_length", long, "more than", max_length=None)
        if column.pattern is not None:
            tried = pl.Series([word.strip() * n for word in _UNLIKELY for n in (1, 3, 9)])
            wrong = tried.filter(~tried.str.contains(column.pattern))
            if len(wrong):
                yield self._fault("enumeration", "pattern", wrong[0], "no match of", pattern=None)

    def _fault(
        self, kind: str, rule: str, value: Any, said: str, dtype: Any = None, **without: Any
    ) -> Fault:
        values: pl.Series = self.clean[self.name]
        if dtype == pl.String and values.dtype == pl.Datetime("us", "UTC"):
            values = values.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
        values = values.cast(dtype or values.dtype)
        listed = values.to_list()
        for row in self.rows:
            listed[row] = value
        frame = self.clean.with_columns(pl.Series(self.name, listed, values.dtype))
        weak = swapped(self.contract, self.column, **without) if without else None
        return Fault(kind, f"{self.name}: {rule}", frame, self.rows, f"{self.name}: {said}", weak)


def _keys(contract: Any, clean: pl.DataFrame) -> Iterator[Fault]:
    """Rows with the primary key of the row before, and the unique value of the row before."""
    rows = tuple(range(3, clean.height, 7))
    groups = [([column], {"unique": None}) for column in contract.columns if column.unique]
    if contract.identity:
        groups.append((list(contract.identity), {"key": None}))
    for columns, changes in groups:
        frame, without = clean, contract
        for column in columns:
            values = frame[column.name].to_list()
            for row in rows:
                values[row] = values[row - 1]
            frame = frame.with_columns(pl.Series(column.name, values, frame[column.name].dtype))
            without = swapped(without, column, **changes)
        names = ", ".join(column.name for column in columns)
        rule = f"{names}: {'key' if 'key' in changes else 'unique'}"
        yield Fault("key", rule, frame, rows, "that is there before", without)


def _old(contract: Any, clean: pl.DataFrame) -> Iterator[Fault]:
    time = contract.time
    if time is not None and contract.freshness is not None:
        now = clean[time.name].max() + contract.freshness + TICK
        without = dataclasses.replace(contract, freshness=None)
        said = f"the newest {time.name} must be at most"
        yield Fault("stale", "freshness", clean, (), said, without, now)
    if time is not None and contract.latency is not None:
        middle = clean[time.name].sort()[clean.height // 2]
        newest = middle + contract.latency + TICK
        late = tuple((clean[time.name] <= middle).arg_true())
        without = dataclasses.replace(contract, latency=None)
        said = f"{time.name}: a time that comes more than"
        yield Fault("stale", "latency", clean, late, said, without, newest=newest)


def _whole(contract: Any, clean: pl.DataFrame, rule: Any) -> Iterator[Fault]:
    """All values wrong where a rule limits how many may be; another number of rows."""
    without = dataclasses.replace(
        contract, quality=tuple(one for one in contract.quality if one != rule)
    )
    if rule.metric == "rowCount":
        sizes = (n for limit in rule.limit for n in (limit - 1, limit, limit + 1, 0) if n >= 0)
        wrong = next((int(n) for n in sizes if not rule.kept(int(n), int(n))), None)
        if wrong is not None:
            frame = clean[:1].select(pl.all().repeat_by(wrong).explode(empty_as_null=False))
            yield Fault("rows", rule.said, frame[:wrong], (), rule.said, without)
        return
    changed = {}
    for name in rule.columns:
        value: Any = None
        if rule.metric == "duplicateValues":
            value = clean[name][0]
        elif rule.metric == "invalidValues":
            value = "?" if clean[name].dtype == pl.String else max(rule.values) + 1
        changed[name] = pl.Series(name, [value] * clean.height, clean[name].dtype)
    kind = {"duplicateValues": "key", "invalidValues": "enumeration"}.get(rule.metric, "null")
    if not rule.kept(clean.height - (rule.metric == "duplicateValues"), clean.height):
        frame = clean.with_columns(**changed)
        yield Fault(kind, rule.said, frame, (), rule.said, without)
