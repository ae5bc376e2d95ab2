"""MON-02: promtool's tests pass, and fail when an alert is broken."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from poc2prod.audit.outcome import Location, Status
from poc2prod.audit.running import programs
from poc2prod.audit.running.alert_mutants import Suite, failures, noticed
from probing import outcome
from tools import require_tool

if TYPE_CHECKING:
    from pathlib import Path

    from poc2prod.audit.outcome import Outcome

RULES = """\
groups:
- name: ours
  rules:
  - record: load
    expr: sum(rate(requests_total[5m]))
  - alert: TooSlow
    expr: seconds > 0.5
    for: 2m
    labels: {severity: page}
"""
FIRES = "[{exp_labels: {severity: page, job: a}}]"


def case(values: str, expected: str, minutes: int = 3) -> str:
    return f"""\
- interval: 1m
  input_series:
  - {{series: 'seconds{{job="a"}}', values: '{values}'}}
  alert_rule_test:
  - {{eval_time: {minutes}m, alertname: TooSlow, exp_alerts: {expected}}}
"""


GOOD = "".join(
    [
        "rule_files: [../rules/*.yaml]\n",
        "evaluation_interval: 1m\n",
        "tests:\n",
        case("0.6x9", FIRES),
        case("0.4x9", "[]"),
        case("0.6x9", "[]", minutes=1),
    ]
)
NAMES_ONLY = "".join(
    [
        "rule_files: [../rules/slow.yaml]\n",
        "evaluation_interval: 1m\n",
        "tests:\n",
        case("0x9", "[]"),
    ]
)


@pytest.fixture
def promtool(monkeypatch: pytest.MonkeyPatch) -> str:
    path = require_tool("promtool")
    monkeypatch.setattr(programs, "found", lambda _: path)
    return path


def judged(root: Path, rules: str | bytes = RULES, tests: str | bytes | None = GOOD) -> Outcome:
    files = {"monitoring/rules/slow.yaml": rules}
    if tests is not None:
        files["monitoring/tests/slow.yaml"] = tests
    return outcome(root, "MON-02", files)


@pytest.mark.usefixtures("promtool")
def test_tests_around_the_limit_pass(tmp_path: Path) -> None:
    found = judged(tmp_path)
    assert (found.status, found.value, found.examined) == (Status.PASS, 1.0, 1), found.message
    assert [file.name for file in found.evidence] == [
        "monitoring/rules/slow.yaml",
        "monitoring/tests/slow.yaml",
    ]


@pytest.mark.usefixtures("promtool")
def test_tests_that_only_name_the_alert_fail(tmp_path: Path) -> None:
    found = judged(tmp_path, tests=NAMES_ONLY)
    assert found.status is Status.FAIL
    assert "TooSlow: never fires" in found.message
    assert found.locations == (Location("monitoring/rules/slow.yaml", 6),)


@pytest.mark.usefixtures("promtool")
def test_an_alert_without_tests_counts_as_not_noticed(tmp_path: Path) -> None:
    untested = "  - alert: Never\n    expr: absent(up)\n"
    found = judged(tmp_path, rules=RULES + untested)
    assert found.status is Status.FAIL
    assert "Never: never fires; Never: always fires" in found.message


@pytest.mark.usefixtures("promtool")
def test_tests_that_fail_on_the_alerts_as_they_are_fail(tmp_path: Path) -> None:
    found = judged(tmp_path, rules=RULES.replace("0.5", "0.7"))
    assert found.status is Status.FAIL
    assert "monitoring/tests/slow.yaml: the alerts' own tests fail" in found.message


@pytest.mark.parametrize(
    ("rules", "tests", "status"),
    [
        ("", GOOD, Status.MISSING),
        ("groups: []", GOOD, Status.MISSING),
        (RULES, None, Status.MISSING),
        (RULES, "", Status.MISSING),
        (RULES, GOOD.replace("../rules/*.yaml", "/etc/prometheus/*.yaml"), Status.FAIL),
        (RULES, GOOD.replace("../rules/*.yaml", "../../../../../etc/*"), Status.FAIL),
    ],
)
def test_nothing_to_examine_never_passes(
    tmp_path: Path, rules: str, tests: str | None, status: Status
) -> None:
    found = judged(tmp_path, rules, tests)
    assert found.status is status, found.message


HOSTILE = [
    (b"\xff\xfe\x00", GOOD),
    ("groups: " + "[" * 2000, GOOD),
    ("groups: [7, {rules: 3}, {rules: [1, {alert: [x], expr: {}}]}]", GOOD),
    (RULES.replace("seconds >", '"\\ud800" ??? {{{'), GOOD),
    (RULES.replace("0.5", "1.2.3"), GOOD),
    (RULES, GOOD.replace("0.6x9", "0+1x2000000000")),
    (RULES, "rule_files: {a: b}\ntests: [1, [], {input_series: 7}]\n"),
    (RULES, "rule_files: ['!../rules/slow.yaml', '[', 3]\ntests: [{}]\n"),
    (RULES, GOOD.replace("eval_time: 3m", "eval_time: never")),
]


@pytest.mark.usefixtures("promtool")
@pytest.mark.parametrize(("rules", "tests"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_files_are_judged_and_never_pass(
    tmp_path: Path, rules: str | bytes, tests: str
) -> None:
    found = judged(tmp_path, rules, tests)
    assert found.status in (Status.FAIL, Status.MISSING), found.message


def test_without_promtool_it_is_unknown_and_says_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = judged(tmp_path / "project")
    assert found.status is Status.UNKNOWN
    assert "apt install prometheus" in found.message


@pytest.mark.usefixtures("promtool")
def test_tests_that_never_end_are_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("poc2prod.audit.running.alert_mutants.SECONDS", 0.01)
    found = judged(tmp_path)
    assert found.status is Status.UNKNOWN
    assert "did not end within" in found.message


def test_what_promtool_cannot_read_is_no_mutant(promtool: str) -> None:
    rules = {"groups": [{"name": "a", "rules": [{"alert": "A", "expr": "a > 1"}]}]}
    tests = {"tests": [{"alert_rule_test": [{"eval_time": "1m", "alertname": "A"}]}]}
    suite = Suite({"r": rules}, {"t": tests}, {"t": ["r"]})
    assert failures(suite, promtool) == {}

    from poc2prod.audit.running.alert_mutants import Mutant

    broken = json.loads(json.dumps(rules).replace("a > 1", "a >>> 1"))
    fires = json.loads(json.dumps(rules).replace("a > 1", "vector(1)"))
    made = [Mutant("r", "A", "any", document) for document in (broken, fires)]
    assert noticed(made, suite, promtool) == [None, True]
