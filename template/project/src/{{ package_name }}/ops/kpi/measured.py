# Managed by poc2prod; extend in settings.toml: kpi_values, kpi_database.
"""Reads what each business KPI was, and refuses what can't be.

Fractions have a point, days are written 2027-01-31, and both days belong to the period.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path

from ..errors import ProjectError
from .people import BusinessKpi
from .sources import OPTIONAL, Rows, file, query

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_LARGEST = 3.0e38  # a picture's arithmetic on more might overflow
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True)
class Reading:
    """What a KPI was in a period, from its first day to its last, and where that is written."""

    start: date
    end: date
    value: float
    source: str
    where: str


def read(
    kpis: Sequence[BusinessKpi], today: date, values: Path, database: str | None
) -> dict[str, tuple[Reading, ...]]:
    """Read the values of each KPI, in the order of their periods.

    Args:
        kpis: what may be measured, and by what.
        today: no period ends after it.
        values: the CSV file of the KPIs that name neither a query nor a file of their own.
        database: where queries run: sqlite:///FILE.

    Raises:
        ProjectError: a file, a query or a value is not what it must be; names the line.
    """
    found: dict[str, list[Reading]] = {kpi.id: [] for kpi in kpis}
    for rows, ids in _rows(kpis, values, database):
        for where, row in rows:
            name = row["kpi"].strip()
            if name not in ids:
                near = get_close_matches(name, ids, n=1)
                fix = f"did you mean {near[0]}?" if near else f"it holds {', '.join(ids)}"
                raise ProjectError(
                    f"{where}: the contract has no KPI {name[:40]!r} measured here; {fix}"
                )
            found[name].append(_reading(where, row, today))
    return {name: _in_order(name, readings) for name, readings in found.items()}


def _rows(
    kpis: Sequence[BusinessKpi], values: Path, database: str | None
) -> Iterator[tuple[Rows, list[str]]]:
    files: dict[Path, list[str]] = {}
    for kpi in kpis:
        kind, ref = ("manual", None)
        if kpi.measured_by:
            kind, ref = kpi.measured_by.kind, kpi.measured_by.ref
        if kind != "query":
            # People also name a person or a logbook there.
            path = Path(ref) if ref and ref.lower().endswith(".csv") else values
            files.setdefault(path, []).append(kpi.id)
        elif ref:
            yield query(kpi.id, ref, database), [kpi.id]
    for path, ids in files.items():
        yield file(path), ids


def _reading(where: str, row: dict[str, str], today: date) -> Reading:
    start, end = (_day(where, name, row[name].strip()) for name in ("period_start", "period_end"))
    if end < start:
        raise ProjectError(f"{where}: period_end {end} is before period_start {start}; swap them")
    if end > today:
        raise ProjectError(
            f"{where}: period_end {end} is in the future, today is {today}; add it when it is over"
        )
    text, source = row["value"].strip(), row.get(OPTIONAL, "").strip()
    if not _NUMBER.fullmatch(text):
        shown = repr(text[:40]) if text else "nothing"
        raise ProjectError(f"{where}: value: {shown} is not a number; write one such as 6.4")
    if not math.isfinite(value := float(text)) or abs(value) > _LARGEST:
        raise ProjectError(
            f"{where}: value: {text[:40]} is too large; mend it, or use a larger unit"
        )
    if _NUMBER.fullmatch(source):  # the rest of 6,4
        raise ProjectError(
            f"{where}: source: {source[:40]} is a number; write a point, not a comma, in value"
        )
    return Reading(start, end, value, source, where)


def _day(where: str, name: str, text: str) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:  # the 30th of February
        pass
    shown = repr(text[:40]) if text else "nothing"
    raise ProjectError(f"{where}: {name}: {shown} is not a day; write one such as 2027-01-31")


def _in_order(name: str, readings: list[Reading]) -> tuple[Reading, ...]:
    ordered = sorted(readings, key=lambda reading: reading.start)
    for earlier, later in pairwise(ordered):
        if later.start <= earlier.end:
            raise ProjectError(
                f"{later.where}: {name}: the period from {later.start} overlaps the one to"
                f" {earlier.end} at {earlier.where}; keep one, or mend the days"
            )
    return tuple(ordered)
