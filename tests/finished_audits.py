"""Finished audits made by hand: any check with any status, whatever the catalogue holds today."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from poc2prod.audit.catalogue import STEPS, Check
from poc2prod.audit.engine import Audit, Result
from poc2prod.audit.outcome import Evidence, Location, Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOW = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

# Id: step, severity, kinds, role, title.
CHECKS = {
    "KPI-01": (1, "blocker", "static", "product owner", "The KPI contract is valid"),
    "KPI-04": (1, "blocker", "static", "product owner", "Non-functional limits are complete"),
    "KPI-05": (1, "blocker", "attested", "product owner", "The contract is approved"),
    "DAT-01": (2, "blocker", "static", "data engineer", "Every dataset has a data contract"),
    "DAT-02": (2, "blocker", "executed", "data engineer", "Bad data is rejected and quarantined"),
    "DAT-05": (2, "blocker", "executed", "data scientist", "Splits are clean and free of leakage"),
    "INF-01": (3, "blocker", "executed", "platform engineer", "The container really serves"),
    "INF-08": (3, "blocker", "measured", "platform engineer", "A restore drill meets its limits"),
    "INF-09": (3, "major", "measured", "platform engineer", "A load test proves the limits"),
    "MDL-01": (4, "blocker", "executed", "data scientist", "Training is reproducible"),
    "MDL-02": (4, "blocker", "measured", "data scientist", "All gates are met, recomputed"),
    "MON-03": (4, "major", "executed", "ML engineer", "Alerts fire when they should"),
    "SEC-02": (5, "blocker", "executed", "security", "No secrets in history or image"),
    "GOV-01": (5, "major", "static", "data scientist", "The model card is written"),
    "PRV-01": (5, "blocker", "executed", "security", "Personal data is inventoried"),
    "ORG-01": (6, "blocker", "static", "engineering manager", "Ownership is real"),
    "ORG-04": (6, "minor", "executed", "engineering manager", "Documentation works as written"),
    "VAL-02": (7, "major", "executed", "product owner", "Feedback is collected and used"),
    "VAL-04": (7, "minor", "attested", "product owner", "Missed KPIs lead to decisions"),
    "AUD-02": (0, "blocker", "static", "engineering manager", "Waivers are valid"),
    "AUD-03": (0, "blocker", "static", "engineering manager", "Evidence is authentic and fresh"),
}

SAID = {
    "KPI-04": "kpi-contract.yaml:41: non_functional.cost has a limit and no measurement",
    "KPI-05": "no approval is there for the roles product owner and operations",
    "INF-01": "it builds a container, and there is no Docker engine: start one",
    "INF-08": "readiness/evidence/restore.json is not there",
    "INF-09": "src/service.py has changed since the load test of 2026-10-02",
    "MDL-02": "the gate recall of class wear is 0.71 at its lower bound, and 0.80 is asked for",
    "GOV-01": "docs/model-card.md has nothing yet for intended-use",
    "PRV-01": "applies where personal_data",
    "ORG-01": "CODEOWNERS covers 61 of 84 files; the first without an owner is src/features.py",
    "VAL-02": "the check itself failed: KeyError: 'items'",
    "VAL-04": "the miss of 2026-09 has no decision",
}

PLACES = {
    "KPI-04": (Location("kpi-contract.yaml", 41), Location("docs/limits.md")),
    "MDL-02": (Location("artifacts/evaluation.json"),),
    "GOV-01": (Location("docs/model-card.md", 12),),
    "INF-09": (Location("src/service.py"),),
    "ORG-01": (Location(".github/CODEOWNERS", 3), Location("src/a b&c#d%.py", 7)),
}


@dataclass(frozen=True)
class Accepted:
    """Stands for what the team accepted, in the shape that a report has."""

    listed: Sequence[Mapping[str, Any]] = ()
    expired: Mapping[str, Any] = field(default_factory=dict)

    def document(self, *_: object) -> list[dict[str, Any]]:
        return [dict(waiver) for waiver in self.listed]


def waiver(name: str, check: str, standing: str, **more: Any) -> dict[str, Any]:
    """A waiver as a report has it."""
    return {
        "id": name,
        "check": check,
        "standing": standing,
        "why": None if standing == "used" else f"{check} is PASS: delete this waiver",
        "category": "accepted_risk",
        "reason": "Replication to the second site is delivered in the fourth quarter",
        "compensating": ["INF-01"],
        "ticket": "OPS-5123",
        "owner": "a.person@company.example",
        "approver": "b.person@company.example",
        "granted": "2026-09-02",
        "expires": "2026-12-30",
        "path": "readiness/waivers.yaml",
        "line": 3,
        **more,
    }


def check(name: str, **changes: Any) -> Check:
    """A check of the table above."""
    step, severity, kind, role, title = CHECKS.get(name, (5, "major", "static", "owner", name))
    made = Check(
        id=name,
        title=title,
        step=step,
        why="Without it nobody knows what a release may do to those who rely on it.",
        fix="Write what the message names, then run `poc2prod audit` again.",
        role=role,
        kinds=(kind, "static") if kind == "executed" else (kind,),  # type: ignore[arg-type]
        profile="fast",
        severity=dict.fromkeys(("low", "medium", "high"), severity),  # type: ignore[arg-type]
        probe="none.such",
        since="0.4.0",
        arguments={},
        maps={"mlts": ("infra-1",), "act": ("15.1", "AnnexIV.2"), "iso": ("A.6.2.2",)},
        package="poc2prod.audit",
    )
    return made._replace(**changes)


def result(name: str, status: Status, message: str | None = None, **changes: Any) -> Result:
    """A result of a check."""
    of = changes.pop("check", None) or check(name)
    outcome = Outcome(
        status,
        message or SAID.get(name, f"{name} was examined and {status}"),
        examined=0 if status in (Status.MISSING, Status.NA) else 12,
        value=0.71 if name == "MDL-02" else None,
        threshold=0.8 if name == "MDL-02" else None,
        evidence=(Evidence("artifacts/evaluation.json", DIGEST),) if of.step == 4 else (),
        locations=PLACES.get(name, ()),
    )
    given = {"severity": of.severity["medium"], "seconds": 0.0123, **changes}
    return Result(of, outcome, **given)


def audit(
    results: Sequence[Result],
    *,
    left: Sequence[str] = (),
    waivers: Sequence[Mapping[str, Any]] = (),
    name: str = "pump-failures",
    executed: bool = True,
) -> Audit:
    """A finished audit with these results."""
    context = SimpleNamespace(
        answers={"project_name": name},
        tree=SimpleNamespace(root=SimpleNamespace(name="folder")),
        recorded={"_commit": "v0.4.0"},
        tier="medium",
        now=NOW,
        catalogue=SimpleNamespace(sha256=DIGEST),
        evidence=SimpleNamespace(dirty=()),
        lab=object() if executed else None,
    )
    ended = {w["check"]: w for w in waivers if w["standing"] == "expired"}
    return Audit(
        context,  # type: ignore[arg-type]
        "fast" if left else "release",
        tuple(results),
        tuple(left),
        Accepted(waivers, ended),  # type: ignore[arg-type]
        commit="1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b",
        dirty=True,
    )


assert {check[0] for check in CHECKS.values()} == set(STEPS)
