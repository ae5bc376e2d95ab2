"""The report as JUnit XML."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
import xmlschema

import audit_reports as reports
from poc2prod.audit.reports import junit
from tools import require_schema

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def parsed(name: str) -> Element:
    return ET.fromstring(junit.write(reports.EVERY[name]()))


@pytest.fixture(scope="module")
def jenkins() -> xmlschema.XMLSchema:
    """The schema that Jenkins itself validates with; no other one is official."""
    return xmlschema.XMLSchema(str(require_schema("junit-10.xsd")))


@pytest.mark.parametrize("name", reports.EVERY)
def test_jenkins_takes_it(name: str, jenkins: xmlschema.XMLSchema) -> None:
    jenkins.validate(junit.write(reports.EVERY[name]()))
    assert all(len(case) <= 1 for case in parsed(name).iter("testcase"))


@pytest.mark.parametrize(
    "wrong", [{"failure": "finding"}, {" tests=": " checks="}, {"<testcase name=": "<testcase id="}]
)
def test_jenkins_does_not_take_anything(
    wrong: dict[str, str], jenkins: xmlschema.XMLSchema
) -> None:
    text = junit.write(reports.EVERY["every status"]())
    for old, new in wrong.items():
        assert old in text
        text = text.replace(old, new)
    assert not jenkins.is_valid(text)


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
