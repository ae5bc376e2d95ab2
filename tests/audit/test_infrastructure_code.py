"""INF-07: code is scanned, and evidence says that what runs is as it says and encrypted."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from audited import ENVELOPE
from poc2prod.audit.catalogue import load
from poc2prod.audit.conditions import holds
from poc2prod.audit.context import Context
from poc2prod.audit.files.tree import Tree, UnreadableError
from poc2prod.audit.outcome import Status
from poc2prod.audit.probes.infrastructure import code
from poc2prod.audit.running import programs
from poc2prod.audit.running.pod_security import excesses
from probing import NOW, outcome
from small import write
from tools import require_tool

if TYPE_CHECKING:
    from pathlib import Path

    from charts import Rendered
    from poc2prod.audit.outcome import Outcome

PATH = "readiness/evidence/drift.json"
MEASURED: dict[str, Any] = {"differences": 0, "stores": 2, "unencrypted": []}
KEY = """\
resource "aws_kms_key" "data" {
  enable_key_rotation = true
  policy              = jsonencode({ Version = "2012-10-17", Statement = [] })
}
"""
BUCKET = 'resource "aws_s3_bucket" "data" {\n  bucket = "pumps"\n}\n'


def compared(root: Path, finished: str = "2026-11-30T12:00:00+00:00", **values: Any) -> Outcome:
    times = {"started": finished, "finished": finished, "dirty": True}
    whole = {**ENVELOPE, **times, "checks": ["INF-07"], "values": {**MEASURED, **values}}
    return outcome(root, "INF-07", {PATH: json.dumps(whole)})


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a key in Terraform."""
    monkeypatch.setattr(programs, "found", require_tool)
    root = tmp_path / "plant"
    write(root, {"infra/main.tf": KEY})
    return root


