"""Reports made by hand: every status, waiver and trick, whatever the catalogue holds today."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from finished_audits import CHECKS, DIGEST, audit, check, result, waiver
from poc2prod.audit.outcome import Evidence, Location, Status
from poc2prod.audit.reports.document import document

if TYPE_CHECKING:
    from poc2prod.audit.scoring import Level

__all__ = [
    "CHECKS",
    "DIGEST",
    "EVERY",
    "STATUSES",
    "all_pass",
    "every_status",
    "foreign",
    "hostile",
    "long",
    "no_error",
    "nothing",
    "partial",
    "pilot",
]

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


def every_status(target: Level = "L3", **changes: Any) -> dict[str, Any]:
    """A report with all nine statuses, waivers of every standing and an advisory check."""
    results = [result(name, status) for name, status in STATUSES.items()]
    late = check("VAL-04", effective_from=date(2027, 3, 1))
    for index, one in enumerate(results):
        if one.check.id == "VAL-04":
            results[index] = one._replace(check=late, advisory=True)
        if one.status is Status.WAIVED:
            accepted = SimpleNamespace(id="W-2026-004", check=one.check.id)
            results[index] = one._replace(waiver=accepted)  # type: ignore[arg-type]
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
        outcome = one.outcome._replace(
            value=HOSTILE,
            threshold=float("nan"),
            evidence=(Evidence(HOSTILE, DIGEST),),
            locations=places,
        )
        results.append(one._replace(outcome=outcome))
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
