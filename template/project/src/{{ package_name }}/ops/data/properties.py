# Managed by poc2prod; extend in data-contract.yaml.
"""Turns a property of the data contract into a column, and refuses what would not be enforced."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ..columns import Column, Finite, Kind
from ..errors import ProjectError
from .custom import own, parsed
from .odcs import Property, Rule
from .options import bounds, usable
from .quality import Quality, quality
from .reading import Place, Written

KINDS: dict[str, Kind] = {
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
    "string": "string",
    "timestamp": "timestamp",
    "date": "timestamp",
}


@dataclass(frozen=True)
class Declared:
    """What a property declares.

    Attributes:
        rules: of the column, for the whole table.
    """

    column: Column
    role: str
    problem: Any
    rules: tuple[Quality, ...]


def declared(item: Property, place: Place, written: Written) -> Declared:
    """Turn a property into a column with its role.

    Raises:
        ProjectError: it contradicts itself, or has a rule that is not enforced.
    """
    return _Reader(item, place, written).read()


class _Reader:
    def __init__(self, item: Property, place: Place, written: Written) -> None:
        self.item, self.place, self.written = item, tuple(place), written
        self.facts: dict[str, Any] = {}
        self.rules: list[Quality] = []
        self.filled, self.unique = bool(item.required), bool(item.unique)

    def wrong(self, place: Sequence[str | int], message: str) -> ProjectError:
        return self.written.error((*self.place, *place), message)

    def read(self) -> Declared:
        item, kind = self.item, KINDS.get(self.item.logical_type or "")
        if kind is None:
            raise self.wrong((), f"logicalType must be one of {', '.join(KINDS)}")
        self.kind: Kind = kind
        custom = own(kind, item.custom_properties or (), self.wrong)
        self.facts = bounds(
            kind,
            item.logical_type_options or {},
            lambda place, message: self.wrong(("logicalTypeOptions", *place), message),
        )
        if item.enum is not None:
            self._take("values", self._values([one.value for one in item.enum], ("enum",)), "enum")
        for number, rule in enumerate(item.quality or ()):
            self._rule(rule, ("quality", number))
        column = Column(
            name=item.name,
            kind=kind,
            required=self.filled or bool(item.primary_key),
            unique=self.unique or None,
            key=self._key(),
            unit=custom.get("unit"),
            calibration=custom.get("calibration"),
            personal=custom.get("personal"),
            classification=None if item.classification is None else str(item.classification),
            description=item.description,
            example=self._example(),
            **self.facts,
        )
        role, problem = custom.get("role", "input"), custom.get("problem")
        return Declared(column, role, problem, tuple(self.rules))

    def _key(self) -> int | None:
        """The place in the primary key; 0 where the order of the columns says it."""
        position = self.item.primary_key_position
        if position in (None, -1):
            return 0 if self.item.primary_key else None
        if position is None or position < 1 or not self.item.primary_key:
            raise self.wrong(("primaryKeyPosition",), "must be 1 or more, beside primaryKey: true")
        return position

    def _take(self, name: str, value: Any, *place: str | int) -> None:
        if self.facts.get(name) is not None:
            raise self.wrong(place, f"the column's {name} is declared twice: keep one")
        self.facts[name] = value

    def _rule(self, rule: Rule, place: tuple[str | int, ...]) -> None:
        found = quality(rule, (self.item.name,), lambda message: self.wrong(place, message))
        if found is None:
            return
        given, inside = rule.arguments or {}, (*place, "arguments")
        known = {"invalidValues": ("validValues", "pattern"), "missingValues": ("missingValues",)}
        for name in given:
            if name not in known.get(found.metric, ()):
                raise self.wrong((*inside, name), f"is no argument of {found.metric}: take it out")
        match found.metric:
            case "invalidValues":
                found = self._valid(found, given, inside)
            case "missingValues":
                inside = (*inside, "missingValues")
                kinds, listed = list[str | int | float | None], given.get("missingValues")
                spelled = parsed(kinds, listed, inside, self.wrong)
                texts = tuple(str(text).strip() for text in spelled if text is not None)
                self._take("missing", texts, *inside)
        if not found.none:
            self.rules.append(found)
        elif found.metric in ("nullValues", "missingValues"):
            self.filled = True
        elif found.metric == "duplicateValues":
            self.unique = True

    def _valid(
        self, found: Quality, given: dict[str, Any], place: tuple[str | int, ...]
    ) -> Quality:
        if len(given) != 1:
            raise self.wrong(place, "invalidValues needs validValues or pattern, and only one")
        (name,) = given
        inside = (*place, name)
        if name == "pattern":
            if self.kind != "string":
                raise self.wrong(inside, f"is for text, not for a {self.kind}")
            value: Any = parsed(str, given[name], inside, self.wrong)
            usable(value, inside, self.wrong)
        else:
            name = "values"
            value = self._values(
                parsed(list[Any], given["validValues"], inside, self.wrong), inside
            )
        if found.none:
            self._take(name, value, *inside)
        return replace(found, **{name: value})

    def _values(self, values: list[Any], place: tuple[str | int, ...]) -> tuple[Any, ...]:
        if self.kind not in ("string", "integer"):
            raise self.wrong(place, f"only text and integers are enumerated, not a {self.kind}")
        wanted = str if self.kind == "string" else int
        for value in values:
            if type(value) is not wanted:
                fix = "quote it" if wanted is str else "write an integer"
                raise self.wrong(place, f"{str(value)[:60]} is no {self.kind}: {fix}")
        if not values or len({*values}) < len(values):
            raise self.wrong(place, "must list each value once, and at least one")
        return tuple(values)

    def _example(self) -> Any:
        example = next(iter(self.item.examples or ()), None)
        if isinstance(example, date):
            return example.isoformat()
        if example is None or type(example) in (bool, int, str):
            return example
        return parsed(Finite, example, ("examples", 0), self.wrong)
