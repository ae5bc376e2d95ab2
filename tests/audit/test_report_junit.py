"""The report as JUnit XML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

import audit_reports as reports
from poc2prod.audit.reports import junit

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# What the schema that Jenkins validates with allows (xunit-plugin's junit-10.xsd), as far as we
# use it: element → children, required attributes, optional attributes.
SAID: tuple[set[str], set[str], set[str]] = (set(), set(), {"type", "message"})
JENKINS: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"testsuite"}, set(), {"name", "time", "tests", "failures", "errors"}),
    "testsuite": (
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
        {"name", "tests", "failures", "errors"},
        {
            "group",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
            "log",
            "url",
        },
    ),
    "testcase": ({"skipped", "error", "failure"}, {"name"}, {"time", "classname", "group"}),
    "failure": SAID,
    "error": SAID,
    "skipped": SAID,
}
TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")


def parsed(name: str) -> Element:
    return ET.fromstring(junit.write(reports.EVERY[name]()))


@pytest.mark.parametrize("name", reports.EVERY)
def test_jenkins_takes_it(name: str) -> None:
    root = parsed(name)
    assert root.tag == "testsuites"
    for element in root.iter():
        children, required, optional = JENKINS[element.tag]
        assert {child.tag for child in element} <= children
        assert required <= set(element.attrib) <= required | optional
        assert TIME.fullmatch(element.get("time", ""))
        assert len(element) <= 1 or element.tag != "testcase"


@pytest.mark.parametrize("name", reports.EVERY)
def test_the_counts_are_those_of_the_cases(name: str) -> None:
    root = parsed(name)
    for suite in [root, *root.iter("testsuite")]:
        cases = [*suite.iter("testcase")]
        assert suite.get("tests") == str(len(cases))
        for key, tag in {"failures": "failure", "errors": "error", "skipped": "skipped"}.items():
            if key != "skipped" or suite is not root:
                assert suite.get(key) == str(len([*suite.iter(tag)]))


def test_a_status_becomes_what_ci_services_know() -> None:
    cases = {
        (case.get("name") or "").split()[0]: case
        for case in parsed("every status").iter("testcase")
    }
    expected = {
        "PASS": None,
        **dict.fromkeys(("FAIL", "STUB", "STALE", "MISSING"), "failure"),
        **dict.fromkeys(("UNKNOWN", "ERROR"), "error"),
        **dict.fromkeys(("WAIVED", "NA"), "skipped"),
    }
    for name, status in reports.STATUSES.items():
        tags = [child.tag for child in cases[name]]
        assert tags == ([expected[status]] if expected[status] else []), name
    said = cases["GOV-01"].find("failure")
    assert said is not None
    assert said.get("message") == "STUB: docs/model-card.md has nothing yet for intended-use"
    assert "at docs/model-card.md:12" in (said.text or "")
    skipped = cases["PRV-01"].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "NA: applies where personal_data"


def test_there_is_a_suite_for_each_step_and_a_time_for_each_check() -> None:
    root = parsed("every status")
    names = [suite.get("name") for suite in root]
    assert names[0] == "1 Success criteria"
    assert names[-1] == "Audit integrity"
    assert len(names) == 8
    assert {case.get("time") for case in root.iter("testcase")} == {"0.012"}


def test_a_hostile_message_is_text() -> None:
    root = parsed("hostile")
    messages = [failure.get("message") or "" for failure in root.iter("failure")]
    assert all("<script>alert(1)</script>" in message for message in messages)
    assert all("\\x1b[31mred" in message for message in messages)
