"""What all reports are made of: one document, whose JSON is the canonical report."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from poc2prod import __version__
from poc2prod.audit import scoring
from poc2prod.audit.catalogue import STEPS
from poc2prod.audit.outcome import Status

if TYPE_CHECKING:
    from poc2prod.audit.engine import Audit, Result
    from poc2prod.audit.scoring import Level

SCHEMA = "poc2prod/audit/v1"


def document(audit: Audit, target: Level) -> dict[str, Any]:
    """Return the report as JSON and UTF-8 can hold it; report.schema.json describes it."""
    context = audit.context
    reached = scoring.reached(audit)
    above = scoring.LEVELS[scoring.LEVELS.index(reached) + 1 :] if reached else scoring.LEVELS
    counts = Counter(result.status for result in audit.results)
    report = {
        "schema": SCHEMA,
        "generator": {"name": "poc2prod", "version": __version__},
        "catalogue_sha256": context.catalogue.sha256,
        "project": {
            "name": _text(context.answers.get("project_name")) or context.tree.root.name,
            "template": _text(context.recorded.get("_commit")),
            "commit": audit.commit,
            "dirty": audit.dirty,
            "tier": context.tier,
        },
        "as_of": context.now.isoformat(timespec="seconds"),
        "profile": audit.profile,
        "executed": context.lab is not None,
        "level": {
            "reached": reached,
            "target": target,
            "opens": scoring.OPENS[target],
            "unmet": scoring.unmet(audit, target),
            "next": above[0] if above else None,
            "next_unmet": scoring.unmet(audit, above[0]) if above else [],
        },
        "readiness": _rounded(scoring.readiness(audit.results)) if audit.complete else None,
        "covered": _rounded(scoring.covered(audit.results)),
        "steps": [
            {
                "step": score.step,
                "title": STEPS[score.step],
                "points": score.points,
                "applicable": score.applicable,
                "score": _rounded(score.value),
            }
            for score in scoring.scores(audit.results)
        ],
        "counts": {str(status): counts[status] for status in Status},
        "results": [_result(result) for result in audit.results],
        "not_run": list(audit.left),
        "waivers": audit.waivers.document(audit.results),
        "exit": exit_code(audit, target),
    }
    return _sound(report)  # type: ignore[no-any-return]


def exit_code(audit: Audit, target: Level) -> int:
    """Return the exit status: 0 target met, 1 findings, 3 an error, 4 only stale or expired."""
    ran = [result for result in audit.results if result.status is not Status.NA]
    if not ran or any(result.status is Status.ERROR for result in ran):
        return 3
    if not scoring.unmet(audit, target):
        return 0
    timely = audit._replace(results=tuple(_as_in_time(audit, result) for result in audit.results))
    return 1 if scoring.unmet(timely, target) else 4


def _as_in_time(audit: Audit, result: Result) -> Result:
    """Return a result as it would be had nothing become stale and no waiver expired."""
    if result.status is Status.STALE:
        return result._replace(outcome=result.outcome.but(Status.PASS, result.outcome.message))
    waiver = audit.waivers.expired.get(result.check.id)
    if waiver is None or result.status in (Status.PASS, Status.NA):
        return result
    waived = result.outcome.but(Status.WAIVED, result.outcome.message)
    return result._replace(outcome=waived, waiver=waiver)


def _result(result: Result) -> dict[str, Any]:
    check, outcome = result.check, result.outcome
    return {
        "id": check.id,
        "title": check.title,
        "step": check.step,
        "role": check.role,
        "status": str(outcome.status),
        "severity": result.severity,
        "kinds": list(check.kinds),
        "profile": check.profile,
        "advisory": result.advisory,
        "blocks": result.blocks,
        "message": outcome.message,
        "why": check.why,
        "fix": check.fix,
        "examined": outcome.examined,
        "value": outcome.value,
        "threshold": outcome.threshold,
        "evidence": [{"name": e.name, "sha256": e.sha256} for e in outcome.evidence],
        "locations": [{"path": place.path, "line": place.line} for place in outcome.locations],
        "maps": {name: list(ids) for name, ids in check.maps.items()},
        "waiver": result.waiver.id if result.waiver else None,
        "version": check.version,
        "effective_from": check.effective_from and check.effective_from.isoformat(),
        "seconds": round(result.seconds, 3),
    }


def _text(value: object) -> str | None:
    """Return a text of somebody else's file; None for what is none."""
    return value[:200] if isinstance(value, str) else None


def _sound(value: Any) -> Any:
    """Return a value without what JSON or UTF-8 can't hold: NaN, and bytes of broken file names."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {_sound(key): _sound(item) for key, item in value.items()}
    return [_sound(item) for item in value] if isinstance(value, list | tuple) else value


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
