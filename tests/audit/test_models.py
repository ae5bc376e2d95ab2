"""MDL-01 and MDL-02 on generated projects, and all of MDL on one that is good."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from poc2prod.audit.lab import Lab
from poc2prod.audit.outcome import Status
from poc2prod.audit.probes import training
from poc2prod.audit.tree import Tree
from toys import context, outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from poc2prod.audit.outcome import Outcome
    from projects import Project

pytestmark = pytest.mark.xdist_group("default")
RUN = "models/v1/evaluation"


def with_model(project: Project) -> Project:
    if not (project.root / "models/champion").exists():
        project.make("demo")
    return project


@pytest.fixture(scope="module")
def good(generated: Callable[[str], Project]) -> Project:
    return with_model(generated("default"))


@pytest.fixture(scope="module")
def lab(good: Project) -> Iterator[Lab]:
    """One lab for the good project, so that its models are trained once."""
    with Lab(good.root) as opened:
        yield opened


@pytest.mark.parametrize("check", ["MDL-01", "MDL-02", "MDL-06"])
def test_a_generated_project_passes(good: Project, lab: Lab, check: str) -> None:
    found = outcome(check, context(good.root, lab))
    assert found.status is Status.PASS, found.message


def test_the_teams_own_tests_notice_enough(
    good: Project, copy_of: Callable[[Project], Project]
) -> None:
    copy = copy_of(good)
    for test in (copy.root / "tests/ops").glob("test_*.py"):  # test_profiles runs these
        test.unlink()
    with Lab(copy.root) as lab:
        found = outcome("MDL-07", context(copy.root, lab))
    assert found.status is Status.PASS, found.message
    assert isinstance(found.value, float)
    assert found.value > 0.7


def test_intervals_are_recomputed_for_every_problem(any_project: Project) -> None:
    project = with_model(any_project)
    with Lab(project.root) as lab:
        found = outcome("MDL-02", context(project.root, lab))
    assert found.status is Status.PASS, found.message


def test_training_with_chance_in_it_fails(
    good: Project, copy_of: Callable[[Project], Project]
) -> None:
    copy = copy_of(good)
    model = copy.root / "src" / copy.package / "model.py"
    text = model.read_text("utf-8").replace(
        "learning_rate=0.05", 'learning_rate=__import__("random").uniform(0.04, 0.06)'
    )
    model.write_text(text.replace("max_iter=150", "max_iter=20"), encoding="utf-8")
    with Lab(copy.root) as lab:
        found = outcome("MDL-01", context(copy.root, lab))
    assert found.status is Status.FAIL
    assert found.message.startswith("two trainings with one seed differ")


@pytest.mark.parametrize(("declared", "status"), [("0.01", Status.FAIL), ("0.0009", Status.PASS)])
def test_a_tolerance_is_no_wider_than_rounding_and_a_share_of_the_margin(
    good: Project, lab: Lab, tmp_path: Path, declared: str, status: Status
) -> None:
    copy = tmp_path / "project"
    shutil.copytree(good.root, copy, ignore=shutil.ignore_patterns(".venv", ".git"))
    predictor = copy / "src" / good.package / "ops/predictor.py"
    text = predictor.read_text("utf-8")
    wide = re.sub(r"^TOLERANCE = .*", f"TOLERANCE = {declared}", text, flags=re.MULTILINE)
    predictor.write_text(wide, encoding="utf-8")
    found = outcome("MDL-01", replace(context(good.root, lab), tree=Tree(copy)))
    assert found.status is status, found.message
    if status is Status.FAIL:
        assert found.message.startswith("the tolerance 0.01 is wider than 0.001")
        assert found.locations[0].path.endswith("ops/predictor.py")
    else:  # it is as good as the champion, itself, and may be worse by 0.02
        assert found.threshold == pytest.approx(0.0002)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (None, "does not name its lock"),
        ("0" * 64, "is not requirements"),
        (hashlib.sha256(f"{hashlib.sha256(b'x').hexdigest()}  a.txt\n".encode()).hexdigest(), None),
    ],
)
def test_a_run_names_the_lock_that_it_ran_with(
    tmp_path: Path, record: str | None, message: str | None
) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/a.txt").write_text("x")
    (tmp_path / "run").mkdir()
    metadata = {"made_from": {"lock_sha256": record} if record else {}}
    (tmp_path / "run/model.json").write_text(json.dumps(metadata))
    found = training._lock(tmp_path, tmp_path / "run")
    assert found is None if message is None else message in str(found)


def seal(folder: Path) -> None:
    files = sorted(f for f in folder.iterdir() if f.is_file() and f.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}\n" for f in files]
    (folder / "SHA256SUMS").write_text("".join(lines))


def edit(change: Callable[[dict[str, Any]], object], *, sealed: bool = True) -> Any:
    def apply(project: Project) -> None:
        file = project.root / RUN / "evaluation.json"
        document = json.loads(file.read_text("utf-8"))
        change(document)
        file.write_text(json.dumps(document), encoding="utf-8")
        if sealed:
            seal(file.parent)

    return apply


def contract(old: str, new: str) -> Any:
    def apply(project: Project) -> None:
        file = project.root / "kpi-contract.yaml"
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    return apply


def other_labels(project: Project) -> None:
    """Write that what the model said is what happened, and make everything else agree."""
    code = (
        "import sys; sys.path[:0] = ['tests', 'tests/ops']\n"
        "import pathlib, polars as pl, tampering\n"
        "tampering.edit_predictions(pathlib.Path('models/v1'),"
        " lambda f: f.with_columns(pl.col('model/alarm').alias('label')))"
    )
    done = project(str(project.root / ".venv/bin/python"), "-c", code)
    assert done.returncode == 0, done.stdout


def other_alarms(project: Project) -> None:
    """Write that the model warned of what happened, and make everything else agree."""
    code = (
        "import sys; sys.path[:0] = ['tests', 'tests/ops']\n"
        "import pathlib, tampering\n"
        "tampering.edit_predictions(pathlib.Path('models/v1'), tampering.as_happened)"
    )
    done = project(str(project.root / ".venv/bin/python"), "-c", code)
    assert done.returncode == 0, done.stdout


def no_model(project: Project) -> None:
    shutil.rmtree(project.root / "models")
    shutil.rmtree(project.root / "runs")


def other_data(project: Project) -> None:
    with (project.root / "data/readings.parquet").open("ab") as file:
        file.write(b" ")


def other_sums(project: Project) -> None:
    (project.root / "models/v1/golden.json").write_text("{}")


def other_champion(project: Project) -> None:
    (project.root / "models/champion").write_text("../runs\n")


def aged(days: int) -> Any:
    when = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
    return edit(lambda d: d.update(evaluated=when))


BREAKS: dict[str, tuple[Any, Status, str]] = {
    "an edit": (
        edit(lambda d: d.update(rows=1), sealed=False),
        Status.FAIL,
        "evaluation.json is not what",
    ),
    "a figure": (
        edit(lambda d: d["metrics"]["model"].update(recall=0.99)),
        Status.FAIL,
        "metrics.model.recall says 0.99",
    ),
    "an interval": (
        edit(lambda d: d["intervals"]["model"].update(recall=[0.9, 0.99])),
        Status.FAIL,
        "intervals.model.recall[0] says 0.9",
    ),
    "rows": (edit(lambda d: d.update(rows=10**6)), Status.FAIL, "rows says 1000000"),
    "another model": (
        edit(lambda d: d.update(model_sha256="0" * 64)),
        Status.FAIL,
        "is of another model",
    ),
    "no metrics": (edit(lambda d: d.update(metrics=[])), Status.FAIL, "metrics"),
    "labels": (other_labels, Status.FAIL, "are not those of data/readings.parquet"),
    "alarms": (other_alarms, Status.FAIL, "model/alarm is not what the threshold makes"),
    "sums": (other_sums, Status.FAIL, "models/v1/golden.json is not what"),
    "alias": (other_champion, Status.FAIL, "names no model"),
    "a missed gate": (contract("value: 0.6,", "value: 0.99,"), Status.FAIL, "misses MQ-1"),
    "a missed bound": (contract("value: 0.55,", "value: 0.7,"), Status.FAIL, "recall, lower end"),
    "a missed lead": (
        contract("vs_baseline: 0.02", "vs_baseline: 0.2"),
        Status.FAIL,
        "the lead of",
    ),
    "few rows": (contract("min_rows: 1000", "min_rows: 10000"), Status.FAIL, "held-out rows"),
    "other gates": (contract("value: 0.6,", "value: 0.59,"), Status.STALE, "by other gates"),
    "other data": (other_data, Status.STALE, "is not what models/v1 was evaluated on"),
    "old": (aged(181), Status.STALE, "181 days ago"),
    "of tomorrow": (aged(-1), Status.FAIL, "in the future"),
    "no model": (no_model, Status.MISSING, "no model is registered"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_model_whose_figures_do_not_hold_does_not_pass(
    good: Project, copy_of: Callable[[Project], Project], name: str
) -> None:
    spoil, status, message = BREAKS[name]
    copy = copy_of(good)
    spoil(copy)
    found = gates_met(copy)
    assert found.status is status, found.message
    assert message in found.message


def test_without_a_champion_the_newest_run_that_passed_counts(
    good: Project, copy_of: Callable[[Project], Project]
) -> None:
    copy = copy_of(good)
    shutil.rmtree(copy.root / "models")
    found = gates_met(copy)
    assert found.status is Status.PASS, found.message
    assert found.message.startswith("runs/")


def gates_met(project: Project) -> Outcome:
    with Lab(project.root) as lab:
        return outcome("MDL-02", context(project.root, lab))
