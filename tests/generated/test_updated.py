"""A project of the oldest release, updated: its own checks and tests pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bundles import git, working_tree
from poc2prod import releases
from projects import UNKILLED, Project, clean_environment

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.xdist_group("regression")
def test_an_updated_project_passes_its_own_checks_and_tests(tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    bundle = working_tree(tmp_path / "bundle")
    environment = clean_environment(tmp_path)
    oldest = str(releases.versions()[0])
    for command in (
        ("new", "demo-model", "--defaults", "--ref", oldest),
        ("update", "demo-model", "--defaults"),
    ):
        done = bundle.run(*command, cwd=tmp_path, env=environment)
        assert done.returncode == 0, done.stderr
    project = Project(tmp_path / "demo-model", environment)
    git(project.root, "commit", "--quiet", "--message", "Update")

    project.make("monitoring")  # from the old contract, as the history says
    git(project.root, "add", "--all")
    git(project.root, "commit", "--quiet", "--message", "Compile")

    tested = project.make("check", "test", f"ARGS={UNKILLED}")

    assert " passed" in tested
    assert "failed" not in tested
    assert project("git", "status", "--porcelain").stdout == ""
