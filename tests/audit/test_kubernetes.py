"""INF-02 and REL-03: the chart is valid, keeps to the contract, and a bad canary ends by itself."""

from __future__ import annotations

import re
import shutil
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from poc2prod.audit import engine
from poc2prod.audit.catalogue import load
from poc2prod.audit.conditions import holds
from poc2prod.audit.context import Context
from poc2prod.audit.files.tree import Tree
from poc2prod.audit.outcome import Status
from poc2prod.audit.running import programs
from poc2prod.audit.running.lab import Lab
from probing import NOW
from tools import require_tool

if TYPE_CHECKING:
    from pathlib import Path

    from charts import Rendered
    from poc2prod.audit.outcome import Outcome

SETTINGS = """\
import os

def settings():
    for name in os.environ:
        if name.startswith("OPS_") and name[4:].lower() not in {known}:
            raise SystemExit(f"error: there is no setting {{name}}")
"""
"""A stand-in for the project's own, which needs libraries that are not here; it knows the same."""

PRODUCTION = "image: {repository: registry.plant.eu/pumps}\n"
CANARY = "deploy/helm/compiled/rollout.yaml"
ANALYSIS = "deploy/helm/templates/analysis.yaml"
VALUES = "deploy/helm/values.yaml"
PODS = "deploy/helm/templates/_service.tpl"
LIVENESS = """\
      livenessProbe:
        httpGet: {path: /live, port: http}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
"""
PRODUCTION_VALUES = "deploy/helm/values-production.yaml"


