"""An update is written whole or not at all, whatever interrupts it; a preview writes nothing."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from bundles import MAIN
from poc2prod import apply, index, journal
from updating import changed, edited, everything, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

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
        monkeypatch.setattr("poc2prod.fitness.target", lambda *_: sys.exit(9))
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


# --- previews and reports


def edits(case: Case) -> None:
    """Make one change of each kind happen."""
    (case.root / "run.sh").unlink()
    (case.root / "run.sh").symlink_to("guide.md")
    case.edit(
        {
            "guide.md": edited(2),
            "gone.md": edited(3),
            "serving/app.py": edited(15),
            "old.md": edited(15),
            "logo.bin": b"\0mine",
            "src/pump_guard/ops/train.py": None,
        }
    )


def test_a_preview_changes_no_byte_and_reports_what_the_update_does(case: Case) -> None:
    edits(case)
    (case.root / "guide.md").touch()  # git would refresh its index
    before = everything(case.root), sorted((case.root / ".git/objects").iterdir())

    preview = case.update("--dry-run", status=3)

    assert (everything(case.root), sorted((case.root / ".git/objects").iterdir())) == before
    end = "\nNothing was changed. The update would leave 3 conflicts.\n"
    assert preview.endswith(end)
    report = case.update(status=3)
    assert report.startswith(preview.removesuffix(end))
    assert "Resolve 3 conflicts" in report


def test_a_preview_as_json_is_the_report_as_json(case: Case) -> None:
    edits(case)

    preview = json.loads(case.update("--dry-run", "--json", "-d", "team=Öl", status=3))
    report = json.loads(case.update("--json", "-d", "team=Öl", status=3))

    assert preview.pop("dry_run")
    assert not report.pop("dry_run")
    assert not report["restored"]
    assert preview == report
    changes = {change["path"]: change for change in report["changes"]}
    assert {path: change["kind"] for path, change in changes.items()} == {
        ".poc2prod/answers.yaml": "changed",
        ".poc2prod/ownership.yaml": "changed",
        "added.md": "added",
        "gone.md": "rescued",
        "guide.md": "conflicted",
        "logo.bin": "conflicted",
        "new.md": "merged",
        "run.sh": "conflicted",
        "serving/app.py": "merged",
        "src/pump_guard/model.py": "left",
        "src/pump_guard/ops/train.py": "left",
    }
    assert changes["guide.md"]["lines"] == [2]
    assert changes["new.md"]["before"] == "old.md"
    for key in ("patch", "aside"):
        assert all(case.exists(change[key]) for change in report["changes"] if key in change)
    assert report["answers"] == {"new": {}, "changed": {"team": ["Reliability Engineering", "Öl"]}}
    assert (report["project"], report["from"], report["to"]) == ("pump-guard", "1.0.0", "2.0.0")
    assert report["releases"][0]["manual"] == ["Read the guide."]


def test_quiet_it_prints_nothing(case: Case) -> None:
    case.edit({"guide.md": edited(2)})

    assert case.update("--quiet", status=3) == ""
    write(case.root, {"guide.md": "resolved\n"})
    assert case("update", "--continue", "-q").out == ""


def test_it_says_what_to_run_next(case: Case) -> None:
    assert "git commit -m 'Update from poc2prod 1.0.0 to 2.0.0'" in case.update()


# --- status


def test_status_of_a_project_that_is_behind(case: Case) -> None:
    found = json.loads(case("status", "--json").out)

    assert (found["version"], found["newest"], found["unfinished"]) == ("1.0.0", "2.0.0", False)
    assert found["managed"] == {"edited": [], "missing": []}
    assert [release["version"] for release in found["newer"]] == ["2.0.0"]
    assert found["answers"]["latency"] == "interactive"
    text = case("status").out
    assert text.startswith("pump-guard: poc2prod 1.0.0, and 2.0.0 is there\n")
    assert "Two is better than one." in text


def test_status_after_an_update(case: Case) -> None:
    case.update()

    assert case("status").out.startswith("pump-guard: poc2prod 2.0.0, up to date\n")
    found = json.loads(case("status", "--json").out)
    assert (found["newer"], found["managed"]) == ([], {"edited": [], "missing": []})


@pytest.mark.parametrize(
    ("commit", "standing"),
    [
        ("v9.0.0", "poc2prod 9.0.0, newer than this poc2prod (2.0.0): upgrade it"),
        ("v0.1.0-3-gabc", "poc2prod v0.1.0-3-gabc, which is no release, so it can't be updated"),
        ("[1]", "poc2prod [1], which is no release"),
    ],
)
def test_status_of_what_is_no_release_here(case: Case, commit: str, standing: str) -> None:
    answers = case.read(".poc2prod/answers.yaml").replace("v1.0.0", commit)
    write(case.root, {".poc2prod/answers.yaml": answers})

    assert standing in case("status").out
    assert json.loads(case("status", "--json").out)["newer"] == []


def test_status_lists_edited_and_missing_managed_files(case: Case) -> None:
    write(case.root, {"guide.md": edited(2), ".poc2prod/answers.yaml": "_commit: v1.0.0\n"})
    assert json.loads(case("status", "--json").out)["managed"] == {
        "edited": [".poc2prod/answers.yaml", "guide.md"],
        "missing": [],
    }
    (case.root / "guide.md").unlink()
    (case.root / "guide.md").mkdir()

    assert "Missing managed files\n  guide.md\n" in case("status").out
    assert "Edited managed files\n  .poc2prod/answers.yaml\n" in case("status").out


def test_status_needs_neither_network_nor_git_nor_a_terminal(case: Case) -> None:
    shutil.rmtree(case.root / ".git")
    offline = ["unshare", "-n"]
    if not shutil.which("unshare") or subprocess.run([*offline, "true"], check=False).returncode:
        offline = []
    files = map(str, (case.bundle.file, case.bundle.history))
    result = subprocess.run(
        [*offline, sys.executable, "-c", MAIN, *files, "status"],
        cwd=case.root,
        env={**case.environment, "PATH": "/usr/bin/nothing" if not offline else os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    assert "1.0.0" in result.stdout


def test_an_update_needs_no_temporary_folder_of_the_users(case: Case) -> None:
    case.environment["TMPDIR"] = "/nowhere"

    case.update()
