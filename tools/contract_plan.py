"""Write what a certainly valid contract looks like, for the audit; a test keeps it current.

Pydantic takes longer to start than all static checks together, so the audit reads a contract by
this plan, and asks the models of `ops.kpi` only about what does not fit it.
"""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from typing import Any

from pydantic import BaseModel

from poc2prod.audit.contract.plain import PLAN
from poc2prod.ops.kpi.model import KpiContract
from poc2prod.ops.kpi.types import Block

PATTERNS = {
    r"\S": r"\S",
    r"^[A-Z]{2}-[A-Z0-9-]+$": r"[A-Z]{2}-[A-Z0-9-]+\Z",
    r"^[^@\s]+@[^@\s]+\.[^@\s]+$": r"[^@\s]+@[^@\s]+\.[^@\s]+\Z",
    r"^\d+\.\d+\.\d+$": r"[0-9]+\.[0-9]+\.[0-9]+\Z",
    r"^[0-9a-f]{64}$": r"[0-9a-f]{64}\Z",
}
"""Rust's pattern → one of Python's that matches no more: `\\S` anywhere, others whole."""


def plan() -> dict[str, Any]:
    """Return the plan: `contract` is a kind of value, and `blocks` has each mapping by its name."""
    KpiContract.model_rebuild(force=True)
    blocks: dict[str, Any] = {}
    kind = _kind(KpiContract.__pydantic_core_schema__, blocks)
    return {"contract": kind, "blocks": dict(sorted(blocks.items()))}


def page() -> str:
    """Return the plan as the audit reads it."""
    return json.dumps(plan(), indent=1, ensure_ascii=False) + "\n"


def _kind(schema: Any, blocks: dict[str, Any]) -> list[Any]:  # noqa: C901, PLR0911, PLR0912  # one for each
    """Return what a value must be: the name of a kind, and what limits it.

    Raises:
        ValueError: the models say something that the plan has no word for.
    """
    match schema:
        case {"type": "definitions", "schema": inner}:
            return _kind(inner, blocks)
        case {"type": "model", "cls": cls, "schema": inner}:
            return ["block", _block(cls, inner, blocks)]
        case {"type": "tagged-union", "discriminator": str(key), "choices": choices}:
            return ["one by", key, {tag: _kind(each, blocks)[1] for tag, each in choices.items()}]
        case {"type": "tuple", "items_schema": [item], "variadic_item_index": 0}:
            return ["list", _kind(item, blocks), schema.get("min_length", 0)]
        case {"type": "nullable", "schema": inner}:  # a document has no nulls
            return _kind(inner, blocks)
        case {"type": "literal", "expected": words}:
            return ["word", words]
        case {"type": "str", "pattern": pattern, **rest} if _plain(rest):
            return ["text", PATTERNS[pattern]]
        case {"type": "float", "strict": True, "allow_inf_nan": False}:
            return ["number", _bounds(schema)]
        case {"type": "int", "strict": True}:
            return ["whole", _bounds(schema)]
        case {"type": "bool", "strict": True}:
            return ["flag"]
        case {"type": "function-before", "function": {"function": function}, "schema": inner}:
            name = function.__name__
            if name == "_or_none":
                return ["unknown or", _kind(inner, blocks)]
            if (name, inner["type"]) == ("_day", "date") and _plain(inner):
                return ["day"]
        case {"type": "function-after", "function": {"function": partial() as check}} if (
            check.func.__name__ == "greater_than_validator"
            and check.keywords == {"gt": timedelta(0)}
        ):
            return _period(schema["schema"])
    raise ValueError(f"the plan has no word for {str(schema)[:300]}")


def _period(schema: Any) -> list[Any]:
    function = schema["function"]["function"]
    if (function.__name__, schema["schema"]["type"]) != ("_period", "timedelta"):
        raise ValueError(f"the plan has no word for {str(schema)[:300]}")
    return ["period"]


def _block(cls: type[BaseModel], schema: Any, blocks: dict[str, Any]) -> str:
    """Note the fields of a model under its name; more than `Block` has checks of its own."""
    function = schema["function"]["function"]
    if not issubclass(cls, Block) or function.__name__ != "_knows_its_keys":
        raise ValueError(f"{cls.__name__} is checked in a way that the plan has no word for")
    blocks.setdefault(cls.__name__, fields := {})
    for name, field in schema["schema"]["fields"].items():
        inner, default = field["schema"], []
        if inner["type"] == "default":
            default, inner = [_default(inner["default"])], inner["schema"]
        key = field.get("validation_alias", name)
        fields[key] = [name, _kind(inner, blocks), *default]
    return cls.__name__


def _default(value: Any) -> Any:
    if isinstance(value, timedelta):
        return {"seconds": value.total_seconds()}
    if isinstance(value, BaseModel):
        if value.model_fields_set:
            raise ValueError(f"the plan has no word for {value!r}")
        return {"block": type(value).__name__}
    return list(value) if isinstance(value, tuple) else value


def _bounds(schema: Any) -> dict[str, float]:
    rest = {k: v for k, v in schema.items() if k not in ("type", "strict", "allow_inf_nan")}
    bounds = {key: rest.pop(key) for key in ("gt", "ge", "lt", "le") if key in rest}
    if not _plain(rest):
        raise ValueError(f"the plan has no word for {schema}")
    return bounds


def _plain(rest: Any) -> bool:
    return not rest.keys() - {"type", "metadata", "serialization"}


if __name__ == "__main__":
    PLAN.write_text(page(), encoding="utf-8", newline="\n")
