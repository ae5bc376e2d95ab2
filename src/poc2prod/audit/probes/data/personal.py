"""DAT-08: what must not decide about people is neither in a model nor in what it computes from."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from poc2prod.audit.files import data_contract
from poc2prod.audit.files.data_contract import FILE, Column, DataContract
from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed
from poc2prod.audit.running import candidates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poc2prod.audit.context import Context

TREATMENTS = ("drop", "pseudonymise", "generalise", "keep")


def forbidden_absent(context: Context) -> Outcome:
    """Each column about people has a treatment, and no model, no code and no input has a forbidden.

    Forbidden is what is dropped, what is of a special category, and what the KPI contract says so
    of. Whether other columns stand in for it, is not told here.
    """
    contract = data_contract.read(context)
    if contract is None:
        return missing(f"{FILE} is not there", Location(FILE))
    personal = [column for column in contract.columns if column.personal is not None]
    if not personal:
        return missing(
            f"{FILE} marks no column as personal, and the answers say that people are concerned",
            Location(FILE),
        )
    for column in personal:
        place = Location(FILE, context.line(FILE, f"name: {column.name}"))
        if str((column.personal or {}).get("treatment")) not in TREATMENTS:
            return failed(f"{place}: {column.name} is personal and has no treatment", place)
    forbidden = {*_forbidden(context, personal)}
    for place, name, where in _uses(context, contract):
        if name in forbidden:
            return failed(f"{place}: {name} is forbidden, and {where}", place)
    return passed(
        f"{len(personal)} columns about people have a treatment, and none of {len(forbidden)}"
        " forbidden ones is in a model, its inputs or its code",
        len(personal),
        value=len(forbidden),
    )


def _forbidden(context: Context, personal: list[Column]) -> Iterator[str]:
    for column in personal:
        said = column.personal or {}
        if said.get("treatment") == "drop" or said.get("category") == "special":
            yield column.name
    privacy = context.contract.privacy if context.contract else None
    for each in privacy.columns if privacy else ():
        if each.treatment == "drop" or each.category == "special":
            yield each.column


def _uses(context: Context, contract: DataContract) -> Iterator[tuple[Location, str, str]]:
    """Yield where a column is used, its name, and how."""
    for column in contract.of_role("input"):
        place = Location(FILE, context.line(FILE, f"name: {column.name}"))
        yield place, column.name, "a request must hold it"
    tree = context.tree
    models = candidates.places(tree)["models"]
    for path in tree.matching(f"/{models}/*/model.json") if models else ():
        metadata = candidates.document(tree, path)
        for key in ("inputs", "features"):
            for name in _names(metadata.get(key)):
                yield Location(path), name, "the model takes it"
    for path in tree.matching("/src/*/features.py", "/src/*/model.py"):
        for line, text in _texts(tree.text(path) or ""):
            yield Location(path, line), text, "this code names it"


def _names(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from map(str, value)
    elif isinstance(value, list):
        yield from (str(each.get("name")) for each in value if isinstance(each, dict))


def _texts(text: str) -> Iterator[tuple[int, str]]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
