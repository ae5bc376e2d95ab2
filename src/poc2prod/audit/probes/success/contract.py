"""Step 1: what success means, in the KPI contract."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from poc2prod.audit import tiers
from poc2prod.audit.catalogue import TIERS
from poc2prod.audit.context import CONTRACT
from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed, stale, stub

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poc2prod.audit.context import Context
    from poc2prod.ops.kpi.findings import Finding, Place

_NOBODY = re.compile(
    r"(?i)@([^@]+\.)?(example\.(com|org|net)|example|invalid|test|localhost)$"
    r"|\b(lorem ipsum|john doe|jane doe|your[ _-]?(name|team|e?-?mail|project))\b"
    r"|^\W*(todo|tbd|fixme|change ?me|placeholder|xxx+|dummy|foo|bar|asdf|\?+)\W*$"
)
"""What people write where they don't know: reserved domains (RFC 2606, 6761) and fillers."""

_LONGEST = 200
"""Characters; what is longer says something."""


def contract_valid(context: Context) -> Outcome:
    """The contract holds to its schema and rules, says what only people know, and how risky it is.

    Placeholders are gaps, beside those that the contract's own rules know.
    """
    if not context.tree.has(CONTRACT):
        return missing(f"{CONTRACT} is not there", Location(CONTRACT))
    errors = [finding for finding in context.findings if finding.kind == "error"]
    if errors:
        return failed(_line(errors), *map(_place, errors[:20]), examined=1)
    return (
        _understated(context)
        or _gap(context)
        or _overdue(context)
        or passed(f"{CONTRACT} is valid and complete for tier {context.tier}", 1)
    )


def _understated(context: Context) -> Outcome | None:
    contract = context.contract
    needed, reason = tiers.given(context.answers, contract)
    declared = contract.metadata.risk_tier if contract else None
    if declared is None or TIERS.index(declared) >= TIERS.index(needed):
        return None
    place = Location(CONTRACT, context.line(CONTRACT, "risk_tier"))
    message = f"{place}: risk_tier is {declared}, and must be {needed} because {reason}"
    return failed(message, place, value=declared, threshold=needed)


def _gap(context: Context) -> Outcome | None:
    from poc2prod.ops.kpi.document import read  # noqa: PLC0415

    gaps = [finding for finding in context.findings if finding.kind == "incomplete"]
    if gaps:
        return stub(_line(gaps), *map(_place, gaps[:20]))
    if context.contract is None:
        return failed(f"{CONTRACT} can't be used: run contract check", Location(CONTRACT))
    document = read(context.tree.root / CONTRACT)
    for steps, text in _texts((), document.data):
        if _NOBODY.search(text):
            found = document.finding(steps, f"is a placeholder: {text}", "write it")
            return stub(_line([found]), _place(found))
    return None


def _overdue(context: Context) -> Outcome | None:
    review = context.contract.metadata.review_by if context.contract else None
    if review is None or review >= context.now.date():
        return None
    place = Location(CONTRACT, context.line(CONTRACT, "review_by"))
    return stale(f"{place}: it was to be reviewed by {review}", place)


def _texts(steps: Place, value: Any) -> Iterator[tuple[Place, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts((*steps, key), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts((*steps, number), inner)
    elif isinstance(value, str) and len(value) <= _LONGEST:
        yield steps, value


def _line(findings: list[Finding]) -> str:
    first = findings[0]
    path = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in first.place)
    more = f", and {len(findings) - 1} more" if findings[1:] else ""
    return f"{CONTRACT}:{first.line}: {path.removeprefix('.')} {first.message}{more}"


def _place(finding: Finding) -> Location:
    return Location(CONTRACT, finding.line)
