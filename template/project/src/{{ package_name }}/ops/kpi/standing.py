# Managed by poc2prod; extend in kpi-contract.yaml.
"""Whether the contract still stands: who approved which text, and what is overdue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from .findings import Issue

if TYPE_CHECKING:
    from .model import KpiContract

_APPROVERS = ("business", "operations")


def approved(contract: KpiContract, digest: str) -> Iterator[Issue]:
    """Yield what an approved contract lacks, and approvals of another text."""
    approved = contract.metadata.status == "approved"
    for number, approval in enumerate(contract.approvals):
        if approval.contract_sha256 != digest:
            yield Issue(
                ("approvals", number, "contract_sha256"),
                "the contract was edited since",
                f"approve it anew, as {digest}",
                "error" if approved else "warning",
            )
    if not approved:
        return
    missing = set(_APPROVERS) - {approval.role for approval in contract.approvals}
    if missing:
        fix = f"add it for contract_sha256 {digest}, or make it a draft"
        message = f"no approval by {' and '.join(sorted(missing))}"
        yield Issue(("metadata", "status"), message, fix)
    for number, guardrail in enumerate(contract.guardrails):
        if guardrail.promql is None:
            message = "an approved guardrail must be measured"
            yield Issue(("guardrails", number, "promql"), message, "add promql")


def due(contract: KpiContract, today: date) -> Iterator[Issue]:
    """Yield what is overdue on a day."""
    after, review_by = contract.ownership.after_project, contract.metadata.review_by
    if review_by and review_by < today:
        fix = "review it, then move the day"
        yield Issue(("metadata", "review_by"), "the review is overdue", fix, "warning")
    people = {person.email for person in contract.ownership.responsible if person.email}
    if after is None or after.handover is None or after.handover > today:
        return
    if len(people) < after.minimum_maintainers:
        message = f"{len(people)} after the hand-over, must be {after.minimum_maintainers}"
        yield Issue(("ownership", "responsible"), message, "add who else maintains it")
