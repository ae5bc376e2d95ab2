# Managed by poc2prod; extend in data-contract.yaml.
"""Reads data-contract.yaml: which columns there are, what may be in them, and their roles.

The format is the Open Data Contract Standard 3.1. What it has no word for is in `customProperties`:

    role         input (when left out), target, entity, time, context (kept, never an input), or
                 source (context whose values say who sent a row, for calibrations)
    problem      on the target: binary, multiclass or regression; of a binary target the later
                 value in sort order is the positive one: true, 1, "yes"
    unit         of a number
    calibration  of a number: how to correct what a source sends
    personal     that a column says something of a person, and what is done with it

A rule that nothing here enforces is an error, so that nobody relies on it.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .columns import Column, Problem
from .data import roles
from .data.odcs import Contract, Member, Table, Team
from .data.promises import promises
from .data.properties import declared
from .data.quality import Quality, quality
from .data.reading import Written, plain, read
from .personal import countable


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
        source: the one of them whose values say who sent a row.
        quality: rules for the whole table.
        freshness: how old the newest row may be.
        latency: how much later than the newest row one may still come.
        retention: how long a row is kept.
        version: of the contract.
        owner: whom to ask about the data.
    """

    inputs: tuple[Column, ...]
    target: Column
    problem: Problem
    entity: Column | None
    time: Column | None
    context: tuple[Column, ...]
    source: Column | None = None
    quality: tuple[Quality, ...] = ()
    freshness: timedelta | None = None
    latency: timedelta | None = None
    retention: timedelta | None = None
    version: str | None = None
    owner: str | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """All declared columns."""
        rest = (self.entity, self.time, self.target)
        return (*self.inputs, *self.context, *(column for column in rest if column))

    @property
    def identity(self) -> tuple[Column, ...]:
        """The columns of the primary key, in its order; none without one."""
        keys = [column for column in self.columns if column.key]
        return tuple(sorted(keys, key=lambda column: column.key or 0))


PATH = Path("data-contract.yaml")


def load(path: Path = PATH) -> DataContract:
    """Read and check a data contract.

    Raises:
        ProjectError: the file is missing or malformed; names the line, the property and the fix.
    """
    written = read(path)
    document = _shaped(written)
    table = document.tables[0]
    columns = roles.numbered(
        [declared(item, roles.place(n), written) for n, item in enumerate(table.properties)],
        written,
    )
    by_role = roles.by_role(columns, written)

    def the(role: str) -> Column | None:
        return next(iter(by_role.get(role, ())), None)

    time = the("time")
    contract = DataContract(
        inputs=tuple(by_role["input"]),
        target=by_role["target"][0],
        problem=next(each.problem for each in columns if each.role == "target"),
        entity=the("entity"),
        time=time,
        context=tuple(each.column for each in columns if each.role in ("context", "source")),
        source=the("source"),
        quality=(
            *(rule for each in columns for rule in each.rules),
            *_of_table(table, {each.column.name for each in columns}, written),
        ),
        version=None if document.version is None else str(document.version),
        owner=_owner(document.team),
        **promises(
            document.sla_properties or (),
            time.name if time else None,
            table.name,
            lambda place, message: written.error(("slaProperties", *place), message),
        ),
    )
    for rule in contract.quality:
        for column in contract.columns:
            if column.name in rule.columns and not countable(column, rule.metric):
                raise written.error(
                    ("schema", 0, "properties"),
                    f"{column.name}: {rule.metric} is counted after the treatment, which leaves"
                    " nothing to count: take the rule out",
                )
    return contract


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds a mapping.

    Raises:
        ProjectError: it is missing, is not YAML (with the line), or holds something else.
    """
    return read(path).data


def _shaped(written: Written) -> Contract:
    version = written.data.get("apiVersion", "v3.1.0")
    if not str(version).startswith("v3."):
        raise written.error(("apiVersion",), "must be v3.1.0: another standard is not read")
    tables = written.data.get("schema")
    if not isinstance(tables, list) or len(tables) != 1 or not isinstance(tables[0], dict):
        raise written.error(("schema",), "schema must list exactly one table")
    if not isinstance(tables[0].get("properties"), list) or not tables[0]["properties"]:
        raise written.error(("schema", 0, "properties"), "must list the table's columns")
    try:
        return Contract.model_validate(written.data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place, message = tuple(first["loc"]), plain(first["msg"])
        if first["type"] == "missing":
            place, message = place[:-1], f"needs a {place[-1]}"
        raise written.error(place, message) from None


def _of_table(table: Table, names: set[str], written: Written) -> list[Quality]:
    found = []
    for number, rule in enumerate(table.quality or ()):
        place = ("schema", 0, "quality", number)
        given = dict(rule.arguments or {})
        columns = given.pop("properties", []) if rule.metric == "duplicateValues" else []
        if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
            raise written.error((*place, "arguments", "properties"), "must list columns")
        for name in (*given, *(name for name in columns if name not in names)):
            raise written.error((*place, "arguments"), f"{name[:60]!r} is not known: take it out")
        if rule.metric == "duplicateValues" and not columns:
            raise written.error(place, "duplicateValues needs arguments: {properties: [columns]}")
        one = quality(rule, tuple(columns), partial(written.error, place))
        if one is not None:
            found.append(one)
    return found


def _owner(team: Team | list[Member] | None) -> str | None:
    """The member who owns the data, else the first, else the team."""
    members = (team.members if isinstance(team, Team) else team) or []
    for member in sorted(members, key=lambda member: member.role != "owner"):
        return member.username
    return team.name if isinstance(team, Team) else None
