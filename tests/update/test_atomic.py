"""An update is written whole or not at all, whatever interrupts it; a preview writes nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bundles import MAIN
from small import changed, edited, write
from updating import everything

if TYPE_CHECKING:
    from collections.abc import Iterator

    from updating import Case

# Stand in for git: one waits before a command, one waits after it, one fails in the middle of it.
SHIMS = {
    "before": 'touch "$REACHED"; while [ ! -e "$GO_ON" ]; do sleep 0.05; done; exec {git} "$@"',
    "after": '{git} "$@"; touch "$REACHED"; while [ ! -e "$GO_ON" ]; do sleep 0.05; done; exit 0',
    "half": 'touch "$REACHED"; echo half > guide.md; rm -f gone.md; echo fatal: half >&2; exit 128',
    "never": 'touch "$REACHED"; echo fatal: never >&2; exit 128',
}
PLANNING = '"$1" = hash-object'
WRITING = '"$1" = read-tree ] && [ "$2" = -m'
MARKING = '"$1" = update-index ] && [ -z "$GIT_INDEX_FILE"'


def shim(case: Case, condition: str, kind: str) -> None:
    """Put a git that acts up where `condition` holds first on PATH."""
    git = shutil.which("git") or ""
    file = case.root.parent / "bin/git"
    action = SHIMS[kind].format(git=git)
    write(
        file.parent, {"git": f'#!/bin/sh\nif [ {condition} ]; then {action}; fi\nexec {git} "$@"\n'}
    )
    file.chmod(0o755)
    case.environment |= {
        "PATH": f"{file.parent}:{os.environ['PATH']}",
        "REACHED": str(case.root.parent / "reached"),
        "GO_ON": str(case.root.parent / "go-on"),
    }


def unshim(case: Case) -> None:
    case.environment["PATH"] = os.environ["PATH"]


@contextmanager
def reached(case: Case, condition: str, kind: str) -> Iterator[subprocess.Popen[str]]:
    """Run an update in a process of its own, up to a call of git."""
    shim(case, condition, kind)
    files = map(str, (case.bundle.file, case.bundle.history))
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, *files, "update", "--defaults"],
        cwd=case.root,
        env=case.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a group of its own, as a shell gives it: Ctrl-C reaches git too
    )
    try:
        deadline = time.monotonic() + 60
        while not (case.root.parent / "reached").exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        unshim(case)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_while_it_plans_it_leaves_nothing(case: Case, number: signal.Signals) -> None:
    before = everything(case.root)

    with reached(case, PLANNING, "before") as process:
        os.killpg(process.pid, number)
        output, errors = process.communicate(timeout=30)

    assert (process.returncode, output, errors) == (130, "", "Interrupted.\n")
    assert everything(case.root) == before
    assert not list(Path(case.environment["TMPDIR"]).iterdir())


def test_killed_while_it_plans_it_has_changed_nothing(case: Case) -> None:
    before = everything(case.root)

    with reached(case, PLANNING, "before") as process:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    assert everything(case.root) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_while_it_writes_it_goes_on(case: Case, number: signal.Signals) -> None:
    case.edit({"guide.md": edited(2)})

    with reached(case, WRITING, "before") as process:
        os.killpg(process.pid, number)
        (case.root.parent / "go-on").touch()
        _, errors = process.communicate(timeout=30)

    assert (process.returncode, errors) == (3, "")
    assert case.read("new.md") == changed(2)


@pytest.mark.parametrize("kind", ["before", "after"])
def test_killed_while_it_writes_the_next_one_puts_it_back_and_goes_on(
    case: Case, kind: str
) -> None:
    case.edit({"guide.md": edited(2), "serving/app.py": edited(15)})
    tree = case.git("write-tree")
    before = {
        path: what for path, (_, _, what) in everything(case.root).items() if path[:4] != ".git"
    }

    with reached(case, WRITING, kind) as process:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    assert case.exists("new.md") == (kind == "after")
    assert "An update has not ended" in case("status").out
    assert "has not ended" in case.refused("update", "--dry-run")
    assert "is waiting" in case.refused("update", "--continue")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("poc2prod.updating.fitness.target", lambda *_: sys.exit(9))
        case("update")  # only puts back
    found = {
        path: what for path, (_, _, what) in everything(case.root).items() if path[:4] != ".git"
    }
    assert found == before
    assert case.git("write-tree") == tree
    assert case.clean()
    case.update(status=3)


@pytest.mark.parametrize("whole", [False, True])
def test_killed_while_it_writes_the_next_one_says_that_it_puts_it_back(
    case: Case, whole: bool
) -> None:
    with reached(case, WRITING, "after") as process:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    if not whole:  # git was about to write it
        write(case.root, {".poc2prod/answers.yaml": ""})
    report = case.update()

    assert report.startswith("An earlier update had been killed; what it had begun")
    assert case.read("new.md") == changed(2)


def test_a_lock_that_a_killed_git_left_is_named(case: Case) -> None:
    with reached(case, WRITING, "after") as process:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    write(case.root, {".git/index.lock": ""})

    assert "index.lock': File exists" in case("update", "--defaults").err
    (case.root / ".git/index.lock").unlink()
    assert case.update().startswith("An earlier update had been killed")


@pytest.mark.parametrize("path", ["guide.md", "added.md", "gone.md"])
def test_an_edit_after_a_kill_is_not_put_back(case: Case, path: str) -> None:
    with reached(case, WRITING, "after") as process:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    write(case.root, {path: "mine\n"})

    message = case.refused("update", "--defaults")

    assert message.startswith(f"{path} was edited after an update of pump-guard was killed")
    (case.root / path).unlink()
    case.update()


@pytest.mark.parametrize("command", [WRITING, MARKING])
@pytest.mark.parametrize("kind", ["half", "never"])
def test_a_git_that_fails_while_it_writes_leaves_the_project_as_it_was(
    case: Case, command: str, kind: str
) -> None:
    case.edit({"guide.md": edited(2)})
    tree = case.git("write-tree")
    shim(case, f'{command} ] && [ ! -e "$REACHED"', kind)  # what puts it back succeeds

    result = case("update", "--defaults")

    unshim(case)
    assert result.status == 1
    assert result.err.count("\n") == 1
    assert "fatal: " in result.err
    assert case.clean()
    assert case.read("guide.md") == edited(2)
    assert case.git("write-tree") == tree
    assert not case.exists(".git/poc2prod")


def test_where_nothing_can_be_put_back_it_says_so_and_the_next_one_does(case: Case) -> None:
    case.edit({"guide.md": edited(2)})
    shim(case, MARKING, "never")

    result = case("update", "--defaults")

    assert result.status == 1
    assert "the next poc2prod update does that" in result.err
    unshim(case)
    assert case.update(status=3).startswith("An earlier update had been killed")
