"""The report for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def write(report: Mapping[str, Any]) -> str:
    """Return the report in lines: steps, what is open, what keeps it from its target."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    project, level = report["project"], report["level"]
    yield f"{project['name']}, tier {project['tier']}, profile {report['profile']}"
    yield f"level {level['reached'] or 'none'}, target {level['target']}"
    for step in report["steps"]:
        score = "no checks" if step["score"] is None else f"{step['score']:.1f} of 7"
        yield f"  {step['step']} {step['title']:24} {score}"
    for result in report["results"]:
        yield f"{result['status']:8} {result['id']:8} {result['message']}"
    yield from level["unmet"]
