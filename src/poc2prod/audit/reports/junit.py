"""The report as JUnit XML, in the form that Jenkins' and GitLab's readers take."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from poc2prod.audit.catalogue import STEPS
from poc2prod.audit.reports import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poc2prod.audit.reports.words import Entry, Report

_TAGS = {
    **dict.fromkeys(("FAIL", "STUB", "STALE", "MISSING"), "failure"),
    **dict.fromkeys(("UNKNOWN", "ERROR"), "error"),
    **dict.fromkeys(("WAIVED", "NA"), "skipped"),
}


def write(report: Report) -> str:
    """Return the report as JUnit XML, a suite for each step."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    results = report["results"]
    name = f"poc2prod audit of {report['project']['name']}"
    totals = {key: value for key, value in _counts(results).items() if key != "skipped"}
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield _tag("testsuites", name=name, **totals, time=_seconds(results)) + ">"
    for step, title in STEPS.items():
        suite = [result for result in results if result["step"] == step]
        if not suite:
            continue
        name = f"{step} {title}" if step else title
        yield (
            "  "
            + _tag(
                "testsuite",
                name=name,
                **_counts(suite),
                time=_seconds(suite),
                timestamp=report["as_of"][:19],
            )
            + ">"
        )
        for result in suite:
            yield from _case(result, name)
        yield "  </testsuite>"
    yield "</testsuites>"


def _case(result: Entry, suite: str) -> Iterator[str]:
    case = "    " + _tag(
        "testcase",
        name=f"{result['id']} {result['title']}",
        classname=f"poc2prod.{suite}",
        time=f"{result['seconds']:.3f}",
    )
    tag = _TAGS.get(result["status"])
    if tag is None:
        yield f"{case}/>"
        return
    yield f"{case}>"
    said = _tag(tag, type=result["status"], message=f"{result['status']}: {result['message']}")
    if tag == "skipped":
        yield f"      {said}/>"
    else:
        yield f"      {said}>{escape(_detail(result))}</{tag}>"
    yield "    </testcase>"


def _detail(result: Entry) -> str:
    lines = [words.clean(result["message"]), *(f"at {place}" for place in words.places(result))]
    lines += [f"Severity: {words.group(result)}", f"Why: {words.clean(result['why'])}"]
    return "\n".join([*lines, f"What to do: {words.clean(result['fix'])}"])


def _counts(results: Iterable[Entry]) -> dict[str, str]:
    tags = [_TAGS.get(result["status"]) for result in results]
    return {
        "tests": str(len(tags)),
        "failures": str(tags.count("failure")),
        "errors": str(tags.count("error")),
        "skipped": str(tags.count("skipped")),
    }


def _seconds(results: Iterable[Entry]) -> str:
    return f"{sum(result['seconds'] for result in results):.3f}"


def _tag(tag: str, **attributes: str) -> str:
    said = "".join(f" {key}={quoteattr(words.clean(value))}" for key, value in attributes.items())
    return f"<{tag}{said}"
