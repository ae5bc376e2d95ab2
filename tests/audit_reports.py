"""Reports made by hand: every status, waiver and trick, whatever the catalogue holds today."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from poc2prod.audit.catalogue import STEPS, Check
from poc2prod.audit.engine import Audit, Result
from poc2prod.audit.outcome import Evidence, Location, Outcome, Status
from poc2prod.audit.report import document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from poc2prod.audit.scoring import Level

NOW = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> \"'><svg/onload=alert(3)> "
    "{{ 7*7 }} {% raw %} javascript:alert(4) | a | b | `code` **bold** [link](http://evil.example)"
    " ![pixel](http://evil.example/p.png) @octocat @org/team #12 www.evil.example"
    " \x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J \u202egnp.exe\u202c \u200bzero\ufeff"
    " ]]> <!-- --> &amp; \r\n## New heading\n\n- item\n| x | y |\u2028end \x00 \ufffe"
    " $x^2$ ~~gone~~"
)
"""Every way that a file's content could act on who reads a report."""

LONG = "the quick brown fox " * 400 + "x" * 3000
UNICODE = "Qualitätsprüfung 品質検査は合格しました 🚦 naïve café résumé — “quoted”"

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

STATUSES = {
    "KPI-01": Status.PASS,
    "KPI-04": Status.FAIL,
    "KPI-05": Status.MISSING,
    "DAT-01": Status.PASS,
    "DAT-02": Status.PASS,
    "DAT-05": Status.PASS,
    "INF-01": Status.UNKNOWN,
    "INF-08": Status.WAIVED,
    "INF-09": Status.STALE,
    "MDL-01": Status.PASS,
    "MDL-02": Status.FAIL,
    "MON-03": Status.PASS,
    "SEC-02": Status.PASS,
    "GOV-01": Status.STUB,
    "PRV-01": Status.NA,
    "ORG-01": Status.FAIL,
    "ORG-04": Status.PASS,
    "VAL-02": Status.ERROR,
    "VAL-04": Status.FAIL,
    "AUD-02": Status.PASS,
    "AUD-03": Status.PASS,
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


WAIVERS = (
    waiver("W-2026-004", "INF-08", "used"),
    waiver("W-2026-002", "SEC-02", "unused"),
    waiver(
        "W-2026-001",
        "ORG-01",
        "expired",
        expires="2026-11-30",
        why="it expired 2026-11-30",
    ),
    waiver(
        "line 40", "KPI-99", "void", owner="", approver="", expires=None, why="no such check KPI-99"
    ),
)


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
    return replace(made, **changes)


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


def every_status(target: Level = "L3", **changes: Any) -> dict[str, Any]:
    """A report with all nine statuses, waivers of every standing and an advisory check."""
    results = [result(name, status) for name, status in STATUSES.items()]
    late = check("VAL-04", effective_from=date(2027, 3, 1))
    for index, one in enumerate(results):
        if one.check.id == "VAL-04":
            results[index] = replace(one, check=late, advisory=True)
        if one.status is Status.WAIVED:
            accepted = SimpleNamespace(id="W-2026-004", check=one.check.id)
            results[index] = replace(one, waiver=accepted)  # type: ignore[arg-type]
    return document(audit(results, **{"waivers": WAIVERS, **changes}), target)


def no_error(target: Level = "L3") -> dict[str, Any]:
    """As every_status, but for the probe that failed."""
    kept = {name: status for name, status in STATUSES.items() if status is not Status.ERROR}
    return document(audit([result(n, s) for n, s in kept.items() if n != "INF-08"]), target)


def all_pass(target: Level = "L1") -> dict[str, Any]:
    """A report in which all checks pass."""
    return document(audit([result(name, Status.PASS) for name in CHECKS]), target)


def pilot() -> dict[str, Any]:
    """A report of a project on its way: every step has something."""
    passing = {"KPI-04", "INF-01", "INF-09", "ORG-01", "VAL-04", "PRV-01"}
    results = [
        result(name, Status.PASS if name in passing or name[:3] == "AUD" else status)
        for name, status in STATUSES.items()
        if status is not Status.ERROR
    ]
    return document(audit(results, waivers=WAIVERS[:1]), "L2")


def partial() -> dict[str, Any]:
    """A report of the fast profile, which leaves checks out."""
    kept = [result(name, STATUSES[name]) for name in ("KPI-01", "KPI-04", "DAT-01", "AUD-03")]
    return document(audit(kept, left=[n for n in CHECKS if n[:3] in ("MDL", "INF")]), "L1")


def nothing() -> dict[str, Any]:
    """A report in which nothing applies."""
    return document(audit([result("PRV-01", Status.NA)]), "L1")


def hostile() -> dict[str, Any]:
    """A report in which everything that a repository says is an attack."""
    changes = {"title": HOSTILE, "why": HOSTILE, "fix": HOSTILE, "role": HOSTILE}
    results = []
    for name, status in STATUSES.items():
        one = result(name, status, HOSTILE, check=check(name, **changes))
        places = (Location("../a|b`\x1b[0m<i>\udcff.py", 3), Location("/etc/passwd"))
        outcome = replace(
            one.outcome,
            value=HOSTILE,
            threshold=float("nan"),
            evidence=(Evidence(HOSTILE, DIGEST),),
            locations=places,
        )
        results.append(replace(one, outcome=outcome))
    texts = dict.fromkeys(("owner", "approver", "reason", "ticket", "why", "expires"), HOSTILE)
    waivers = [waiver(HOSTILE, HOSTILE, standing, **texts) for standing in ("used", "expired")]
    return document(audit(results, waivers=waivers, name=HOSTILE), "L4")


def long() -> dict[str, Any]:
    """A report of 300 findings whose texts are all too long."""
    results = [
        result(f"ORG-{number}", Status.FAIL, f"{number} {LONG}", check=check(f"ORG-{number}"))
        for number in range(300)
    ]
    waivers = [waiver(f"W-{n}", f"ORG-{n}", "expired", reason=LONG) for n in range(300)]
    return document(audit(results, waivers=waivers, name=LONG), "L4")


def foreign() -> dict[str, Any]:
    """A report in other scripts."""
    results = [result(name, status, UNICODE) for name, status in STATUSES.items()]
    return document(audit(results, name=UNICODE), "L2")


EVERY = {
    "every status": every_status,
    "no error": no_error,
    "all pass": all_pass,
    "pilot": pilot,
    "partial": partial,
    "nothing": nothing,
    "hostile": hostile,
    "long": long,
    "foreign": foreign,
}

assert {check[0] for check in CHECKS.values()} == set(STEPS)
