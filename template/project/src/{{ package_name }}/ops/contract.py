# Managed by poc2prod; extend in data-contract.yaml.
"""Reads data-contract.yaml: which columns there are, what may be in them, and their roles.

The format is the Open Data Contract Standard 3.1. What it has no word for is in `customProperties`:

    role      input (when left out), target, entity, time, or context (kept, never an input)
    problem   on the target: binary, multiclass or regression; of a binary target the later value
              in sort order is the positive one: true, 1, "yes"
    unit      of a number
    personal  says that a column is about people, and what becomes of it: see personal.py
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import ValidationError

from .columns import Column, Problem
from .errors import ProjectError
from .personal import refusal

_KINDS = {
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
    "string": "string",
    "timestamp": "timestamp",
    "date": "timestamp",
}
_ROLES = ("input", "target", "entity", "time", "context")


@dataclass(frozen=True)
class DataContract:
    """The table that the model learns from.

    Attributes:
        inputs: what a request must hold and `features.build` gets.
        target: what the model predicts.
        problem: which kind of prediction that is.
        entity: the column whose values may not be on both sides of a split, such as a machine.
        time: the column by which the test rows are later than the training rows.
        context: columns that are declared and checked, and that no model sees.
        identity: the primary key, by which a row is known again; empty without one.
    """

    inputs: tuple[Column, ...]
    target: Column
    problem: Problem
    entity: Column | None
    time: Column | None
    context: tuple[Column, ...]
    identity: tuple[Column, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """All declared columns."""
        rest = (self.entity, self.time, self.target)
        return (*self.inputs, *self.context, *(column for column in rest if column))


PATH = Path("data-contract.yaml")


def load(path: Path = PATH) -> DataContract:
    """Read and check a data contract.

    Raises:
        ProjectError: the file is missing or malformed; names the property and the fix.
    """
    document = read_yaml(path)
    tables = document.get("schema")
    if not isinstance(tables, list) or len(tables) != 1 or not isinstance(tables[0], dict):
        raise ProjectError(f"{path}: schema must list exactly one table")
    properties = tables[0].get("properties")
    if not isinstance(properties, list) or not properties:
        raise ProjectError(f"{path}: schema[0].properties must list the table's columns")

    keys: list[tuple[int, Column]] = []
    roles: dict[str, list[Column]] = {role: [] for role in _ROLES}
    problem: Any = None
    seen: set[str] = set()
    for number, item in enumerate(properties):
        where = f"{path}: schema[0].properties[{number}]"
        if not isinstance(item, dict) or not isinstance(item.get("name"), str):
            raise ProjectError(f"{where} needs a name")
        where = f"{where} ({item['name']})"
        if item["name"] in seen:
            raise ProjectError(f"{where}: this name is declared twice")
        seen.add(item["name"])
        custom = _custom_properties(item, where)
        role = custom.get("role", "input")
        if role not in _ROLES:
            raise ProjectError(f"{where}: role {role!r} is not one of {', '.join(_ROLES)}")
        roles[role].append(_column(item, custom, where))
        if item.get("primaryKey"):
            keys.append((item.get("primaryKeyPosition", -1), roles[role][-1]))
        if role == "target":
            problem = custom.get("problem")

    for role in ("target", "entity", "time"):
        if len(roles[role]) > 1:
            names = ", ".join(column.name for column in roles[role])
            raise ProjectError(f"{path}: only one column can have the role {role}, not {names}")
    if not roles["target"]:
        raise ProjectError(f"{path}: give one column the role target")
    if not roles["input"]:
        raise ProjectError(f"{path}: no column is an input: a model needs at least one")
    for column in roles["input"]:
        if column.kind == "timestamp":
            raise ProjectError(
                f"{path}: {column.name} is a timestamp, which no model can learn from: give it"
                " the role time or context"
            )
    for role, columns in roles.items():
        for column in columns:
            if said := refusal(column, role):
                raise ProjectError(f"{path}: {column.name}: {said}")
    if problem not in get_args(Problem):
        raise ProjectError(
            f"{path}: the target {roles['target'][0].name} needs the custom property problem,"
            f" one of {', '.join(get_args(Problem))}, not {problem!r}"
        )
    return DataContract(
        inputs=tuple(roles["input"]),
        target=roles["target"][0],
        problem=problem,
        entity=next(iter(roles["entity"]), None),
        time=next(iter(roles["time"]), None),
        context=tuple(roles["context"]),
        identity=tuple(column for _, column in sorted(keys, key=lambda key: key[0])),
    )


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds a mapping.

    Raises:
        ProjectError: it is missing, is not YAML (with the line), or holds something else.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProjectError(f"{path} is not here: run this in the project's directory") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise ProjectError(f"{path} is not valid YAML: {reason}") from None
    if not isinstance(document, dict):
        raise ProjectError(f"{path} must hold a mapping of keys to values")
    return document


def _custom_properties(item: dict[str, Any], where: str) -> dict[str, Any]:
    try:
        return {entry["property"]: entry["value"] for entry in item.get("customProperties", [])}
    except (TypeError, KeyError):
        raise ProjectError(
            f"{where}: customProperties must be a list of {{property: …, value: …}}"
        ) from None


def _column(item: dict[str, Any], custom: dict[str, Any], where: str) -> Column:
    kind = _KINDS.get(item.get("logicalType", ""))
    if kind is None:
        raise ProjectError(f"{where}: logicalType must be one of {', '.join(_KINDS)}")
    options = item.get("logicalTypeOptions") or {}
    examples = item.get("examples") or [None]
    try:
        return Column.model_validate(
            {
                "name": item["name"],
                "kind": kind,
                "required": item.get("required", False),
                "minimum": options.get("minimum") if kind in ("number", "integer") else None,
                "maximum": options.get("maximum") if kind in ("number", "integer") else None,
                "values": _valid_values(item),
                "unit": custom.get("unit"),
                "classification": item.get("classification"),
                "personal": custom.get("personal"),
                "description": item.get("description"),
                "example": examples[0],
            }
        )
    except (ValidationError, AttributeError, TypeError, IndexError, KeyError) as error:
        reason = str(error)
        if isinstance(error, ValidationError):
            first = error.errors()[0]
            message = first["msg"].removeprefix("Value error, ")
            reason = f"{'.'.join(map(str, first['loc']))}: {message}"
        raise ProjectError(f"{where}: {reason}") from None


def _valid_values(item: dict[str, Any]) -> list[str] | None:
    """An enumeration is ODCS's library rule `invalidValues`."""
    for rule in item.get("quality") or []:
        if rule.get("metric") == "invalidValues":
            values: list[str] = rule["arguments"]["validValues"]
            return values
    return None
