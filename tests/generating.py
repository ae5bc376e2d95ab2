"""Generated projects that are set up and run for real, each in an environment of its own."""

from __future__ import annotations

import shutil
from functools import cache
from typing import TYPE_CHECKING

import pytest

from projects import NAMES, PROFILES, Project, clean_environment, generate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Project]:
    """The project of a profile, generated once."""

    @cache
    def project(profile: str) -> Project:
        directory = tmp_path_factory.mktemp(profile)
        environment = clean_environment(directory)
        name = NAMES.get(profile, f"{profile}-model")
        return generate(directory / name, environment, PROFILES[profile])

    return project


@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in PROFILES]
)
def any_project(request: pytest.FixtureRequest, generated: Callable[[str], Project]) -> Project:
    """Each profile's project in turn. All tests of one run in one process, one after the other."""
    return generated(request.param)


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Project], Project]:
    """Copy a project that is set up, to change it; its package is imported from the copy."""

    def copy(project: Project) -> Project:
        root = tmp_path / project.root.name
        shutil.copytree(project.root, root, ignore=shutil.ignore_patterns(".venv", ".git"))
        (root / ".venv").symlink_to(project.root / ".venv")
        return Project(root, {**project.environment, "PYTHONPATH": str(root / "src")})

    return copy
