"""A project at 1.0.0, and the releases to update it to."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from bundles import Bundle, git
from poc2prod.template import Template
from small import releases_of
from updating import Case, Renders

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Bundle]:
    """Bundles of releases up to 1.0.0, 2.0.0 and 3.0.0."""
    return releases_of(tmp_path_factory.mktemp("bundles"))


@pytest.fixture(scope="session")
def renders(tmp_path_factory: pytest.TempPathFactory) -> Renders:
    """What was rendered, for all tests."""
    return Renders(tmp_path_factory.mktemp("renders"))


@pytest.fixture(scope="session")
def generated(
    bundles: dict[int, Bundle], renders: Renders, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A project at 1.0.0, committed."""
    folder = tmp_path_factory.mktemp("generated")
    git(folder, "clone", "--quiet", str(bundles[1].file), "template")
    root = folder / "pump-guard"
    renders(Template(folder / "template", "v1.0.0"), root, {}, defaults=True)
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "generated")
    return root


@pytest.fixture
def case(
    generated: Path,
    bundles: dict[int, Bundle],
    renders: Renders,
    environment: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Case:
    """A project at 1.0.0 to which 2.0.0 is there."""
    root = shutil.copytree(generated, tmp_path / generated.name, symlinks=True)
    return Case(root, bundles[2], environment, renders, capsys)
