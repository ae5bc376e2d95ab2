"""How much depends on a project: the tier that sets how strict each check is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from poc2prod.audit.catalogue import TIERS, Tier

if TYPE_CHECKING:
    from collections.abc import Mapping

MEDIUM_AVAILABILITY = 0.999


def tier(answers: Mapping[str, Any], declared: Tier | None = None) -> Tier:
    """Return the tier that the answers give, raised to what is declared, never lowered."""
    given = _given(answers)
    return max(given, declared or given, key=TIERS.index)


def _given(answers: Mapping[str, Any]) -> Tier:
    availability = answers.get("availability")
    demanding = isinstance(availability, float) and availability >= MEDIUM_AVAILABILITY
    return "medium" if demanding else "low"