@pytest.fixture
def chart(charted: Rendered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the generated chart alone."""
    monkeypatch.setattr(programs, "found", require_tool)
    shutil.copytree(charted({}) / "deploy", tmp_path / "plant/deploy")
    return tmp_path / "plant"


def test_a_chart_that_is_restricted_and_runs_as_it_says_passes(chart: Path) -> None:
    found = compared(chart)
    assert found.status is Status.PASS, found.message
    assert found.examined > 3


def test_terraform_is_scanned(root: Path) -> None:
    found = compared(root)
    assert (found.status, found.examined) == (Status.PASS, 1), found.message
    write(root, {"infra/main.tf": BUCKET})
    found = compared(root)
    assert found.status is Status.FAIL
    assert re.match(r"infra/main.tf:1: .* \(CKV2?_AWS_\d+\), and \d+ more", found.message)


@pytest.mark.parametrize(
    ("values", "status", "says"),
    [
        ({"differences": 2}, Status.FAIL, "2 resources are not as the code says"),
        ({"unencrypted": ["pumps-data"]}, Status.FAIL, "not encrypted at rest: pumps-data"),
        ({"stores": 0}, Status.MISSING, "no store was looked at"),
        ({"stores": None}, Status.FAIL, "values lacks"),
        ({"differences": False}, Status.FAIL, "values lacks"),
        ({"unencrypted": None}, Status.FAIL, "values lacks"),
        ({"finished": "2026-11-23T12:00:00+00:00"}, Status.STALE, "7 days ago, of 7"),
    ],
)
def test_what_was_measured_decides_before_any_scan(
    root: Path, values: dict[str, Any], status: Status, says: str
) -> None:
    found = compared(root, **values)
    assert (found.status, says in found.message) == (status, True), found.message


def test_without_evidence_and_with_an_empty_one_nothing_passes(root: Path) -> None:
    assert outcome(root, "INF-07").status is Status.MISSING
    assert outcome(root, "INF-07", {PATH: "{}"}).status is not Status.PASS


def test_an_empty_chart_is_a_stub(chart: Path) -> None:
    write(chart, {"deploy/helm/Chart.yaml": ""})
    assert compared(chart).status is Status.STUB


def test_fewer_stores_than_the_chart_asks_for_fail(chart: Path) -> None:
    found = compared(chart, stores=1)
    assert (found.status, "1 stores were looked at, of 2" in found.message) == (Status.FAIL, True)


def test_a_pod_that_may_too_much_fails(chart: Path) -> None:
    file = chart / "deploy/helm/templates/_pod.tpl"
    text = file.read_text(encoding="utf-8")
    assert "  runAsNonRoot: true\n" in text
    file.write_text(text.replace("  runAsNonRoot: true\n", ""), encoding="utf-8")
    found = compared(chart)
    assert found.status is Status.FAIL
    assert "it may run as root" in found.message


GOOD: dict[str, Any] = {
    "name": "x",
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
}


@pytest.mark.parametrize(
    ("pod", "container", "says"),
    [
        ({}, {}, None),
        ({"hostNetwork": True}, {}, "hostNetwork is set"),
        ({"volumes": [{"name": "v", "hostPath": {}}]}, {}, "volume v is a folder of the node"),
        ({}, {"privileged": True}, "privileged is set"),
        ({}, {"allowPrivilegeEscalation": None}, "allowPrivilegeEscalation is not false"),
        ({}, {"capabilities": {}}, "capabilities.drop lacks ALL"),
        ({}, {"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}}, "add has SYS_ADMIN"),
        ({}, {"runAsUser": 0}, "it may run as root"),
        ({}, {"runAsNonRoot": False}, "it may run as root"),
        ({}, {"seccompProfile": {"type": "Unconfined"}}, "seccompProfile is neither"),
    ],
)
def test_pods_keep_to_the_restricted_standard(
    pod: dict[str, Any], container: dict[str, Any], says: str | None
) -> None:
    changed = {**GOOD, "securityContext": {**GOOD["securityContext"], **container}}
    for spec in ({"containers": [changed]}, {"containers": [GOOD], "initContainers": [changed]}):
        said = list(excesses({**pod, **spec}))
        assert len(said) == (0 if says is None else 1)
        assert says is None or says in said[0]


def test_ports_of_the_node_are_named() -> None:
    container = {**GOOD, "ports": [{"hostPort": 80}]}
    assert list(excesses({"containers": [container]})) == [
        "container x: it takes a port of the node"
    ]


def test_a_scanner_that_is_not_there_or_reads_nothing_does_not_pass(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "found", lambda _: "/bin/true")
    found = compared(root)
    assert (found.status, "says nothing" in found.message) == (Status.UNKNOWN, True)
    monkeypatch.setattr(programs, "found", lambda _: None)
    found = compared(root)
    assert (found.status, "it needs checkov" in found.message) == (Status.UNKNOWN, True)


def test_reports_of_checkov_are_read() -> None:
    broken: dict[str, Any] = {"results": {"failed_checks": []}}
    summary = {"parsing_errors": 1, "resource_count": 0}
    with pytest.raises(UnreadableError, match=r"such as a\.tf$"):
        code._found([{**broken, "summary": summary}], "a.tf")
    assert code._found([{"passed": 0, "resource_count": 0}], "a.tf") == 0
    found = code._found([{"summary": {}}], "a.tf")
    assert not isinstance(found, int)
    assert found.status is Status.UNKNOWN


def test_it_is_about_charts_and_infrastructure_code(root: Path) -> None:
    when = load()["INF-07"].when or ""

    def asked(answers: str) -> bool:
        write(root, {".poc2prod/answers.yaml": answers})
        return holds(when, Context(Tree(root), None, NOW, load()).answers)

    assert asked("deployment: [compose]\n")  # it has Terraform
    (root / "infra/main.tf").unlink()
    assert not asked("deployment: [compose]\n")
    assert asked("deployment: [kubernetes]\n")
