"""Holds JSON against a JSON Schema, in the few words of it that poc2prod's own schemas use.

A validator would be one more library in every installation; the tests hold this one against it.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, Any

from poc2prod.audit.tree import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "number": (int, float),
    "null": type(None),
}
WORDS = frozenset(
    (
        *("$schema", "$id", "$defs", "$ref", "title", "description", "format", "type", "const"),
        *("minLength", "maxLength", "pattern", "maxItems", "uniqueItems", "items"),
        *("maxProperties", "required", "properties", "additionalProperties"),
    )
)
"""The words that a schema here may use; `format` is for editors, a pattern says it too."""


def parse(path: str, text: str) -> Any:
    """Return what a JSON text says.

    Raises:
        UnreadableError: it is no JSON; names `path`.
    """
    try:
        return json.loads(text, parse_constant=_refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UnreadableError(f"{path} is not usable JSON: {reason}") from error


@cache
def schema(name: str) -> Mapping[str, Any]:
    """Return one of the schemas in this package."""
    text = (resources.files("poc2prod.audit") / name).read_text("utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


def fault(value: Any, of: Mapping[str, Any]) -> str | None:
    """Say what is wrong first with a value; None if it has the shape of a schema."""
    return next(islice(_faults(value, of, of, ""), 1), None)


def _faults(value: Any, rule: Any, root: Mapping[str, Any], place: str) -> Iterator[str]:
    if "$ref" in rule:
        rule = root["$defs"][rule["$ref"].rpartition("/")[2]]
    name = place.removeprefix(".") or "it"
    types = rule.get("type", [])
    types = types if isinstance(types, list) else [types]
    if types and not any(_is(value, kind) for kind in types):
        yield f"{name} is no {' or '.join(types)}"
        return
    if "const" in rule and value != rule["const"]:
        yield f"{name} is not {rule['const']}"
    if isinstance(value, str):
        yield from _wrong_text(value, rule, name)
    elif isinstance(value, list):
        yield from _wrong_list(value, rule, root, place)
    elif isinstance(value, dict):
        yield from _wrong_mapping(value, rule, root, place)


def _wrong_text(value: str, rule: Mapping[str, Any], name: str) -> Iterator[str]:
    if not rule.get("minLength", 0) <= len(value) <= rule.get("maxLength", len(value)):
        yield f"{name} is too short or too long"
    elif "pattern" in rule and not re.search(rule["pattern"], value):
        yield f"{name} is {value[:60]!r}, which does not fit"


def _wrong_list(
    value: list[Any], rule: Mapping[str, Any], root: Mapping[str, Any], place: str
) -> Iterator[str]:
    name = place.removeprefix(".")
    if len(value) > rule.get("maxItems", len(value)):
        yield f"{name} has more than {rule['maxItems']} items"
        return
    if rule.get("uniqueItems") and len({json.dumps(item) for item in value}) < len(value):
        yield f"{name} has an item twice"
    for number, item in enumerate(value):
        yield from _faults(item, rule.get("items", {}), root, f"{place}[{number}]")


def _wrong_mapping(
    value: dict[str, Any], rule: Mapping[str, Any], root: Mapping[str, Any], place: str
) -> Iterator[str]:
    known, others = rule.get("properties", {}), rule.get("additionalProperties", {})
    name = place.removeprefix(".") or "it"
    if len(value) > rule.get("maxProperties", len(value)):
        yield f"{name} has more than {rule['maxProperties']} keys"
        return
    yield from (f"{name} has no {key}" for key in rule.get("required", ()) if key not in value)
    for key, item in value.items():
        if key in known:
            yield from _faults(item, known[key], root, f"{place}.{key}")
        elif others is False:
            yield f"{name} has a key {key[:60]!r}"
        else:
            yield from _faults(item, others, root, f"{place}.{key[:60]}")


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES[kind])  # type: ignore[arg-type]


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found
