"""The report as one HTML file, which loads nothing and runs nothing but its own script."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib import resources
from typing import TYPE_CHECKING, Any

from poc2prod.audit.catalogue import STEPS
from poc2prod.audit.reports import words
from poc2prod.audit.scoring import LEVELS, MEANS, OPENS, READINESS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from poc2prod.audit.reports.words import Entry, Report

MEANINGS = {
    "ERROR": "the check itself failed to run",
    "FAIL": "what is there is not right",
    "STUB": "it is as generated, or says nothing yet",
    "STALE": "it was shown for something that has changed, or too long ago",
    "MISSING": "there is nothing to examine",
    "UNKNOWN": "it can't be examined here",
    "WAIVED": "it fails, and somebody accepted that for a while",
    "NA": "it does not apply to this project",
    "PASS": "it was examined and holds",
}
"""The statuses in the order in which a reader wants them."""

KINDS = {
    "static": "read in the files",
    "executed": "run and seen",
    "measured": "computed from what a run recorded",
    "attested": "a person's word",
}


def write(report: Report) -> str:
    """Return the report as HTML."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    style, script = _asset("report.css"), _asset("report.js")
    environment = Environment(
        loader=PackageLoader("poc2prod.audit", "reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"marked": _marked, "anchor": _anchor, "figure": words.figure}
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:;"
        f" style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    )
    safe = _clean(report)
    template = environment.get_template("report.html.jinja")
    return template.render(view(safe), policy=policy, style=style, script=script)


def view(report: Report) -> dict[str, Any]:
    """Return what the template shows, besides the report itself."""
    level, results = report["level"], report["results"]
    sections = [
        (step, title, sorted((r for r in results if r["step"] == step), key=_urgency))
        for step, title in STEPS.items()
    ]
    weak = [step["step"] for step in words.weakest(report)]
    near, near_rest = words.split(report, level["next_unmet"])
    far, far_rest = words.split(report, level["unmet"])
    return {
        "report": report,
        "standing": words.standing(report),
        "levels": LEVELS,
        "there": LEVELS[: LEVELS.index(level["reached"]) + 1] if level["reached"] else (),
        "ticks": [(_percent(points), names) for points, names in _ticks().items()],
        "means": MEANS,
        "opens": OPENS,
        "bars": [(step, [*_bar(step, report["readiness"])]) for step in report["steps"]],
        "weak": weak,
        "statuses": [status for status in MEANINGS if report["counts"][status]],
        "meanings": MEANINGS,
        "kinds": KINDS,
        "groups": words.GROUPS,
        "group": words.group,
        "frameworks": words.FRAMEWORKS,
        "open": words.OPEN,
        "loud": words.LOUD,
        "places": words.places,
        "errors": words.with_status(report, "ERROR"),
        "sections": [section for section in sections if section[2]],
        "roles": sorted({result["role"] for result in results}),
        "next": {"findings": near, "rest": near_rest},
        "target": {"findings": far, "rest": far_rest},
        "waivers": words.waivers(report),
        "shown": {result["step"] for result in results},
        "known": {result["id"] for result in results},
    }


def _urgency(result: Entry) -> tuple[int, int]:
    """Sort what is open by how much it matters, then what is not by its status."""
    status = [*MEANINGS].index(result["status"])
    if result["status"] in words.OPEN:
        return [*words.GROUPS].index(words.group(result)), status
    return len(words.GROUPS), status


def _bar(step: Entry, readiness: float | None) -> Iterator[tuple[str, float, float]]:
    """Yield the parts of a step's bar: class, start and width in percent of its length.

    What lies beyond the weakest step's score is `beyond`: it does not count yet.
    """
    score = step["score"] or 0.0
    counts = score if readiness is None else min(score, readiness)
    for unit in range(7):
        yield "unit", _percent(unit), _percent(1) - 0.6
        for name, start, end in (("counts", 0.0, counts), ("beyond", counts, score)):
            low, high = max(start, unit), min(end, unit + 1)
            if high > low:
                width = max(0.0, min(_percent(high), _percent(unit + 1) - 0.6) - _percent(low))
                yield name, _percent(low), round(width, 3)


def _ticks() -> dict[float, str]:
    """Return the readiness that levels need, and their names."""
    names: dict[float, list[str]] = {}
    for level, points in READINESS.items():
        names.setdefault(points, []).append(level)
    return {points: " ".join(levels) for points, levels in names.items() if points}


def _percent(points: float) -> float:
    return round(points / 7 * 100, 3)


def _clean(value: Any) -> Any:
    """Return the report with nothing in it that acts or hides."""
    if isinstance(value, str):
        return words.clean(value)
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else value


def _marked(text: object) -> Markup:
    """Return text with what stands in backticks as code."""
    from markupsafe import Markup, escape  # noqa: PLC0415

    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704


def _anchor(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", name)


def _asset(name: str) -> Markup:
    from markupsafe import Markup  # noqa: PLC0415

    folder = resources.files("poc2prod.audit") / "reports"
    return Markup((folder / name).read_text(encoding="utf-8"))  # noqa: S704


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
