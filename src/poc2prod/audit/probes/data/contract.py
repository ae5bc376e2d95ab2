"""DAT-01: what code reads is described, bounded and owned."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from poc2prod.audit.files import data_contract
from poc2prod.audit.files.data_contract import BOUNDS, FILE, LENGTHS
from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed, stub

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poc2prod.audit.context import Context
    from poc2prod.audit.files.data_contract import Column, DataContract

_NOBODY = re.compile(r"(?i)@([^@]+\.)?example(\.(com|org|net))?$|^@?(todo|tbd|your[-_ ]?\w+)?$")
_KINDS = ("number", "integer", "string", "boolean", "timestamp", "date")
_READS = re.compile(
    r"(read|scan)_(csv|parquet|json|ndjson|excel|ods|ipc|avro|delta|iceberg|feather|hdf|orc|pickle"
    r"|stata|sas|spss|fwf|xml|html|table|database\w*|sql\w*)|loadtxt|genfromtxt|open_dataset"
)
"""Functions that read tables: those of polars, pandas, NumPy, xarray and pyarrow."""


def described(context: Context) -> Outcome:
    """The table has a contract with an owner and a rule for each column, and code reads no other.

    A contract without a change in its version says nothing of when it changed; git does.
    """
    contract = data_contract.read(context)
    if contract is None:
        return missing(f"{FILE} is not there", Location(FILE))
    return (
        _loose(context, contract)
        or _undescribed(context)
        or _unowned(context, contract)
        or passed(
            f"{FILE} bounds {len(contract.columns)} columns, and the code reads no other table",
            len(contract.columns),
        )
    )


def _loose(context: Context, contract: DataContract) -> Outcome | None:
    """Say which column could hold anything, or that the table could."""
    for column in contract.columns:
        reason = None
        if column.kind not in _KINDS:
            reason = f"has no logicalType out of {', '.join(_KINDS)}"
        elif not _ruled(column):
            reason = "may hold anything: write required, a range, a pattern or a rule of quality"
        elif column.required and column.kind in ("number", "integer") and not _bounded(column):
            reason = "is a number without a range: write logicalTypeOptions"
        if reason:
            place = Location(FILE, context.line(FILE, f"name: {column.name}"))
            return failed(f"{place}: {column.name} {reason}", place)
    if not contract.rules and not contract.key:
        return failed(f"{FILE}: the table has neither a rule of quality nor a primary key")
    return None


def _ruled(column: Column) -> bool:
    return bool(
        column.required
        or column.unique
        or column.rules
        or column.values
        or any(word in column.options for word in (*BOUNDS, *LENGTHS))
    )


def _bounded(column: Column) -> bool:
    return bool(column.rules or column.values or any(word in column.options for word in BOUNDS))


def _undescribed(context: Context) -> Outcome | None:
    """Say where the team's code reads a table by a name of its own."""
    managed = set(context.ownership.managed)
    for path in context.tree.matching("/src/*/*.py", "/src/*/**/*.py"):
        if path in managed or "/ops/" in path:
            continue
        for line, name in _named(context.tree.text(path) or ""):
            place = Location(path, line)
            return failed(f"{place}: it reads {name[:100]}, which {FILE} does not describe", place)
    return None


def _named(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that read a table whose name is written there, and the name."""
    if text.isascii() and not _READS.search(text):  # a name may have wide letters
        return
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        first = node.args[0]
        if isinstance(first, ast.Call) and first.args:  # Path("…")
            first = first.args[0]
        said = first.value if isinstance(first, ast.Constant) else None
        if _READS.fullmatch(name) and isinstance(said, str):
            yield node.lineno, said


def _unowned(context: Context, contract: DataContract) -> Outcome | None:
    place = Location(FILE, context.line(FILE, "team:"))
    if not contract.team:
        return failed(f"{place}: team has no members: nobody answers for the data", place)
    for member in contract.team:
        if _NOBODY.search(member.strip()):
            return stub(
                f"{place}: {member or 'a member of team'} is nobody who could answer", place
            )
    return None
