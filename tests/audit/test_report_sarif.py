"""The report as SARIF."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

import audit_reports as reports
from poc2prod.audit.reports import sarif, words
from rendering import ROOT

OFFICIAL = ROOT.parent / "shared/schemas/sarif-2.1.0.json"


@pytest.fixture(scope="module")
def official() -> jsonschema.Draft7Validator:
    """OASIS's own schema of 2.1.0."""
    if not OFFICIAL.exists():
        pytest.skip(f"not validated: SARIF's own schema is not at {OFFICIAL}")
    return jsonschema.Draft7Validator(
        json.loads(OFFICIAL.read_text(encoding="utf-8")),
        format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER,
    )


def run(report: dict[str, Any]) -> dict[str, Any]:
    (only,) = json.loads(sarif.write(report))["runs"]
    found: dict[str, Any] = only
    return found


def results(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {result["ruleId"]: result for result in run(report)["results"]}


@pytest.mark.parametrize("name", reports.EVERY)
def test_it_is_valid(official: jsonschema.Draft7Validator, name: str) -> None:
    official.validate(json.loads(sarif.write(reports.EVERY[name]())))


def test_the_official_schema_finds_what_is_wrong(official: jsonschema.Draft7Validator) -> None:
    log = json.loads(sarif.write(reports.every_status()))
    log["runs"][0]["results"][0]["level"] = "blocker"
    assert not official.is_valid(log)


def test_results_and_rules_have_the_level_of_their_severity() -> None:
    found = run(reports.every_status())
    rules = found["tool"]["driver"]["rules"]
    levels = {result["ruleId"]: result["level"] for result in found["results"]}
    assert levels["KPI-04"] == "error"
    assert levels["GOV-01"] == "warning"
    assert levels["VAL-04"] == "note"
    for result in found["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["defaultConfiguration"]["level"] == result["level"]
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]


def test_what_passes_or_does_not_apply_is_no_result() -> None:
    report = reports.every_status()
    expected = {r["id"] for r in report["results"] if r["status"] not in ("PASS", "NA")}
    assert set(results(report)) == expected


def test_a_waived_result_is_suppressed_and_says_by_whom_and_until_when() -> None:
    found = results(reports.every_status())
    (suppression,) = found["INF-08"]["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    assert "delivered in the fourth quarter" in suppression["justification"]
    assert "owner a.person@company.example" in suppression["justification"]
    assert "until 2026-12-30" in suppression["justification"]
    assert [name for name, result in found.items() if "suppressions" in result] == ["INF-08"]


def test_every_result_has_a_place_below_the_root() -> None:
    for report in (reports.every_status(), reports.hostile()):
        for result in run(report)["results"]:
            for place in [*result["locations"], *result.get("relatedLocations", ())]:
                artifact = place["physicalLocation"]["artifactLocation"]
                assert artifact["uriBaseId"] == "%SRCROOT%"
                assert not artifact["uri"].startswith("/")
                assert ".." not in artifact["uri"].split("/")
    found = results(reports.every_status())["ORG-01"]
    assert found["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}
    (other,) = found["relatedLocations"]
    uri = other["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "src/a%20b%26c%23d%25.py"


def test_an_alert_stays_the_same_when_its_line_or_message_changes() -> None:
    report = reports.every_status()
    before = results(report)
    for result in report["results"]:
        result["message"] += " now"
        for place in result["locations"]:
            place["line"] += 40
    after = results(report)
    prints = {name: result["partialFingerprints"] for name, result in before.items()}
    assert prints == {name: result["partialFingerprints"] for name, result in after.items()}
    assert len({json.dumps(value) for value in prints.values()}) == len(prints)


def test_the_invocation_tells_the_exit_status_and_which_checks_failed_to_run() -> None:
    (failed,) = run(reports.every_status())["invocations"]
    assert (failed["executionSuccessful"], failed["exitCode"]) == (False, 3)
    (notification,) = failed["toolExecutionNotifications"]
    assert notification["descriptor"]["id"] == "VAL-02"
    (fine,) = run(reports.no_error())["invocations"]
    assert (fine["executionSuccessful"], fine["exitCode"]) == (True, 1)


def test_every_exit_status_has_its_words() -> None:
    assert set(sarif.EXITS) == {0, 1, 3, 4}
    assert set(sarif.LEVELS) == set(words.GROUPS)