@pytest.fixture
def root(charted: Rendered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a canary, as good as it gets, to be broken."""
    helm = require_tool("helm")
    monkeypatch.setattr(programs, "found", lambda _: helm)
    root = tmp_path / "demo-model"
    others = shutil.ignore_patterns("tests", "ops", "docs", "values-staging.yaml")
    whole = charted({"rollout": "canary"})
    shutil.copytree(whole, root, ignore=others)
    (root / "src/demo_model/ops").mkdir()
    (root / PRODUCTION_VALUES).write_text(PRODUCTION, encoding="utf-8")
    module = "src/demo_model/ops/settings.py"
    known = re.findall(
        r"^    ([a-z]\w+): ", (whole / module).read_text(encoding="utf-8"), re.MULTILINE
    )
    (root / module).write_text(SETTINGS.format(known=known), encoding="utf-8")
    (root / ".venv/bin").mkdir(parents=True)
    (root / ".venv/bin/python").symlink_to(sys.executable)
    return root


def said(root: Path, check: str) -> Outcome:
    catalogue = load()
    with ExitStack() as stack:
        lab = stack.enter_context(Lab(root))
        context = Context(Tree(root), None, NOW, catalogue, lab)
        return engine._run(catalogue[check], context)[0]


def edit(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text(encoding="utf-8")
    assert old in text
    (root / path).write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("check", ["INF-02", "REL-03"])
def test_a_chart_as_generated_and_completed_passes(root: Path, check: str) -> None:
    outcome = said(root, check)
    assert outcome.status is Status.PASS, outcome.message
    assert outcome.examined > 3


def test_values_that_nobody_wrote_are_a_stub(charted: Rendered, root: Path) -> None:
    shutil.copy(charted({"rollout": "canary"}) / PRODUCTION_VALUES, root / PRODUCTION_VALUES)
    outcome = said(root, "INF-02")
    assert outcome.status is Status.STUB
    assert "values-production.yaml is as it was generated" in outcome.message


@pytest.mark.parametrize("check", ["INF-02", "REL-03"])
def test_empty_files_and_none_pass_nothing(root: Path, check: str) -> None:
    for path in (root / "deploy/helm").rglob("*"):
        if path.is_file():
            path.write_bytes(b"")
    assert said(root, check).status is Status.STUB
    shutil.rmtree(root / "deploy/helm")
    assert said(root, check).status is Status.MISSING


@pytest.mark.parametrize("check", ["INF-02", "REL-03"])
def test_without_helm_nothing_is_known(
    root: Path, monkeypatch: pytest.MonkeyPatch, check: str
) -> None:
    monkeypatch.setattr(programs, "found", lambda _: None)
    outcome = said(root, check)
    assert outcome.status is Status.UNKNOWN
    assert "it needs helm" in outcome.message


def broken(root: Path, check: str, case: tuple[str, str, str, str]) -> Status:
    """Edit a file as the case says, which ends with what the check must say; return its status."""
    path, old, new, message = case
    edit(root, path, old, new)
    outcome = said(root, check)
    assert message in outcome.message
    return outcome.status


INF_02 = {
    "a value that the schema refuses": (VALUES, "drainSeconds: 10", "drainSeconds: -1", "lint"),
    "a template that is broken": (PODS, "args: [serve]", "args: [serve", "template"),
    "a key that Kubernetes does not know": (PODS, "args: [serve]", "argz: [serve]", "invalid"),
    "no limit of memory": (
        PODS,
        "resources: {{- toYaml $root.Values.resources | nindent 8 }}",
        "resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 1}}",
        "has no limits.memory",
    ),
    "liveness asks what readiness asks": (PODS, "path: /live", "path: /ready", "both probes ask"),
    "no liveness": (PODS, LIVENESS, "", "no livenessProbe"),
    "one pod": (VALUES, "minReplicas: 2", "minReplicas: 1", "1 pod at least can't keep"),
    "too few pods": (VALUES, "requestsPerSecond: 100", "requestsPerSecond: 20", "NF-LOAD, 50"),
    "too few pods in production": (
        PRODUCTION_VALUES,
        "image:",
        "autoscaling: {requestsPerSecond: 21}\nimage:",
        "values-production.yaml: 3 pods of 21",
    ),
    "more promised than sized for": ("kpi-contract.yaml", "value: 50}", "value: 500}", "NF-LOAD"),
    "a variable that nothing reads": (
        PRODUCTION_VALUES,
        "image:",
        "settings: {OPS_SEDE: 8}\nimage:",
        "there is no setting OPS_SEDE",
    ),
    "settings that take anything": (
        "src/demo_model/ops/settings.py",
        "raise SystemExit(",
        "str(",
        "does not stop the start",
    ),
}


@pytest.mark.parametrize("name", INF_02)
def test_a_chart_that_breaks_a_promise_fails(root: Path, name: str) -> None:
    assert broken(root, "INF-02", INF_02[name]) is Status.FAIL


def test_a_service_that_any_drain_may_end_fails(root: Path) -> None:
    (root / "deploy/helm/templates/disruption.yaml").unlink()
    outcome = said(root, "INF-02")
    assert outcome.status is Status.FAIL
    assert "needs a PodDisruptionBudget" in outcome.message


REL_03 = {
    "steps of its own": (CANARY, "- 25\n", "- 50\n", "its steps are [5, 50, 100]"),
    "a promise without a measurement": (CANARY, "name: nf-avail", "name: nf-other", "NF-AVAIL"),
    "another query": (CANARY, "[5m]", "[1d]", "another query"),
    "a looser limit": (CANARY, "<= 0.005", "<= 0.05", "a bad value promotes"),
    "a missing metric goes through": (
        CANARY,
        "len(result) == 1 && result[0] <= 0.005",
        "len(result) == 0 || result[0] <= 0.005",
        "no value promotes",
    ),
    "NaN goes through": (
        CANARY,
        "len(result) == 1 && result[0] <= 0.005",
        "len(result) == 1 && !(result[0] > 0.005)",
        "NaN promotes",
    ),
    "nothing goes through": (CANARY, "result[0] <= 0.005", "result[0] < 0", "a good value aborts"),
    "an analysis that can't decide": (
        ANALYSIS,
        "      failureLimit: 0\n",
        '      failureLimit: 0\n      failureCondition: "len(result) == 1 && result[0] > 1"\n',
        "a bad value pauses",
    ),
    "failures are forgiven": (ANALYSIS, "failureLimit: 0", "failureLimit: 9", "promotes"),
    "a dry run": (ANALYSIS, "  args:\n", "  dryRun: [{metricName: .*}]\n  args:\n", "dryRun"),
    "a step that nobody looks at": (
        "deploy/helm/templates/rollout.yaml",
        "        - analysis:\n            templates:\n",
        "        - pause: {duration: 1h}\n        - analysis:\n            templates:\n",
        "after 5 % nothing is analysed",
    ),
    "an analysis that is not there": (
        "deploy/helm/templates/rollout.yaml",
        "- templateName: {{ $name }}",
        "- templateName: other",
        "asks for an analysis other",
    ),
    "a contract without a canary": ("kpi-contract.yaml", "steps: [5, 25, 100]", "", "KPI-01"),
}


@pytest.mark.parametrize("name", REL_03)
def test_a_canary_that_would_not_end_by_itself_fails(root: Path, name: str) -> None:
    expected = Status.MISSING if name == "a contract without a canary" else Status.FAIL
    assert broken(root, "REL-03", REL_03[name]) is expected


def test_neither_check_is_about_projects_without_kubernetes(root: Path) -> None:
    answers = Context(Tree(root), None, NOW, load()).answers
    for check, other in (
        ("INF-02", {"deployment": ["compose"]}),
        ("REL-03", {"rollout": "rolling"}),
    ):
        when = load()[check].when or ""
        assert holds(when, answers)
        assert not holds(when, {**answers, **other})
