"""The report as a comment on a pull request or the summary of a CI job."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from poc2prod.audit.reports import words
from poc2prod.audit.scoring import MEANS, OPENS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poc2prod.audit.reports.words import Entry, Report

MOST = 65_536
"""Characters that GitHub takes as a comment."""

_ROOM = 60_000
_LONGEST = 300
_MOST_LINES = 30

_ACTIVE = {ord(mark): f"&#{ord(mark)};" for mark in "&<>\"'\\`*_{}[]()#!|~$^"}
_SOUGHT = re.compile(r"(?<=@)(?=\w)|(?<=#)(?=\d)|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
"""Where a mention, a reference or a link begins that GitHub looks for in the finished text."""

_JOINER = "\u2060"


def write(report: Report) -> str:
    """Return the report in Markdown, shorter than MOST."""
    lines: list[str] = []
    size = 0
    for line in _lines(report):
        size += len(line) + 1
        if size > _ROOM:
            lines += ["", "**More than fits here: the HTML and JSON reports have it all.**"]
            break
        lines.append(line)
    return "\n".join(lines) + "\n"


def escaped(text: object, most: int = _LONGEST) -> str:
    """Return text that shows as it is: no markup, no mention, no link, no new cell."""
    return _SOUGHT.sub(_JOINER, words.shortened(text, most)).translate(_ACTIVE)


def _lines(report: Report) -> Iterator[str]:
    level, project = report["level"], report["project"]
    name = level["reached"]
    stand = f"{name} {MEANS[name]}" if name else "no level reached"
    yield f"## Readiness of {escaped(project['name'], 100)}: {stand}"
    yield ""
    if name:
        yield f"{name} opens {OPENS[name]}."
    met = "nothing that was run stands against it." if not level["unmet"] else "**not met**."
    yield f"Target {level['target']}, {level['opens']}: {met}"
    yield ""
    yield from _steps(report)
    yield from _unmet(report)
    yield from _waivers(report)
    yield from _findings(report)
    yield from _rest(report)


def _steps(report: Report) -> Iterator[str]:
    low = words.weakest(report)
    yield "| Step | | Score of 7 | Points |"
    yield "| ---: | :--- | ---: | ---: |"
    for step in report["steps"]:
        score = "no check ran" if step["score"] is None else words.figure(step["score"])
        mark = f"**{score}** weakest" if step in low else score
        points = f"{step['points']:g} of {step['applicable']}"
        yield f"| {step['step']} | {step['title']} | {mark} | {points} |"
    yield ""
    yield f"{words.standing(report)}. {report['covered']:.0%} of the checks saw evidence."
    for result in words.with_status(report, "ERROR")[:_MOST_LINES]:
        yield from ("", f"**{escaped(result['id'])} failed to run, so this audit is not whole.**")


def _unmet(report: Report) -> Iterator[str]:
    level = report["level"]
    if not level["unmet"]:
        return
    findings, rest = words.split(report, level["unmet"])
    yield from ("", f"**What keeps it from {level['target']}**", "")
    if findings:
        yield "- " + ", ".join(f"{escaped(r['id'])} {r['status']}" for r in findings[:70])
    yield from (f"- {escaped(line)}" for line in rest[:_MOST_LINES])


def _waivers(report: Report) -> Iterator[str]:
    if not report["waivers"]:
        return
    yield from ("", f"**Waivers ({len(report['waivers'])})**", "")
    for waiver in words.waivers(report)[:_MOST_LINES]:
        standing = waiver["standing"]
        state = f"**{standing.upper()}**" if standing in words.LOUD else standing
        yield (
            f"- {state}: {escaped(waiver['id'])} for {escaped(waiver['check'])},"
            f" {escaped(words.signed(waiver))}"
        )


def _findings(report: Report) -> Iterator[str]:
    for name, results in words.open_findings(report).items():
        yield from ("", f"### {words.GROUPS[name]} ({len(results)})", "")
        yield "| Check | | What is wrong | What to do |"
        yield "| :--- | :--- | :--- | :--- |"
        yield from map(_row, results)


def _row(result: Entry) -> str:
    place = f" ({escaped(words.places(result)[0], 120)})" if result["locations"] else ""
    return (
        f"| {escaped(result['id'])} | {result['status']} | {escaped(result['message'])}{place} |"
        f" {escaped(result['fix'])} |"
    )


def _rest(report: Report) -> Iterator[str]:
    counts = [f"{number} {status}" for status, number in report["counts"].items() if number]
    if report["not_run"]:
        counts.append(f"{len(report['not_run'])} not run in profile {report['profile']}")
    yield from ("", ", ".join(counts) + ".", "")
    commit = str(report["project"]["commit"] or "")[:12]
    at = f"commit `{commit}`" if commit.isalnum() else "no git history"
    dirty = ", with changes that are not committed" if report["project"]["dirty"] else ""
    yield (
        f"<sub>poc2prod {report['generator']['version']}, {at}{dirty},"
        f" tier {report['project']['tier']}, as of {report['as_of'][:10]}</sub>"
    )
