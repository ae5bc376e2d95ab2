"""The report as what shields.io's endpoint badge reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from poc2prod.audit.reports import words

if TYPE_CHECKING:
    from poc2prod.audit.reports.words import Report

LABEL = "readiness"
_COLOURS = {0: "brightgreen", 1: "orange", 3: "lightgrey", 4: "yellow"}


def write(report: Report) -> str:
    """Return the badge's label, message and colour."""
    badge = {
        "schemaVersion": 1,
        "label": LABEL,
        "message": message(report),
        "color": _COLOURS[report["exit"]],
    }
    return json.dumps(badge) + "\n"


def message(report: Report) -> str:
    """Return the level and what is behind it; an audit that was not complete says so."""
    level = report["level"]["reached"] or "no level"
    if report["exit"] == 3:
        return "audit failed"
    if report["readiness"] is not None:
        return f"{level}, {words.figure(report['readiness'])} of 7"
    return f"{level}, {report['counts']['PASS']} checks pass, {len(report['not_run'])} not run"
