"""MON-02: the tests of the alerts notice when an alert is wrong."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

from pathspec import GitIgnoreSpec

from poc2prod.audit.files.tree import UnreadableError
from poc2prod.audit.outcome import Evidence, Location, Outcome, failed, missing, passed, unknown
from poc2prod.audit.running import programs
from poc2prod.audit.running.alert_mutants import (
    FATAL,
    REQUIRED,
    Mutant,
    Suite,
    alerts,
    enough,
    failures,
    judged,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from poc2prod.audit.context import Context

FILES = ("/monitoring/**/*.yaml", "/monitoring/**/*.yml")
SAMPLES = 2_000_000
"""In the series of all tests together: promtool expands them in memory."""

_REPEATED = re.compile(r"x(\d+)")


def kill_mutants(context: Context) -> Outcome:
    """Promtool's tests pass on the alerts as they are, and fail on alerts that are broken."""
    suite = _suite(context)
    number = sum(1 for document in suite.rules.values() for _ in alerts(document))
    if not number:
        return missing("there are no alert rules in monitoring/", Location("monitoring"))
    if not suite.tests:
        return missing(f"{number} alerts have no tests in monitoring/", *map(Location, suite.rules))
    if idle := [path for path, used in suite.uses.items() if not used]:
        reason = f"{idle[0]} loads no rules that are in monitoring/"
        return failed(reason, *map(Location, idle), examined=number)
    promtool = programs.found("promtool")
    if promtool is None:
        return programs.absent("promtool")
    try:
        return _tried(context, suite, number, promtool)
    except programs.SlowError as error:
        return unknown(f"{error}: make the tests of monitoring/ shorter, or audit elsewhere")


def _tried(context: Context, suite: Suite, number: int, promtool: str) -> Outcome:
    if broken := failures(suite, promtool):
        path, text = next(iter(broken.items()))
        reason = " ".join(text.removeprefix("FAILED:").split())[:200]
        where = map(Location, broken)
        return failed(f"{path}: the alerts' own tests fail: {reason}", *where, examined=number)
    return _verdict(context, suite, number, judged(suite, promtool))


def _verdict(
    context: Context, suite: Suite, number: int, results: Sequence[tuple[Mutant, bool]]
) -> Outcome:
    survivors = [mutant for mutant, was in results if not was]
    killed = len(results) - len(survivors)
    share = round(killed / len(results), 3) if results else 0.0
    said = f"the tests notice {killed} of {len(results)} ways to break {number} alerts"
    more: dict[str, Any] = {
        "value": share,
        "threshold": REQUIRED,
        "evidence": tuple(
            Evidence(path, digest)
            for path in (*suite.rules, *suite.tests)
            if (digest := context.tree.digest(path))
        ),
    }
    if results and enough(results):
        return passed(said, number, **more)
    worst = sorted(survivors, key=lambda mutant: mutant.kind not in FATAL)
    examples = "; ".join(f"{mutant.alert}: {mutant.kind}" for mutant in worst[:3])
    where = dict.fromkeys(_place(context, mutant) for mutant in worst)
    return failed(f"{said}, and not: {examples}", *where, examined=number, **more)


def _suite(context: Context) -> Suite:
    rules, tests = {}, {}
    samples = 0
    for path in context.tree.matching(*FILES):
        document = context.yaml(path) or {}
        if isinstance(document.get("tests"), list):
            tests[path] = document
            samples += sum(_samples(document["tests"]))
        elif isinstance(document.get("groups"), list):
            rules[path] = document
        if samples > SAMPLES:
            raise UnreadableError(f"{path}: its series expand to more than {SAMPLES:,} samples")
    return Suite(rules, tests, {path: _used(path, tests[path], rules) for path in tests})


def _used(path: str, document: Mapping[Any, Any], rules: Mapping[str, Any]) -> list[str]:
    """Return the rules that a file of tests loads, as far as they are in monitoring/."""
    named = document.get("rule_files")
    patterns = [
        "/" + posixpath.normpath(posixpath.join(posixpath.dirname(path), pattern))
        for pattern in (named if isinstance(named, list) else ())
        if isinstance(pattern, str)
    ]
    try:
        return sorted(GitIgnoreSpec.from_lines(patterns).match_files(rules))
    except ValueError:  # no pattern
        return []


def _samples(tests: Sequence[Any]) -> Iterator[int]:
    for test in tests:
        series = test.get("input_series") if isinstance(test, dict) else None
        for item in series if isinstance(series, list) else ():
            values = item.get("values") if isinstance(item, dict) else None
            for count in _REPEATED.findall(str(values)):
                yield int(count[:12])


def _place(context: Context, mutant: Mutant) -> Location:
    text = context.tree.text(mutant.file) or ""
    match = re.search(rf"alert: *[\"']?{re.escape(mutant.alert)}[\"']? *$", text, re.MULTILINE)
    return Location(mutant.file, text.count("\n", 0, match.start()) + 1 if match else 0)
