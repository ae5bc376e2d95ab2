"""What an update adds to a project's duties: checks that its new release brings or tightens."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from poc2prod.audit.catalogue import load
from poc2prod.audit.engine import audit
from poc2prod.audit.outcome import Status
from poc2prod.errors import CommandError
from poc2prod.releases import Version

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Duties:
    """What an update adds.

    Attributes:
        added: the ids of new checks.
        tightened: the ids of checks that ask for more than before.
        today: what those that apply and need no run come to, status → number; None if unknown.
        left: how many need a run to be judged.
    """

    added: tuple[str, ...]
    tightened: tuple[str, ...]
    today: Mapping[str, int] | None = None
    left: int = 0

    def __str__(self) -> str:
        count = len(self.added)
        text = f"+{count} check{'' if count == 1 else 's'}, {len(self.tightened)} tightened"
        if self.today is None:
            return text
        parts = [f"{status} {number}" for status, number in self.today.items()]
        parts += [f"{self.left} to be run"] if self.left else []
        return f"{text}; today you would be {', '.join(parts) or 'asked for none of them'}"

    def document(self) -> dict[str, Any]:
        """Return it for a program."""
        return {
            "added": list(self.added),
            "tightened": list(self.tightened),
            "today": self.today and dict(self.today),
            "to_be_run": self.left,
        }


def between(old: Version, new: Version, root: Path | None) -> Duties | None:
    """Return what a release asks for that an older one didn't; None for nothing.

    Args:
        old: the release before.
        new: the release after.
        root: the project as it is after the update, to see what it comes to; None if it isn't.
    """

    def brought(release: str) -> bool:
        version = Version.parse(release)
        return version is not None and old < version <= new

    checks = [check for check in load().checks.values() if not check.replaced_by]
    added = tuple(check.id for check in checks if brought(check.since))
    tightened = tuple(
        check.id
        for check in checks
        if check.id not in added and any(map(brought, check.tightened.values()))
    )
    if not added and not tightened:
        return None
    if root is None:
        return Duties(added, tightened)
    try:
        found = audit(root, profile="fast", now=datetime.now(UTC))
    except (CommandError, OSError):  # the update is done, and this is a courtesy
        return Duties(added, tightened)
    asked = {*added, *tightened}
    counted = Counter(
        str(result.status)
        for result in found.results
        if result.check.id in asked and result.status is not Status.NA
    )
    today = {str(status): counted[str(status)] for status in Status if counted[str(status)]}
    return Duties(added, tightened, today, len(asked.intersection(found.left)))
