"""What several forms say alike: which findings are open and how grave, and text without tricks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Report = Mapping[str, Any]
    Entry = Mapping[str, Any]

OPEN = ("ERROR", "FAIL", "STUB", "STALE", "MISSING", "UNKNOWN")
"""The statuses that ask somebody to do something, the gravest first."""

LOUD = ("expired", "void")
"""The standings of waivers that somebody relies on in vain."""

GROUPS = {
    "blocker": "Blockers",
    "major": "Major",
    "minor": "Minor",
    "advisory": "Advisory, not in force yet",
}

FRAMEWORKS = {
    "act": "EU AI Act",
    "aws": "AWS Well-Architected ML Lens",
    "gdpr": "GDPR",
    "google": "Google MLOps levels",
    "iso": "ISO/IEC 42001",
    "mercari": "Mercari production readiness checklist",
    "mlts": "ML Test Score",
    "msft": "Microsoft ML fundamentals checklist",
    "osps": "OpenSSF OSPS Baseline",
    "owasp": "OWASP",
    "rmf": "NIST AI RMF",
    "saif": "Google SAIF",
    "scorecard": "OpenSSF Scorecard",
    "slsa": "SLSA",
    "sre": "Google SRE launch checklist",
}
"""The key of a check's `maps` → what people call it."""

_ACTS_OR_HIDES = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters: they move a terminal's cursor, or worse
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # they turn the direction of the text
    "\u200b\u2028\u2029\u2060\ufeff"  # no eye sees them
    "\ud800-\udfff\ufffe\uffff]"  # neither UTF-8 nor XML has them
)


def clean(text: object) -> str:
    """Return text on one line in which nothing acts on a terminal or hides from a reader."""
    return _ACTS_OR_HIDES.sub(
        lambda found: found[0].encode("unicode_escape").decode("ascii"), " ".join(str(text).split())
    )


def shortened(text: object, most: int) -> str:
    """Return clean text of at most `most` characters."""
    whole = clean(text)
    return whole if len(whole) <= most else whole[: most - 1].rstrip() + "…"


def group(result: Entry) -> str:
    """Return which of GROUPS a finding belongs to."""
    return "advisory" if result["advisory"] else str(result["severity"])


def open_findings(report: Report) -> dict[str, list[Entry]]:
    """Return the open findings by group, the gravest first; no empty groups."""
    found = [result for result in report["results"] if result["status"] in OPEN]
    found.sort(key=lambda result: OPEN.index(result["status"]))  # stable: then the catalogue's
    groups = {name: [r for r in found if group(r) == name] for name in GROUPS}
    return {name: results for name, results in groups.items() if results}


def with_status(report: Report, *statuses: str) -> list[Entry]:
    """Return the results of these statuses."""
    return [result for result in report["results"] if result["status"] in statuses]


def weakest(report: Report) -> list[Entry]:
    """Return the steps with the lowest score, which is the readiness; none where none has one."""
    scores = [step["score"] for step in report["steps"] if step["score"] is not None]
    return [step for step in report["steps"] if scores and step["score"] == min(scores)]


def standing(report: Report) -> str:
    """Say what the readiness is, and whose score it is."""
    low = [f"{step['step']}, {step['title']}" for step in weakest(report)]
    if report["readiness"] is None or not low:
        left = len(report["not_run"])
        return "Readiness is not stated: " + (
            f"{left} checks were not run" if left else "no check of the seven steps applies"
        )
    shared = f", shared by {len(low)} steps" if low[1:] else f", the score of step {low[0]}"
    return f"Readiness {figure(report['readiness'])} of 7{shared}"


def figure(number: float) -> str:
    """Return a score with one digit, never rounded up to one that was not reached."""
    return f"{int(number * 10 + 1e-9) / 10:.1f}"


def split(report: Report, lines: Iterable[str]) -> tuple[list[Entry], list[str]]:
    """Tell what keeps a repository from a level apart: findings of this report, and the rest."""
    by_id = {result["id"]: result for result in report["results"]}
    findings, rest = [], []
    for line in lines:
        result = by_id.get(line.partition(" ")[0])
        if result:
            findings.append(result)
        else:
            rest.append(clean(line))
    return findings, rest


def places(result: Entry) -> list[str]:
    """Return where to look, as path or path:line."""
    return [
        clean(f"{place['path']}:{place['line']}" if place["line"] else place["path"])
        for place in result["locations"]
    ]


def waivers(report: Report) -> list[Entry]:
    """Return the waivers, those first that accept nothing because they have ended or are void."""
    order = ("expired", "void", "used", "unused")
    return sorted(report["waivers"], key=lambda waiver: order.index(waiver["standing"]))


def signed(waiver: Entry) -> str:
    """Return who answers for a waiver, and until when."""
    parts = {"owner": "owner", "approver": "approved by", "expires": "until"}
    if waiver["standing"] == "expired":
        parts["expires"] = "ended"
    said = [f"{word} {clean(waiver[key])}" for key, word in parts.items() if waiver.get(key)]
    return ", ".join(said) or "it names nobody"
