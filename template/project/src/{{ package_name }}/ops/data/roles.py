# Managed by poc2prod; extend in data-contract.yaml.
"""What the columns of a contract are for, and whether they can be that together."""

from dataclasses import replace

from ..columns import Column
from ..personal import refusal
from .properties import Declared
from .reading import Place, Written


def place(number: int) -> tuple[str | int, ...]:
    """Where a property is in the document."""
    return "schema", 0, "properties", number


def numbered(columns: list[Declared], written: Written) -> list[Declared]:
    """Number the columns of the primary key as they come, where the contract does not.

    Raises:
        ProjectError: a name or a number is there twice.
    """
    names: set[str] = set()
    keys: set[int] = set()
    found = []
    for number, each in enumerate(columns):
        column = each.column
        if column.name in names:
            raise written.error(place(number), "this name is declared twice")
        names.add(column.name)
        if column.key is not None:
            position = column.key or len(keys) + 1
            if position in keys:
                at = (*place(number), "primaryKeyPosition")
                raise written.error(at, f"two columns are number {position}: number all of them")
            keys.add(position)
            column = column.model_copy(update={"key": position})
        found.append(replace(each, column=column))
    return found


def by_role(columns: list[Declared], written: Written) -> dict[str, list[Column]]:
    """Sort the columns by their roles.

    Raises:
        ProjectError: a role is missing, is there twice, or does not fit its column.
    """
    found: dict[str, list[Column]] = {}
    for each in columns:
        found.setdefault(each.role, []).append(each.column)
    whole = ("schema", 0, "properties")
    for role in ("target", "entity", "time", "source"):
        if len(found.get(role, ())) > 1:
            names = ", ".join(column.name for column in found[role])
            raise written.error(whole, f"only one column can have the role {role}, not {names}")
    if "target" not in found:
        raise written.error(whole, "give one column the role target")
    if "input" not in found:
        raise written.error(whole, "no column is an input: a model needs at least one")
    for number, each in enumerate(columns):
        _fits(each, place(number), written)
        if said := refusal(each.column, each.role):
            raise written.error(place(number), said)
        _calibrated(each.column, found.get("source", []), place(number), written)
    return found


def _fits(each: Declared, where: Place, written: Written) -> None:
    column = each.column
    if each.role == "input" and column.kind == "timestamp":
        raise written.error(
            where,
            f"{column.name} is a timestamp, which no model can learn from: give it the role time"
            " or context",
        )
    if each.role == "time" and column.kind != "timestamp":
        raise written.error(where, f"the role time is for a timestamp, not for a {column.kind}")
    if each.role == "target" and each.problem is None:
        raise written.error(
            where,
            f"the target {column.name} needs the custom property problem, one of binary,"
            " multiclass, regression",
        )


def _calibrated(column: Column, sources: list[Column], where: Place, written: Written) -> None:
    """Refuse a calibration by what is not there, and units that can't be converted."""
    if not column.calibration:
        return
    if not sources or sources[0].kind != "string":
        raise written.error(where, "calibration needs a string column with the role source")
    known = sources[0].values
    for each in column.calibration:
        if known is not None and each.source not in known:
            raise written.error(
                where, f"calibration: {each.source} is no value of {sources[0].name}"
            )
        if each.unit is None:
            continue
        if column.unit is None:
            raise written.error(where, "calibration converts units: declare the column's unit too")
        from . import units  # pint takes a while, and few contracts need it

        reason = units.why_not(each.unit, column.unit)
        if reason:
            raise written.error(where, f"calibration of {each.source}: {reason}")
