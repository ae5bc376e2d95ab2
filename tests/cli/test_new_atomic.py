"""`poc2prod new` generates a project whole or not at all, whatever interrupts it."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Run

# Stands in for git: it waits when the rendered project is about to become a repository.
WAITING_GIT = """\
#!/bin/sh
if [ "$1" = symbolic-ref ]; then
    touch "$REACHED"
    while [ ! -e "$GO_ON" ]; do sleep 0.05; done
fi
exec {git} "$@"
"""


@contextmanager
def reached_the_commit(
    environment: dict[str, str], tmp_path: Path, *arguments: str | Path
) -> Iterator[subprocess.Popen[str]]:
    """Run `poc2prod new` up to the moment when all is rendered and nothing committed."""
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text(WAITING_GIT.format(git=shutil.which("git")), encoding="utf-8")
    git.chmod(0o755)
    reached = tmp_path / "reached"
    process = subprocess.Popen(
        [sys.executable, "-m", "poc2prod", "new", *map(str, arguments), "--defaults"],
        cwd=tmp_path,
        env={
            **environment,
            "PATH": f"{git.parent}:{environment['PATH']}",
            "REACHED": str(reached),
            "GO_ON": str(tmp_path / "go-on"),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a group of its own, as a shell gives it: Ctrl-C reaches git too
    )
    try:
        deadline = time.monotonic() + 60
        while not reached.exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def staging(root: Path) -> list[Path]:
    return list(root.rglob(".poc2prod-*"))


def test_killed_it_leaves_no_project_and_the_next_run_is_not_disturbed(
    environment: dict[str, str], poc2prod: Run, template: Path, tmp_path: Path
) -> None:
    with reached_the_commit(environment, tmp_path, "out/demo", "--template", template) as process:
        (left,) = staging(tmp_path)
        assert (left / "demo" / "README.md").exists(), "the test is too early"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    assert not (tmp_path / "out/demo").exists()

    result = poc2prod("new", "out/demo", "--defaults", "--template", template)

    assert result.returncode == 0, result.stderr
    assert (tmp_path / "out/demo/README.md").exists()
    assert left.exists(), "another process may own it"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("destination", ["demo", "new/folders/demo", "empty"])
def test_interrupted_it_cleans_up(
    environment: dict[str, str], template: Path, tmp_path: Path, number: int, destination: str
) -> None:
    (tmp_path / "empty").mkdir()
    with reached_the_commit(environment, tmp_path, destination, "--template", template) as process:
        os.killpg(process.pid, number)
        output, errors = process.communicate(timeout=20)

    assert process.returncode == 130
    assert (output, errors) == ("", "Interrupted.\n")
    assert {path.name for path in tmp_path.iterdir()} == {"bin", "empty", "reached"}
    assert list((tmp_path / "empty").iterdir()) == []


@pytest.mark.parametrize("existed", [False, True])
def test_somebody_elses_project_is_not_overwritten(
    environment: dict[str, str], template: Path, tmp_path: Path, existed: bool
) -> None:
    if existed:
        (tmp_path / "demo").mkdir()
    with reached_the_commit(environment, tmp_path, "demo", "--template", template) as process:
        (tmp_path / "demo").mkdir(exist_ok=True)
        (tmp_path / "demo" / "README.md").write_text("mine", encoding="utf-8")
        (tmp_path / "go-on").touch()
        _, errors = process.communicate(timeout=20)

    assert process.returncode == 1, errors
    assert (tmp_path / "demo" / "README.md").read_text(encoding="utf-8") == "mine"
    assert not staging(tmp_path)


def run_limited(
    environment: dict[str, str], tmp_path: Path, template: Path, size: int
) -> subprocess.CompletedProcess[str]:
    """Run `poc2prod new` where no file can grow above `size` bytes: a stand-in for a full disk."""
    return subprocess.run(
        [sys.executable, "-m", "poc2prod", "new", "out/demo", "--defaults", "--template", template],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )


@pytest.mark.parametrize("size", [0, 20])
def test_a_full_disk_is_one_line_and_leaves_nothing(
    environment: dict[str, str], template: Path, tmp_path: Path, size: int
) -> None:
    result = run_limited(environment, tmp_path, template, size)

    assert result.returncode == 1
    assert result.stderr.startswith("Error: can't generate out/demo: ")
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_not_writable_is_one_line(
    poc2prod: Run, template: Path, tmp_path: Path
) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        result = poc2prod("new", "out/demo", "--defaults", "--template", template)
    finally:
        tmp_path.chmod(stat.S_IRWXU)

    assert result.returncode == 1
    assert result.stderr == "Error: can't generate out/demo: Permission denied\n"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_a_file_system_that_is_read_only_is_one_line(poc2prod: Run, template: Path) -> None:
    result = poc2prod("new", "/proc/demo", "--defaults", "--template", template)

    assert result.returncode == 1
    assert result.stderr.startswith("Error: can't generate /proc/demo: ")
    assert result.stderr.count("\n") == 1
