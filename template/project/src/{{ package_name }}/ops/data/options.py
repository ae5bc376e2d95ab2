# Managed by poc2prod; extend in data-contract.yaml.
"""What `logicalTypeOptions` of a property may say: bounds of numbers, text and times."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import SchemaError

from ..columns import Finite, Kind
from ..errors import ProjectError
from .reading import plain

Wrong = Callable[[Sequence[str | int], str], ProjectError]
"""Makes an error of a place inside a property and what is wrong there."""

_NUMBER = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
}
_KNOWN: dict[Kind, dict[str, str]] = {
    "number": _NUMBER,
    "integer": _NUMBER,
    "string": {"minLength": "min_length", "maxLength": "max_length", "pattern": "pattern"},
    "timestamp": {"minimum": "earliest", "maximum": "latest"},
    "boolean": {},
}
# What is done with times anyway.
_AGREED = (("timezone", True), ("defaultTimezone", "Etc/UTC"), ("defaultTimezone", "UTC"))


class _Options(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    minimum: Finite | None = None
    maximum: Finite | None = None
    exclusive_minimum: Finite | None = None
    exclusive_maximum: Finite | None = None
    min_length: Annotated[int, Field(ge=0)] | None = None
    max_length: Annotated[int, Field(ge=0)] | None = None
    pattern: str | None = None


def bounds(kind: Kind, options: Mapping[str, Any], wrong: Wrong) -> dict[str, Any]:
    """Turn options into what `Column` calls them.

    Raises:
        ProjectError: an option is malformed, contradicts another, or would not be enforced.
    """
    known, found = _KNOWN[kind], dict[str, Any]()
    for name, value in options.items():
        if kind == "timestamp" and (name, value) in _AGREED:
            continue
        if name not in known:
            allowed = f"only {', '.join(known)}" if known else "no option"
            raise wrong((name,), f"is not enforced for a {kind}, {allowed} is: take it out")
        if value is not None:
            found[known[name]] = _moment(value, (name,), wrong) if kind == "timestamp" else value
    if kind != "timestamp":
        found = _checked(found, {ours: name for name, ours in known.items()}, wrong)
    if "pattern" in found:
        usable(found["pattern"], ("pattern",), wrong)
    for low in ("minimum", "exclusive_minimum", "min_length", "earliest"):
        for high in ("maximum", "exclusive_maximum", "max_length", "latest"):
            if low in found and high in found and found[low] > found[high]:
                raise wrong((), f"no value is at least {found[low]} and at most {found[high]}")
    return found


def usable(pattern: str, place: Sequence[str | int], wrong: Wrong) -> None:
    """Compile a pattern as polars and the service will.

    Raises:
        ProjectError: it is no regular expression, or looks around, which these can't.
    """
    try:
        TypeAdapter(Annotated[str, Field(pattern=pattern)])
    except SchemaError:
        raise wrong(
            place, "is no regular expression that works here: look-around and \\1 don't"
        ) from None


def _checked(found: dict[str, Any], names: Mapping[str, str], wrong: Wrong) -> dict[str, Any]:
    try:
        return _Options.model_validate(found).model_dump(exclude_none=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise wrong((names[str(first["loc"][0])],), plain(first["msg"])) from None


def _moment(value: Any, place: Sequence[str | int], wrong: Wrong) -> datetime:
    try:
        text = value.isoformat() if isinstance(value, date) else value
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise wrong(place, "must be a time such as 2026-01-31T00:00:00Z") from None
