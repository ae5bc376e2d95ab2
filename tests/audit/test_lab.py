"""A lab's copies may be broken; the repository may not be reached."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest

from poc2prod.audit.running import copying
from poc2prod.audit.running.lab import SAID, Lab, UnrunnableError
from toys import interpreter, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    write(folder, {"src/pack/__init__.py": "WHO = 'original'\n", "data/rows.csv": "1\n"})
    interpreter(folder)
    return folder


@pytest.fixture
def lab(root: Path) -> Iterator[Lab]:
    with Lab(root) as opened:
        yield opened


def test_the_code_of_the_copy_runs_and_the_original_stays(lab: Lab, root: Path) -> None:
    copy = lab.copy()
    (copy / "src/pack/__init__.py").write_text("WHO = 'copy'\n")
    done = lab.run(copy, "-c", "import pack; print(pack.WHO); open('data/rows.csv', 'w')")
    assert (done.status, done.output) == (0, "copy\n")
    assert (root / "data/rows.csv").read_text() == "1\n"
    assert (lab.copy() / "src/pack/__init__.py").read_text() == "WHO = 'original'\n"


def test_a_copy_has_what_git_ignores_and_no_git_environment_or_cache(lab: Lab, root: Path) -> None:
    left_out = (".git/config", "src/pack/__pycache__/x.pyc", "build/x", ".pytest_cache/x")
    write(root, {".gitignore": "/data/\n", **dict.fromkeys(left_out, "")})
    copy = lab.copy()
    assert sorted(str(f.relative_to(copy)) for f in copy.rglob("*") if f.is_file()) == [
        ".gitignore",
        "data/rows.csv",
        "src/pack/__init__.py",
    ]


def test_a_link_out_is_not_copied_and_one_within_leads_into_the_copy(
    lab: Lab, root: Path, tmp_path: Path
) -> None:
    write(tmp_path, {"secret": "s"})
    (root / "out").symlink_to("../secret")
    (root / "absolute").symlink_to(root / "data/rows.csv")
    (root / "up").symlink_to("..")
    (root / "data/latest.csv").symlink_to("rows.csv")
    os.mkfifo(root / "pipe")
    copy = lab.copy()
    assert not {"out", "absolute", "up", "pipe"} & {path.name for path in copy.iterdir()}
    (copy / "data/latest.csv").write_text("2\n")
    assert (root / "data/rows.csv").read_text() == "1\n"


def test_a_command_sees_none_of_the_users_variables(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_TOKEN", "secret")
    done = lab.run(lab.copy(), "-c", "import os; print(dict(os.environ))")
    assert "secret" not in done.output
    assert os.environ["HOME"] not in done.output.replace(str(lab.home), "").replace(
        os.environ["PATH"], ""
    )


def test_a_command_that_takes_too_long_is_killed_with_all_it_started(lab: Lab) -> None:
    started = time.monotonic()
    child = (
        "import subprocess; p = subprocess.Popen(['sleep', '600']);"
        " print(p.pid, flush=True); p.wait()"
    )
    done = lab.run(lab.copy(), "-c", child, seconds=2)
    assert done.status is None
    assert time.monotonic() - started < 60
    assert_ended(int(done.output))


def test_what_a_command_leaves_behind_ends_with_it(lab: Lab) -> None:
    child = "import subprocess; print(subprocess.Popen(['sleep', '600']).pid)"
    assert_ended(int(lab.run(lab.copy(), "-c", child).output))


def test_ctrl_c_ends_a_command_and_removes_its_copy(root: Path, tmp_path: Path) -> None:
    """Ctrl-C reaches the audit alone: what it runs is in a group of its own."""
    pid = tmp_path / "pid"
    code = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(600)"

    def interrupt() -> None:
        while not (pid.exists() and pid.read_text()):
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    lab = Lab(root)
    home, copy = lab.home, lab.copy()
    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt), lab:
        lab.run(copy, "-c", code)
    assert_ended(int(pid.read_text()))
    assert not home.exists()


def assert_ended(pid: int) -> None:
    for _ in range(100):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as stat:  # noqa: PTH123
                if stat.read().split()[2] == "Z":
                    return
        except FileNotFoundError:
            return
        time.sleep(0.05)
    pytest.fail(f"{pid} still runs")


def test_only_the_end_of_a_long_output_is_kept(lab: Lab) -> None:
    done = lab.run(lab.copy(), "-c", "print('x' * 10**6); print('the end')")
    assert len(done.output) <= SAID
    assert done.reason == "the end"


@pytest.mark.parametrize("ends", [None, KeyboardInterrupt, RuntimeError])
def test_nothing_is_left_of_a_lab(root: Path, ends: type[BaseException] | None) -> None:
    with Lab(root) as lab:
        home = lab.home
        lab.copy()
        if ends:
            with pytest.raises(ends), lab:
                raise ends
    assert not home.exists()


def test_a_tree_that_is_too_large_is_not_copied(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "LARGEST", 10)
    with pytest.raises(UnrunnableError, match="too much to copy"):
        lab.copy()


@pytest.mark.parametrize("script", ["#!/bin/sh\nexit 0\n", "#!/bin/sh\necho 1\n", "\0"])
def test_an_interpreter_that_is_none_runs_nothing(tmp_path: Path, script: str) -> None:
    interpreter(tmp_path, script)
    with Lab(tmp_path) as lab, pytest.raises(UnrunnableError, match="is no Python that works"):
        lab.run(lab.copy(), "-c", "")


def test_without_an_environment_the_user_is_told_how_to_make_one(tmp_path: Path) -> None:
    with Lab(tmp_path) as lab, pytest.raises(UnrunnableError, match="make demo"):
        lab.run(lab.copy(), "-c", "")


def test_what_failed_once_is_not_tried_again(lab: Lab) -> None:
    tried = []

    def fail() -> None:
        tried.append(1)
        raise UnrunnableError("no")

    for _ in range(2):
        with pytest.raises(UnrunnableError, match="no"):
            lab.once("x", fail)
    assert tried == [1]
