"""MDL-01, MDL-02 and MDL-07 on generated projects; test_whole_good has all of MDL pass."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from audit.model_breaks import BREAKS
from poc2prod.audit.outcome import Status
from poc2prod.audit.probes.mlops import training
from poc2prod.audit.running import candidates
from poc2prod.audit.running.lab import Lab, UnrunnableError
from projects import WITHOUT_THOSE_OF_OPS, with_model
from toys import context, outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from poc2prod.audit.outcome import Outcome
    from projects import Project

pytestmark = pytest.mark.xdist_group("audit")


@pytest.fixture(scope="module")
def good(generated: Callable[[str], Project]) -> Project:
    return with_model(generated("default"))


@pytest.fixture(scope="module")
def lab(good: Project) -> Iterator[Lab]:
    """One lab for the good project, so that its models are trained once."""
    with Lab(good.root) as opened:
        yield opened


def test_the_teams_own_tests_notice_enough(
    good: Project, copy_of: Callable[[Project], Project]
) -> None:
    copy = copy_of(good)
    (copy.root / "conftest.py").write_text(WITHOUT_THOSE_OF_OPS, encoding="utf-8")
    with Lab(copy.root) as lab:
        found = outcome("MDL-07", context(copy.root, lab))
    assert found.status is Status.PASS, found.message
    assert isinstance(found.value, float)
    assert found.value > 0.7


def test_labels_are_shuffled_in_a_snapshot_where_there_are_sources(
    good: Project, copy_of: Callable[[Project], Project]
) -> None:
    copy = copy_of(good)
    settings = (copy.root / "settings.toml").read_text("utf-8")
    sources = '[sources.pumps]\nlocation = "data/readings.parquet"\n'
    (copy.root / "settings.toml").write_text(f"{settings}\n{sources}")
    assert copy.command("ingest").returncode == 0
    before = (copy.root / "data/snapshots/head").read_text()
    with Lab(copy.root) as lab:
        project = candidates.project(context(copy.root, lab))
        assert project
        assert (project.data, project.snapshots) == (None, "data/snapshots")
        place = str(copy.root / "data/snapshots")
        answer = lab.script("shuffle", {"data": place, "target": "fails_within_horizon"})
    assert answer["moved"] > 1_000
    assert (copy.root / "data/snapshots/head").read_text() != before
    again = copy.command("ingest")
    assert "nothing new" in again.stdout, again.stdout

    (copy.root / "settings.toml").write_text(f'snapshots = "s3://a/b"\n{settings}\n{sources}')
    with (
        Lab(copy.root) as lab,
        pytest.raises(UnrunnableError, match="outside of the repository, in s3://a/b"),
    ):
        candidates.project(context(copy.root, lab))


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
    found = outcome("MDL-01", context(copy, lab))
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
