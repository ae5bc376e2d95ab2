from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from poc2prod.audit.outcome import Status
from poc2prod.ops.kpi import load
from poc2prod.ops.monitoring.compiled import write
from small import write as write_files
from small_audits import CONTRACT, WHOLE, answered, contracted, edited, judged

if TYPE_CHECKING:
    from pathlib import Path

RULES = "monitoring/rules"
OWN = """\
groups:
  - name: own
    rules:
      - alert: QueueFull
        expr: queue > 1
        labels: {severity: page, owner: us, contract: NF-LOAD}
        annotations: {runbook: docs/runbooks/queue.md}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose alerts are as compiled."""
    contracted(tmp_path)
    answered(tmp_path, project_name="pump-failure", latency="interactive")
    write(load(WHOLE), tmp_path, "pump_failure")
    return tmp_path


def test_alerts_as_compiled_pass(project: Path) -> None:
    outcome = judged(project, "MON-01")
    assert outcome.status is Status.PASS
    assert outcome.examined == 4 + 2 * 2 + 2
    assert outcome.message == "all 10 alerts follow from kpi-contract.yaml"


def test_a_batch_job_has_no_alerts_to_check(project: Path) -> None:
    answered(project, project_name="pump-failure", latency="batch")
    assert judged(project, "MON-01").status is Status.NA


def test_what_has_no_alert_because_nothing_measures_it_is_said(project: Path) -> None:
    edited(project / CONTRACT, "promql: sum(false_alarms), ", "")
    write(load(project / CONTRACT), project, "pump_failure")
    outcome = judged(project, "MON-01")
    assert outcome.status is Status.PASS
    assert "GR-FALSEALARM: it has no promql" in outcome.message


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (f"{RULES}/nf-load.yaml", "> 50", "> 5000"),
        (f"{RULES}/nf-avail.yaml", "severity: page", "severity: none"),
        ("monitoring/tests/nf-load.yaml", "1m", "2m"),
        ("monitoring/dashboard.json", "{", "{ "),
        ("src/pump_failure/ops/serving/limits.json", "100", "900"),
        (CONTRACT, "objective: 0.995", "objective: 0.99"),
    ],
)
def test_what_is_not_as_compiled_fails_in_its_line(
    project: Path, file: str, old: str, new: str
) -> None:
    edited(project / file, old, new)
    outcome = judged(project, "MON-01")
    assert outcome.status is Status.FAIL
    assert outcome.locations[0].line > 0
    assert "is not as kpi-contract.yaml compiles" in outcome.message


def test_line_ends_make_no_difference(project: Path) -> None:
    file = project / RULES / "service.yaml"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert judged(project, "MON-01").status is Status.PASS


def test_a_file_of_alerts_that_is_gone_fails(project: Path) -> None:
    (project / RULES / "nf-load.yaml").unlink()
    assert "nf-load.yaml is not there" in judged(project, "MON-01").message


def test_a_file_of_alerts_that_is_empty_is_a_stub(project: Path) -> None:
    (project / RULES / "nf-load.yaml").write_bytes(b"\n")
    assert judged(project, "MON-01").status is Status.STUB


def test_no_alerts_are_missing(project: Path) -> None:
    (project / "monitoring").rename(project / "elsewhere")
    assert judged(project, "MON-01").status is Status.MISSING


def test_an_alert_of_something_that_left_the_contract_fails(project: Path) -> None:
    limit = "    - {id: NF-LOAD, kind: throughput_rps, value: 50}\n"
    edited(project / CONTRACT, limit, limit.replace("NF-LOAD", "NF-RATE"))
    write(load(project / CONTRACT), project, "pump_failure")
    write_files(project, {f"{RULES}/nf-load.yaml": OWN})
    assert "nf-load.yaml is of nothing" in judged(project, "MON-01").message


@pytest.mark.parametrize("name", ["own.yml", "deep/down/own.yaml", ".own.rules"])
def test_an_alert_beside_the_contract_fails_wherever_it_is(project: Path, name: str) -> None:
    write_files(project, {f"monitoring/{name}": OWN})
    assert judged(project, "MON-01").status is Status.PASS
    edited(project / "monitoring" / name, "NF-LOAD", "NF-QUEUE")
    outcome = judged(project, "MON-01")
    assert outcome.status is Status.FAIL
    assert outcome.message.startswith(f"monitoring/{name}:4: QueueFull is of nothing")


@pytest.mark.parametrize(
    ("old", "named"),
    [
        ("severity: page, ", "label severity"),
        ("owner: us, ", "label owner"),
        ("runbook: docs/runbooks/queue.md", "annotation runbook"),
    ],
)
def test_an_alert_that_leads_nowhere_fails(project: Path, old: str, named: str) -> None:
    write_files(project, {"monitoring/own.yaml": OWN.replace(old, "")})
    assert judged(project, "MON-01").message == f"monitoring/own.yaml:4: QueueFull has no {named}"


@pytest.mark.parametrize(
    "content",
    [
        "groups: 1",
        "groups: [1, {rules: [1, {alert: [x], labels: 1, annotations: []}]}]",
        "groups: {a: b}",
        "[" * 1000,
        "a: &a 1\nb: *a\n",
    ],
)
def test_rules_of_no_shape_are_no_errors_of_the_check(project: Path, content: str) -> None:
    write_files(project, {"monitoring/own.yaml": content})
    for check in ("MON-01", "MON-03"):
        assert judged(project, check).status in (Status.PASS, Status.FAIL, Status.MISSING)


def test_without_a_contract_nothing_can_follow_from_it(project: Path) -> None:
    (project / CONTRACT).unlink()
    assert judged(project, "MON-01").status is Status.MISSING
