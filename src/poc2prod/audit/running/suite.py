"""Runs a repository's own tests in a copy, and reads what they reported."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from poc2prod.audit.files.tree import Tree, UnreadableError
from poc2prod.audit.running.lab import INSIDE, Lab, UnrunnableError

if TYPE_CHECKING:
    from pathlib import Path

    from poc2prod.audit.running.lab import Done

_ARGUMENTS = ("-q", "-p", "no:cacheprovider", "-o", "junit_family=xunit1")


@dataclass(frozen=True, slots=True)
class Tests:
    """How a run of tests ended.

    Attributes:
        passed: how many did.
        failed: those that did not, or could not be collected.
        files: where there are tests.
        unhappy: the files of those that failed.
    """

    done: Done
    passed: int
    failed: tuple[str, ...]
    files: frozenset[str]
    unhappy: frozenset[str]


def whole(lab: Lab) -> Tests:
    """Run all tests: in halves at the same time, and if these do not pass as a whole.

    What measures time may fail beside others, so that only a whole run says that tests fail.

    Raises:
        UnrunnableError: they don't end, or their report can't be read.
    """
    if len(os.sched_getaffinity(0)) > 1 and (found := _halves(lab)):
        return found
    return run(lab, lab.copy())


def _halves(lab: Lab) -> Tests | None:
    copies = [lab.copy(), lab.copy()]
    reports = [lab.home / f"half-{number}.xml" for number in range(2)]
    places = [str(path) for pair in zip(copies, reports, strict=True) for path in pair]
    done = lab.run(copies[0], str(INSIDE / "halves.py"), *places, *_ARGUMENTS)
    if not done.ok or not all(report.is_file() for report in reports):
        return None
    one, other = (_reported(done, report) for report in reports)
    if one.failed or other.failed:
        return None
    return Tests(done, one.passed + other.passed, (), one.files | other.files, frozenset())


def run(lab: Lab, copy: Path, *arguments: str, seconds: float = 900) -> Tests:
    """Run tests in a copy, and read what became of each.

    Raises:
        UnrunnableError: they don't end, or their report can't be read.
    """
    report = lab.home / "tests.xml"
    report.unlink(missing_ok=True)
    done = lab.run(
        copy, "-m", "pytest", *_ARGUMENTS, f"--junitxml={report}", *arguments, seconds=seconds
    )
    if done.status is None:
        raise UnrunnableError(f"the tests are {done.reason}")
    if not report.is_file():
        return Tests(done, 0, (), frozenset(), frozenset())
    return _reported(done, report)


def _reported(done: Done, report: Path) -> Tests:
    text = Tree(report.parent).text(report.name, 2**26) or ""
    if "<!DOCTYPE" in text:
        raise UnreadableError("the report of the tests is none of pytest's")
    try:
        cases = list(ET.fromstring(text).iter("testcase"))  # noqa: S314  # no entities
    except ET.ParseError as error:
        raise UnreadableError("the report of the tests is no XML") from error
    outcomes = defaultdict(list)
    for case in cases:
        kinds = {child.tag for child in case}
        kind = "failed" if kinds & {"failure", "error"} else "other" if "skipped" in kinds else "ok"
        outcomes[kind].append(case)
    return Tests(
        done,
        len(outcomes["ok"]),
        tuple(f"{_file(c)}::{c.get('name', '')}"[:200] for c in outcomes["failed"]),
        frozenset(map(_file, cases)),
        frozenset(map(_file, outcomes["failed"])),
    )


def _file(case: ET.Element) -> str:
    """Return a test's file; one that can't be collected has only a module's name."""
    return case.get("file") or case.get("name", "").replace(".", "/") + ".py"
