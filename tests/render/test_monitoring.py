"""What is compiled from the KPI contract: rendered as compiled, sound, and tested by its tests."""

from __future__ import annotations

import doctest
import importlib
import json
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

import promql_parser
import pytest
import yaml

import monitoring
from pairs import all_pairs, axes
from poc2prod.audit.running import alert_mutants
from poc2prod.questions import load
from rendering import ROOT, render
from tools import require_tool

if TYPE_CHECKING:
    from collections.abc import Iterator

QUESTIONS = load(ROOT)
ROWS = [row for row in all_pairs(axes(QUESTIONS)) if row["latency"] != "batch"]
PROMISES = [
    {"latency": latency, "availability": availability}
    for latency in QUESTIONS["latency"].choices
    if latency != "batch"
    for availability in QUESTIONS["availability"].choices
]
PYDANTIC = {
    "annotated_types",
    "pydantic",
    "pydantic_core",
    "typing_extensions",
    "typing_inspection",
}

IMPORTED = """
import sys
before = set(sys.modules)
from demo_model.ops.monitoring import compiled
print(*set(sys.modules) - before)
"""
EVERYTHING = """
guardrails:
  - {id: GR-MOST, name: Alarms, op: lte, value: 2, for: PT1H, promql: "sum(rate(alarms[1h]))"}
  - {id: GR-LEAST, name: Caught, op: gte, value: -0.5, for: PT1M, promql: caught}
nonfunctional:
  slos:
    - {id: NF-AVAIL, kind: availability, objective: 0.9999}
    - {id: NF-LAT-P99, kind: latency, quantile: 0.99, limit_ms: 100}
    - {id: NF-SOME, kind: availability, objective: 0.9}
    - {id: NF-HALF, kind: latency, quantile: 0.5, limit_ms: 1.5}
  limits:
    - {id: NF-LOAD, kind: throughput_rps, value: 0.4}
    - {id: NF-AGE, kind: model_age_seconds, value: 3600}
"""


def expressions(files: Path) -> Iterator[str]:
    """Every PromQL of a project's alerts and panels."""
    for rules in sorted((files / "rules").glob("*.yaml")):
        document = yaml.safe_load(rules.read_text(encoding="utf-8"))
        yield from (rule["expr"] for rule in document["groups"][0]["rules"])
    dashboard: Any = json.loads((files / "dashboard.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))


def promtool(*arguments: str | Path) -> None:
    command = [require_tool("promtool"), *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def sound(files: Path) -> None:
    """Every rule, test and query is accepted by what reads it."""
    promtool("check", "rules", "--lint=all", "--lint-fatal", *(files / "rules").glob("*.yaml"))
    promtool("test", "rules", *(files / "tests").glob("*.yaml"))
    for expression in expressions(files):
        promql_parser.parse(expression)


@pytest.fixture(scope="module")
def project(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(template, tmp_path_factory.mktemp("compiled") / "demo-model")


@pytest.fixture(scope="module")
def everything(project: Path) -> Path:
    """The default project's monitoring/ for a contract that uses all there is."""
    contract = project / "kpi-contract.yaml"
    before = contract.read_text(encoding="utf-8")
    changed = {**yaml.safe_load(before), **yaml.safe_load(EVERYTHING)}
    contract.write_text(yaml.safe_dump(changed), encoding="utf-8")
    try:
        made = monitoring.compiled(project, "demo_model")
    finally:
        contract.write_text(before, encoding="utf-8")
    for path, text in made.items():
        (project / "everything" / path).parent.mkdir(parents=True, exist_ok=True)
        (project / "everything" / path).write_text(text, encoding="utf-8")
    return project / "everything" / "monitoring"


@pytest.mark.parametrize(
    "answers",
    [*ROWS, {"load": 1}, {"load": 1_000_000}, {"team": 'Plant & "Pump" Ölwerk: #1 {{ x }} \\n'}],
    ids=str,
)
def test_it_is_rendered_as_it_is_compiled(
    template: Path, tmp_path: Path, answers: dict[str, object]
) -> None:
    project = render(template, tmp_path / "demo-model", answers)
    made = monitoring.compiled(project, "demo_model")

    there = {path for path in project.glob("monitoring/**/*") if path.is_file()}
    assert {path.relative_to(project).as_posix() for path in there} == {
        path for path in made if path.startswith("monitoring/")
    }
    for path, text in made.items():
        assert (project / path).read_text(encoding="utf-8") == text, path


def test_the_template_of_it_is_current() -> None:
    for path, text in monitoring.templates().items():
        assert (ROOT / "template/project" / path).read_text(encoding="utf-8") == text, (
            "run make ownership"
        )


@pytest.mark.parametrize("promises", PROMISES, ids=str)
def test_rules_tests_and_queries_of_every_promise_are_sound(
    template: Path, tmp_path: Path, promises: dict[str, object]
) -> None:
    sound(render(template, tmp_path / "demo-model", promises) / "monitoring")


def test_rules_tests_and_queries_of_a_contract_with_everything_are_sound(everything: Path) -> None:
    sound(everything)


def test_the_compiler_needs_no_library_but_pydantic_and_yaml(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED],
        env={"PYTHONPATH": str(project / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
        check=True,
        capture_output=True,
        text=True,
    )
    loaded = done.stdout.split()

    own = {name.split(".")[2] for name in loaded if name.startswith("demo_model.ops.")}
    assert own == {"errors", "files", "kpi", "monitoring"}
    strange = {name.partition(".")[0] for name in loaded} & packages_distributions().keys()
    assert strange <= PYDANTIC | {"_yaml", "yaml"}, strange


def test_it_compiles_for_a_project_elsewhere(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(project / "src"), *sys.path])
    kpi = importlib.import_module("demo_model.ops.kpi")
    compiler = importlib.import_module("demo_model.ops.monitoring.compiled")
    contract = kpi.load(project / "kpi-contract.yaml")

    written = compiler.write(contract, tmp_path, "other_model")
    assert Path("src/other_model/ops/serving/limits.json") in written
    assert compiler.drifted(contract, tmp_path, "other_model") == []
    for path in written:
        own = Path(str(path).replace("other_model", "demo_model"))
        assert (tmp_path / path).read_bytes() == (project / own).read_bytes()


def test_a_batch_project_is_not_monitored(template: Path, tmp_path: Path) -> None:
    project = render(template, tmp_path / "demo-model", {"latency": "batch"})
    assert not (project / "monitoring").exists()
    assert not (project / "docs/runbooks").exists()
    assert "monitoring" not in (project / "Makefile").read_text(encoding="utf-8")


def test_the_compiled_tests_notice_broken_alerts(everything: Path) -> None:
    results = alert_mutants.judged(alert_mutants.Suite.of(everything), require_tool("promtool"))
    assert len(results) > 100
    assert alert_mutants.enough(results, 0.95), alert_mutants.table(results)


def test_the_compilers_examples_are_true(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(project / "src"), *sys.path])
    for name in ("kpi.indicators", "monitoring.promql", "monitoring.series"):
        module = importlib.import_module(f"demo_model.ops.{name}")
        assert doctest.testmod(module).failed == 0
