"""Reads a contract that is certainly valid without the models, which take longer than the audit.

A plan that `make ownership` writes from the models says what is valid beyond doubt. It is narrower
than they are, and knows no messages: what does not fit it is for the models to judge.
"""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from poc2prod.ops.kpi.document import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from poc2prod.ops.kpi import KpiContract

PLAN = Path(__file__).with_name("plan.json")

PROPERTIES = {"Latency": {"objective": "quantile"}}
"""Blocks that say one of their fields by another name too."""

_PERIOD = re.compile(
    r"P(?=.)(?:([0-9]{1,4})M)?(?:([0-9]{1,4})W)?(?:([0-9]{1,5})D)?"
    r"(?:T(?=.)(?:([0-9]{1,5})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,8})S)?)?\Z"
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_LARGEST = 2**53
"""Up to here a whole number is the same as a number; neither infinity nor NaN is below it."""


class _UncertainError(Exception):
    """The models must judge it."""


class _Block:
    """A mapping of the contract, with the attributes that its model has."""

    def __init__(self, values: dict[str, Any], written: set[str]) -> None:
        self.__dict__.update(values)
        self.model_fields_set = written


def read(data: Mapping[str, Any]) -> KpiContract | None:
    """Return a contract that is valid beyond doubt, else None.

    It has the attributes of a KpiContract and of its blocks, and none of pydantic's methods.
    """
    try:
        found: KpiContract = _value(data, _plan()["contract"])
    except _UncertainError:
        return None
    return found


@cache
def _plan() -> dict[str, Any]:
    return json.loads(PLAN.read_bytes())  # type: ignore[no-any-return]


def _value(value: Any, kind: list[Any]) -> Any:
    return _KINDS[kind[0]](value, *kind[1:])


def _block(value: Any, name: str) -> _Block:
    fields = _plan()["blocks"][name]
    if type(value) is not dict or not value.keys() <= fields.keys():
        raise _UncertainError
    values, written = {}, set()
    for key, (attribute, kind, *default) in fields.items():
        if key in value:
            values[attribute] = _value(value[key], kind)
            written.add(attribute)
        elif default:
            values[attribute] = _default(default[0])
        else:
            raise _UncertainError
    for attribute, same in PROPERTIES.get(name, {}).items():
        values[attribute] = values[same]
    return _Block(values, written)


def _default(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, dict):
        return _block({}, value["block"]) if "block" in value else timedelta(**value)
    return value


def _one_by(value: Any, key: str, choices: Mapping[str, str]) -> _Block:
    tag = value.get(key) if type(value) is dict else None
    if type(tag) is not str or tag not in choices:
        raise _UncertainError
    return _block(value, choices[tag])


def _list(value: Any, item: list[Any], least: int) -> tuple[Any, ...]:
    if type(value) is not list or len(value) < least:
        raise _UncertainError
    return tuple(_value(each, item) for each in value)


def _unknown_or(value: Any, kind: list[Any]) -> Any:
    return None if value == UNKNOWN else _value(value, kind)


def _word(value: Any, words: list[str]) -> str:
    if type(value) is not str or value not in words:
        raise _UncertainError
    return value


def _text(value: Any, pattern: str) -> str:
    if type(value) is not str or not value.isprintable():
        raise _UncertainError
    matched = re.search(pattern, value) if pattern == r"\S" else re.match(pattern, value)
    if not matched:
        raise _UncertainError
    return value


def _number(value: Any, bounds: Mapping[str, float]) -> float:
    if type(value) not in (int, float) or not abs(value) < _LARGEST:
        raise _UncertainError
    _bounded(value, bounds)
    return float(value)


def _whole(value: Any, bounds: Mapping[str, float]) -> int:
    if type(value) is not int or not abs(value) < _LARGEST:
        raise _UncertainError
    _bounded(value, bounds)
    return value


def _bounded(value: float, bounds: Mapping[str, float]) -> None:
    low, high = float("-inf"), float("inf")
    if not (
        value > bounds.get("gt", low)
        and value >= bounds.get("ge", low)
        and value < bounds.get("lt", high)
        and value <= bounds.get("le", high)
    ):
        raise _UncertainError


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise _UncertainError
    return value


def _day(value: Any) -> date:
    if type(value) is not str or not _DAY.match(value):
        raise _UncertainError
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise _UncertainError from None


def _period(value: Any) -> timedelta:
    found = _PERIOD.match(value) if type(value) is str else None
    if not found:
        raise _UncertainError
    months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    length = timedelta(months * 30 + days, seconds, 0, 0, minutes, hours, weeks)
    if not length:
        raise _UncertainError
    return length


_KINDS: dict[str, Callable[..., Any]] = {
    "block": _block,
    "one by": _one_by,
    "list": _list,
    "unknown or": _unknown_or,
    "word": _word,
    "text": _text,
    "number": _number,
    "whole": _whole,
    "flag": _flag,
    "day": _day,
    "period": _period,
}
