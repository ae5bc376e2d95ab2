"""SEC-03: known holes are closed in time, and updates flow."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from poc2prod.audit.files.tree import UnreadableError
from poc2prod.audit.outcome import Location, Outcome, failed, passed, stale, unknown
from poc2prod.audit.records.scrutiny import judged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poc2prod.audit.context import Context
    from poc2prod.audit.records.evidence import Envelope

PINS = "/requirements/**/*.txt"
POLICY = {"critical": 7, "high": 30}
"""Days within which a hole must be closed, where the contract says nothing."""

OLDEST = timedelta(days=8)
"""A scan may be, so that one that is made every week is always in time."""

LONGEST = timedelta(days=60)
"""That pins may stay as they are."""

_PIN = re.compile(r"^[A-Za-z0-9._-]+==[^\s;\\]+", re.MULTILINE)
_UPDATES = (
    ("/.github/workflows/*.yml", "poc2prod"),
    ("/.gitlab-ci.yml", "poc2prod"),
    ("/.github/renovate.json*", ""),
    ("/renovate.json*", ""),
    ("/.github/dependabot.y*ml", ""),
)


def closed_in_time(context: Context) -> Outcome:
    """This week's scan of all pins found nothing that is open for too long; updates come."""
    assert context.check is not None
    pins = {
        match[0]
        for path in context.tree.matching(PINS)
        for match in _PIN.finditer(context.tree.text(path) or "")
    }
    envelope = judged(context, context.check)
    if isinstance(envelope, Outcome):
        return envelope
    place = Location(envelope.path)
    if context.now - envelope.finished > OLDEST:
        days = (context.now - envelope.finished).days
        return stale(f"{place}: the scan was {days} days ago, of {OLDEST.days}", place)
    if envelope.values.get("packages") != len(pins) or not pins:
        asked = envelope.values.get("packages")
        return failed(f"{place}: {asked} packages were asked about, of {len(pins)} pins", place)
    try:
        late = _late(context, envelope)
    except (KeyError, TypeError, ValueError) as error:
        return failed(f"{place}: it lists a hole that can't be read: {error!r}", place)
    if late:
        return failed(
            f"{place}: {len(late)} holes are open for too long: {', '.join(late[:3])}",
            place,
            examined=len(pins),
            value=len(late),
        )
    return _flowing(context) or passed(
        f"none of {len(pins)} pins has a hole that is open for too long",
        len(pins),
        value=0,
        evidence=(envelope.evidence,),
    )


def _late(context: Context, envelope: Envelope) -> list[str]:
    """Judge each hole by its age on the day of the audit, whatever the scan made of it."""
    security = context.contract.security if context.contract else None
    policy: Mapping[str, int] = POLICY
    if security and security.vuln_policy:
        declared = security.vuln_policy
        policy = {"critical": declared.critical.days, "high": declared.high.days}
    today = context.now.date()
    return [
        f"{hole['id']} in {hole['package']}"
        for hole in envelope.values["holes"]
        if _overdue(hole, policy, today)
    ]


def _overdue(hole: Mapping[str, Any], policy: Mapping[str, int], today: date) -> bool:
    days = policy.get(hole["severity"])
    age = (today - date.fromisoformat(hole["published"])).days
    return bool(hole["fixed"]) and days is not None and age > days


def _flowing(context: Context) -> Outcome | None:
    """Return what keeps updates from coming; None if they come."""
    if not any(_mentions(context, *entry) for entry in _UPDATES):
        return failed("nothing opens updates: neither a workflow, nor Renovate, nor Dependabot")
    if context.repository is None:
        return unknown("there is no git history to tell when pins were last updated: audit a clone")
    said = context.repository.git(
        "log", "-1", "--format=%cI", "--", "requirements", ".poc2prod/answers.yaml"
    ).strip()
    if not said:
        return unknown("no commit has the pins: when they were last updated can't be told")
    age = context.now - datetime.fromisoformat(said).astimezone(UTC)
    if age > LONGEST:
        place = Location("requirements")
        return stale(f"the pins are {age.days} days old, of {LONGEST.days}: update them", place)
    return None


def _mentions(context: Context, pattern: str, word: str) -> bool:
    for path in context.tree.matching(pattern):
        try:
            text = context.tree.text(path) or ""
        except UnreadableError:
            continue
        if text.strip() and (not word or re.search(rf"{word}\S* update\b", text)):
            return True
    return False
