"""A disk that is full, or that may not be written, changes nothing."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from bundles import MAIN
from poc2prod.updating import apply, index, journal
from small import edited
from updating import everything

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from updating import Case


@pytest.mark.parametrize("size", [0, 300])
def test_a_full_disk_while_it_plans_is_one_line(case: Case, size: int) -> None:
    before = everything(case.root)

    result = update_limited(case, size)

    assert result.returncode == 1
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert everything(case.root) == before


@pytest.mark.parametrize("size", [0, 20])
@pytest.mark.parametrize(
    ("module", "function"), [(index, "tree"), (journal, "record"), (apply, "_mark")]
)
def test_a_full_disk_while_it_writes_is_one_line(
    case: Case, module: ModuleType, function: str, size: int
) -> None:
    case.edit({"guide.md": edited(2)})

    with patch.object(module, function, limited(getattr(module, function), size)):
        result = case("update", "--defaults")

    assert result.status == 1
    assert result.err.startswith("Error: ")
    assert result.err.count("\n") == 1
    assert case.clean()
    assert case.read("guide.md") == edited(2)
    assert not case.exists(".git/poc2prod")


def update_limited(case: Case, size: int) -> subprocess.CompletedProcess[str]:
    """Update where no file can grow above `size` bytes: a stand-in for a full disk."""
    files = map(str, (case.bundle.file, case.bundle.history))
    return subprocess.run(
        [sys.executable, "-c", MAIN, *files, "update", "--defaults"],
        cwd=case.root,
        env=case.environment,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )


def limited(function: Callable[..., object], size: int) -> Callable[..., object]:
    """Return `function` on a full disk."""

    def run(*arguments: object) -> object:
        _, hard = before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            return function(*arguments)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return run


def test_a_project_on_a_file_system_that_is_read_only(case: Case) -> None:
    files = map(str, (case.bundle.file, case.bundle.history))
    mount = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && cd "$0" && exec "$@"'
    command = [sys.executable, "-c", MAIN, *files, "update", "--defaults"]
    probe = ["unshare", "-m", "sh", "-c", mount, str(case.root)]
    if not shutil.which("unshare") or subprocess.run([*probe, "true"], check=False).returncode:
        pytest.skip("this user may not mount")
    before = everything(case.root)

    result = subprocess.run(
        [*probe, *command], env=case.environment, capture_output=True, text=True, check=False
    )

    assert result.returncode == 1
    assert "Read-only file system" in result.stderr or "insufficient permission" in result.stderr
    assert result.stderr.count("\n") == 1
    assert everything(case.root) == before
    status = subprocess.run(
        [*probe, *command[:-2], "status"], env=case.environment, capture_output=True, check=False
    )
    assert status.returncode == 0
