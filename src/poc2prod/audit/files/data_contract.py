"""The data contract, read by its standard (ODCS 3.1) and not by the project's own code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from poc2prod.audit.files.tree import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poc2prod.audit.context import Context

FILE = "data-contract.yaml"
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
LENGTHS = ("minLength", "maxLength", "pattern")
ZERO = ("mustBe", "mustBeLessOrEqualTo")
"""What makes a rule of quality one of each row, where it is 0."""


class Column(NamedTuple):
    """A property of the contract's table.

    Attributes:
        kind: its logicalType, as written.
        required: whether a row needs it, which rows of a primary key do.
        options: its logicalTypeOptions.
        values: all that it may be; None where nothing enumerates them.
        key: whether it is part of the primary key.
        role: input, target, entity, time, context or source.
        personal: what is said of it where it tells of a person.
        converted: whether its values are calibrated or converted on their way in.
        rules: how many rules of quality it has.
    """

    name: str
    kind: str
    required: bool = False
    unique: bool = False
    key: bool = False
    role: str = "input"
    problem: str | None = None
    options: Mapping[str, Any] = {}
    values: tuple[Any, ...] | None = None
    personal: Mapping[str, Any] | None = None
    converted: bool = False
    rules: int = 0


class DataContract(NamedTuple):
    """What rows must keep to.

    Attributes:
        document: as it was written.
        least: rows that the table must have; 0 where nothing says so.
        latency: days that a row may come late; None where it may be any.
        team: the addresses of its members, or their names.
    """

    document: Mapping[Any, Any]
    columns: tuple[Column, ...]
    least: int
    latency: float | None
    team: tuple[str, ...]
    rules: int

    def of_role(self, role: str) -> tuple[Column, ...]:
        """Return the columns of a role."""
        return tuple(column for column in self.columns if column.role == role)

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return tuple(column.name for column in self.columns if column.key)


def read(context: Context) -> DataContract | None:
    """Return the contract; None where there is none.

    Raises:
        UnreadableError: it is no data contract; names the place.
    """
    document = context.yaml(FILE)
    if document is None:
        return None
    if document.get("kind") != "DataContract" or not str(document.get("apiVersion")).startswith(
        "v3."
    ):
        raise UnreadableError(f"{FILE} is no DataContract of apiVersion v3")
    tables = _dicts(document.get("schema"))
    properties = _dicts(tables[0].get("properties")) if tables else []
    if len(tables) != 1 or not properties:
        raise UnreadableError(f"{FILE}: schema must have one table with properties")
    columns = tuple(map(_column, properties))
    names = [column.name for column in columns]
    if len({*names}) < len(names) or not all(names):
        raise UnreadableError(f"{FILE}: each property of schema needs a name of its own")
    rules = _dicts(tables[0].get("quality"))
    team = document.get("team")
    members = _dicts(team.get("members")) if isinstance(team, dict) else _dicts(team)
    return DataContract(
        document,
        columns,
        least=max(map(_least, rules), default=0),
        latency=next(_latencies(document), None),
        team=tuple(str(member.get("username") or "") for member in members),
        rules=len(rules),
    )


def _column(written: Mapping[str, Any]) -> Column:
    custom = {
        str(each.get("property")): each.get("value")
        for each in _dicts(written.get("customProperties"))
    }
    quality = _dicts(written.get("quality"))
    enumerated = [each.get("value") for each in _dicts(written.get("enum"))]
    for rule in quality:
        arguments = rule.get("arguments")
        if isinstance(arguments, dict) and any(rule.get(word) == 0 for word in ZERO):
            listed = arguments.get("validValues")
            enumerated += listed if isinstance(listed, list) else []
    personal, options = custom.get("personal"), written.get("logicalTypeOptions")
    return Column(
        name=str(written.get("name") or ""),
        kind=str(written.get("logicalType")),
        required=written.get("required") is True or written.get("primaryKey") is True,
        unique=written.get("unique") is True,
        key=written.get("primaryKey") is True,
        role=str(custom.get("role", "input")),
        problem=custom.get("problem"),
        options=options if isinstance(options, dict) else {},
        values=tuple(enumerated) or None,
        personal=personal if isinstance(personal, dict) else None,
        converted=bool(custom.get("calibration")),
        rules=len(quality) + bool(written.get("enum")),
    )


def _least(rule: Mapping[str, Any]) -> int:
    if rule.get("metric") != "rowCount":
        return 0
    least, more = rule.get("mustBeGreaterOrEqualTo"), rule.get("mustBeGreaterThan")
    return least if isinstance(least, int) else more + 1 if isinstance(more, int) else 0


def _latencies(document: Mapping[Any, Any]) -> Iterator[float]:
    days = {"d": 1.0, "day": 1.0, "days": 1.0, "h": 1 / 24, "m": 1 / 1440, "y": 365.0}
    for promise in _dicts(document.get("slaProperties")):
        value, unit = promise.get("value"), days.get(str(promise.get("unit")))
        if promise.get("property") == "latency" and isinstance(value, int | float) and unit:
            yield float(value) * unit


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
