# Managed by poc2prod; extend in kpi-contract.yaml.
"""Reads the contract and judges it: by its shape, then by the rules that a schema can't say."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .document import UNKNOWN, Document, read
from .findings import ContractError, Finding
from .judging import judged, values
from .model import KpiContract

PATH = Path("kpi-contract.yaml")

MOST = 500
"""Errors of shape that are told; each takes a search for its line."""

_WORDS = {
    "Input should be": "must be",
    "a valid tuple": "a list",
    "a valid dictionary or instance of": "a mapping with the keys of",
    "datetime.timedelta(0)": "0",
    r"String should match pattern '^[A-Z]{2}-[A-Z0-9-]+$'": "must look like MQ-RECALL",
    r"String should match pattern '^[^@\s]+@[^@\s]+\.[^@\s]+$'": "must be an e-mail address",
    r"String should match pattern '^\d+\.\d+\.\d+$'": "must look like 1.0.0",
    r"String should match pattern '\S'": "must not be empty",
    "String should match pattern": "must match",
    "Tuple should have at least 1 item after validation, not 0": "list at least one",
    "Value error, ": "",
}


def load(path: Path = PATH) -> KpiContract:
    """Read a contract that code may rely on. What is due on a day is left to `contract check`.

    Raises:
        ContractError: it can't be used; names the first reason with its line and the fix.
    """
    document = read(path)
    contract = validate(document)
    errors = [finding for finding in judged(document, contract, None) if finding.kind == "error"]
    if errors:
        raise ContractError(*errors)
    return contract


def check(path: Path = PATH, today: date | None = None) -> list[Finding]:
    """Find everything that can be said of a contract today, in the order of its lines."""
    try:
        document = read(path)
        contract = validate(document)
    except ContractError as error:
        return list(error.findings)
    today = today or datetime.now(UTC).date()
    return sorted(judged(document, contract, today), key=lambda finding: finding.line)


def validate(document: Document) -> KpiContract:
    """Give a document its shape.

    Raises:
        ContractError: a key is unknown or missing, or a value does not fit; names all.
    """
    empty = [place for place, value in values((), document.data) if value is None]
    if empty:
        fix = f"write a value or {UNKNOWN}, or delete the key"
        raise ContractError(*(document.finding(place, "is empty", fix) for place in empty))
    try:
        return KpiContract.model_validate(document.data)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        # An item that is wrong makes pydantic say of its list too that it is short.
        around = {found["loc"][:depth] for found in errors for depth in range(len(found["loc"]))}
        wrong = [found for found in errors if found["loc"] not in around]
        findings = [_of_shape(document, found) for found in wrong[:MOST]]
        raise ContractError(*sorted(findings, key=lambda finding: finding.line)) from None


def _of_shape(document: Document, error: Any) -> Finding:
    place, value = error["loc"], error["input"]
    match error["type"]:
        case "unknown_key":
            key = error["ctx"]["key"]
            return document.finding((*place, key), "there is no such key", error["ctx"]["fix"])
        case "missing":
            return document.finding(place, "is missing", f"add {place[-1]}")
        case "union_tag_not_found":
            return document.finding((*place, "kind"), "is missing", "add kind")
        case "union_tag_invalid":
            place, value = (*place, "kind"), error["ctx"]["tag"]
            fix = f"must be {error['ctx']['expected_tags']}"
        case _:
            fix = error["msg"]
            for pydantics, ours in _WORDS.items():
                fix = fix.replace(pydantics, ours)
    shown = {dict: "a mapping", list: "a list", type(None): "nothing"}.get(type(value), repr(value))
    return document.finding(place, f"{shown} does not fit", fix)
