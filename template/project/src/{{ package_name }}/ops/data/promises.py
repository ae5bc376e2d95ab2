# Managed by poc2prod; extend in data-contract.yaml.
"""What the data contract promises of the table as time goes by, in `slaProperties`."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from .odcs import Promise
from .options import Wrong

PROMISES = ("freshness", "latency", "retention")
_UNITS = {
    "second": (timedelta(seconds=1), ("s", "sec")),
    "minute": (timedelta(minutes=1), ("min",)),
    "hour": (timedelta(hours=1), ("h", "hr")),
    "day": (timedelta(days=1), ("d",)),
    "week": (timedelta(weeks=1), ("w", "wk")),
    "month": (timedelta(days=30), ("mo",)),
    "year": (timedelta(days=365), ("y", "yr")),
}
_LONGEST = timedelta(days=365 * 1_000)


def promises(
    items: Sequence[Promise], time: str | None, table: str | None, wrong: Wrong
) -> dict[str, timedelta]:
    """Read freshness, latency and retention.

    Args:
        items: as they are written.
        time: the column with the role time.
        table: the table's name.
        wrong: makes an error of a place below slaProperties.

    Raises:
        ProjectError: one is malformed, there twice, of another column, or not enforced.
    """
    found: dict[str, timedelta] = {}
    for number, item in enumerate(items):
        name = item.property
        if name not in PROMISES:
            raise wrong(
                (number,),
                f"{name[:60]!r} is not enforced here, only {', '.join(PROMISES)} are: take it out",
            )
        if name in found:
            raise wrong((number,), f"{name} is there twice: keep one")
        if time is None:
            raise wrong((number,), f"{name} needs a column with the role time")
        elements = {time, f"{table}.{time}"}
        if item.element is not None and item.element not in elements:
            raise wrong(
                (number, "element"), f"must be {max(elements, key=len)}, the column with that role"
            )
        found[name] = _duration(item.value, item.unit, number, wrong)
    return found


def _duration(value: Any, unit: str | None, number: int, wrong: Wrong) -> timedelta:
    if isinstance(value, str) and re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value):
        value = float(value)
    if type(value) not in (int, float) or not 0 < value < 1e9:
        raise wrong((number, "value"), "must be a number above 0")
    word = (unit or "").strip().lower()
    for name, (one, short) in _UNITS.items():
        if word in (name, f"{name}s", *short):
            if value > _LONGEST / one:
                raise wrong((number, "value"), "is more than a thousand years")
            return one * float(value)
    raise wrong((number, "unit"), f"must be one of {', '.join(_UNITS)}")
