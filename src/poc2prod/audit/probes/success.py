"""Step 1: what success means, in the KPI contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poc2prod.audit.context import CONTRACT
from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed, stub

if TYPE_CHECKING:
    from poc2prod.audit.context import Context
    from poc2prod.ops.kpi.findings import Finding


def contract_valid(context: Context) -> Outcome:
    """The contract holds to its schema and rules, and says what only people know."""
    if not context.tree.has(CONTRACT):
        return missing(f"{CONTRACT} is not there", Location(CONTRACT))
    errors = [finding for finding in context.findings if finding.kind == "error"]
    if errors:
        return failed(_line(errors), *map(_place, errors), examined=1)
    gaps = [finding for finding in context.findings if finding.kind == "incomplete"]
    if gaps:
        return stub(_line(gaps), *map(_place, gaps))
    return passed(f"{CONTRACT} is valid and complete", 1)


def _line(findings: list[Finding]) -> str:
    first = findings[0]
    path = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in first.place)
    more = f", and {len(findings) - 1} more" if findings[1:] else ""
    return f"{CONTRACT}:{first.line}: {path.removeprefix('.')} {first.message}{more}"


def _place(finding: Finding) -> Location:
    return Location(CONTRACT, finding.line)
