"""How much depends on a project: the tier that sets how strict each check is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from poc2prod.audit.catalogue import TIERS, Tier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poc2prod.ops.kpi import KpiContract

MEDIUM_AVAILABILITY = 0.999


def tier(answers: Mapping[str, Any], contract: KpiContract | None = None) -> Tier:
    """Return the tier that answers and contract give; the contract may raise, not lower it."""
    needed, _ = given(answers, contract)
    declared = contract.metadata.risk_tier if contract else None
    return max(needed, declared or needed, key=TIERS.index)


def given(answers: Mapping[str, Any], contract: KpiContract | None) -> tuple[Tier, str]:
    """Return the tier that facts give, whatever is declared, and the fact that gives it."""
    tiers: tuple[Tier, ...] = ("high", "medium")
    for level, reasons in zip(tiers, (_high, _medium), strict=True):
        if reason := next(reasons(answers, contract), None):
            return level, reason
    return "low", "nothing asks for more"


def _high(answers: Mapping[str, Any], contract: KpiContract | None) -> Iterator[str]:
    if answers.get("safety_related") is True:
        yield "safety_related is answered with true"
    if answers.get("act_class") == "high-risk":
        yield "act_class is answered with high-risk"
    people = next(_persons(answers, contract), None)
    if people and answers.get("decision") == "automated":
        yield f"{people}, and decisions are automated"
    if contract and contract.privacy and contract.privacy.classification == "special_category":
        yield "privacy.classification is special_category"


def _medium(answers: Mapping[str, Any], contract: KpiContract | None) -> Iterator[str]:
    yield from _persons(answers, contract)
    for name in ("personal_data", "revenue_critical"):
        if answers.get(name) is True:
            yield f"{name} is answered with true"
    if contract and contract.privacy and contract.privacy.personal_data:
        yield "privacy.personal_data is true"
    availability = answers.get("availability")
    if isinstance(availability, float) and availability >= MEDIUM_AVAILABILITY:
        yield f"availability is answered with {availability}"
    for slo in contract.nonfunctional.slos if contract else ():
        if slo.kind == "availability" and slo.objective >= MEDIUM_AVAILABILITY:
            yield f"{slo.id} promises an availability of {slo.objective:g}"


def _persons(answers: Mapping[str, Any], contract: KpiContract | None) -> Iterator[str]:
    if answers.get("persons_affected") is True:
        yield "persons_affected is answered with true"
    if contract and contract.model_quality.fairness and contract.model_quality.fairness.applicable:
        yield "model_quality.fairness applies, so decisions affect people"
