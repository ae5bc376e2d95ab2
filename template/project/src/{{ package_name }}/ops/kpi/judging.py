# Managed by poc2prod; extend in kpi-contract.yaml.
"""What is said of a contract that has the right shape."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from . import rules
from .document import PLACEHOLDER, UNKNOWN, Document
from .findings import Finding, Place

if TYPE_CHECKING:
    from .model import KpiContract


def judged(document: Document, contract: KpiContract, today: date | None) -> Iterator[Finding]:
    """Find what a shape does not say: rules that are broken, gaps, and what is due on a day."""
    for issue in rules.judge(contract, document.digest, today):
        yield document.finding(*issue)
    kind = "error" if contract.metadata.status == "approved" else "incomplete"
    for place, value in values((), document.data):
        if value == UNKNOWN or (isinstance(value, str) and value.endswith(PLACEHOLDER)):
            yield document.finding(place, "only people know this", "write it", kind)


def values(place: Place, value: Any) -> Iterator[tuple[Place, Any]]:
    """Yield all that was written at and below a place."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from values((*place, key), inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from values((*place, index), inner)
    else:
        yield place, value
