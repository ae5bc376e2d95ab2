"""Failures that the team accepts for a while: listed, owned, capped, expiring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

    from poc2prod.audit.context import Context
    from poc2prod.audit.engine import Result

FILE = "readiness/waivers.yaml"


@dataclass(frozen=True, slots=True)
class Waiver:
    """One accepted failure."""

    id: str
    check: str


@dataclass(frozen=True, slots=True)
class Waivers:
    """What the team accepted.

    Attributes:
        valid: those that are in force.
        expired: the ids of the checks whose waiver has ended.
        problems: what is wrong with others, one line each.
    """

    valid: tuple[Waiver, ...] = ()
    expired: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, _context: Context) -> Self:
        """Read the repository's waivers."""
        return cls()

    def applied(self, results: Sequence[Result]) -> list[Result]:
        """Turn what they accept into WAIVED."""
        return list(results)

    def document(self) -> list[dict[str, Any]]:
        """Return what a report says of them."""
        return []
