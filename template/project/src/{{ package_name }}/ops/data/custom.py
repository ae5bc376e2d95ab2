# Managed by poc2prod; extend in data-contract.yaml.
"""The custom properties of a column: what the Open Data Contract Standard has no word for."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from ..columns import Calibration, Kind, Problem
from ..personal import Personal
from .odcs import Custom
from .options import Wrong
from .reading import plain

ROLES = ("input", "target", "entity", "time", "context", "source")
_OURS = ("role", "problem", "unit", "calibration", "personal")


def own(kind: Kind, entries: Sequence[Custom], wrong: Wrong) -> dict[str, Any]:
    """Read the custom properties that code goes by; the others are for people.

    Raises:
        ProjectError: one is malformed, misspelt, there twice, or not for this column.
    """
    found: dict[str, Any] = {}
    for number, entry in enumerate(entries):
        name, place = entry.property, ("customProperties", number)
        if name in found:
            raise wrong(place, f"{name[:60]} is there twice: keep one")
        if name not in _OURS and (close := get_close_matches(name.lower(), _OURS, 1, 0.8)):
            raise wrong(place, f"{name[:60]!r} is not known: did you mean {close[0]}?")
        found[name] = _value(kind, entry, (*place, "value"), wrong)
    if "problem" in found and found.get("role") != "target":
        raise wrong((), "only the target has a problem: take it out, or set its role")
    return found


def parsed(kind: Any, value: Any, place: Sequence[str | int], wrong: Wrong) -> Any:
    """Give a value its type.

    Raises:
        ProjectError: it does not fit.
    """
    try:
        return TypeAdapter(kind).validate_python(value, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise wrong((*place, *first["loc"]), plain(first["msg"])) from None


def _value(kind: Kind, entry: Custom, place: Sequence[str | int], wrong: Wrong) -> Any:
    value = entry.value
    match entry.property:
        case "role" if value not in ROLES:
            raise wrong(place, f"role {str(value)[:60]!r} is not one of {', '.join(ROLES)}")
        case "problem" if value not in get_args(Problem):
            known = ", ".join(get_args(Problem))
            raise wrong(place, f"problem must be one of {known}, not {str(value)[:60]!r}")
        case "unit":
            return parsed(str, value, place, wrong)
        case "calibration":
            if kind != "number":
                raise wrong(place, f"only a number is calibrated, not a {kind}")
            each = tuple(parsed(list[Calibration], value, place, wrong))
            if len({one.source for one in each}) < len(each) or not each:
                raise wrong(place, "must list each source once, and at least one")
            return each
        case "personal":
            return parsed(Personal, value, place, wrong)
    return value
