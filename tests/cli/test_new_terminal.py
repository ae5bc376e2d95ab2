"""`poc2prod new` with somebody at the terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Terminal:
    """A process and the other end of its terminal."""

    def __init__(self, process: subprocess.Popen[bytes], end: int) -> None:
        self.process = process
        self.end = end
        self.shown = b""

    def read(self, until: bytes) -> None:
        """Read until `until` has been shown, or to the end of the output."""
        while until not in self.shown:
            ready, _, _ = select.select([self.end], [], [], 30)
            assert ready, self.shown
            try:
                chunk = os.read(self.end, 4096)
            except OSError:  # how Linux says that the process closed its end
                chunk = b""
            if not chunk:
                break
            self.shown += chunk
        assert until in self.shown, self.shown
        self.shown = self.shown.partition(until)[2]

    def type(self, keys: bytes) -> None:
        os.write(self.end, keys)


@contextmanager
def terminal(environment: dict[str, str], cwd: Path, *arguments: str | Path) -> Iterator[Terminal]:
    end, other = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "poc2prod", *map(str, arguments)],
        cwd=cwd,
        env={**environment, "TERM": "dumb", "PROMPT_TOOLKIT_NO_CPR": "1"},
        stdin=other,
        stdout=other,
        stderr=other,
        start_new_session=True,
    )
    os.close(other)
    try:
        yield Terminal(process, end)
    finally:
        process.kill()
        process.wait()
        os.close(end)


def test_open_questions_are_asked_but_for_those_with_a_fixed_default_and_can_be_corrected(
    environment: dict[str, str], template: Path, tmp_path: Path
) -> None:
    record = tmp_path / "answers.yaml"
    open_ = ("team", "license", "python_version")
    with terminal(environment, tmp_path, "new", "full", "--defaults", "--template", template) as t:
        t.read(b"make test")
        assert t.process.wait(20) == 0
    answers = yaml.safe_load((tmp_path / "full/.poc2prod/answers.yaml").read_text("utf-8"))
    record.write_text(yaml.safe_dump({k: v for k, v in answers.items() if k not in open_}), "utf-8")

    arguments = ("--template", template, "--answers", record)
    with terminal(environment, tmp_path, "new", "demo", *arguments) as t:
        t.read(b"Which team owns it?")
        t.type(b"\x15 \r")  # a blank instead of the default
        t.read(b"Write one line of 1 to 60")
        t.type(b"\x15Pumps\r")
        t.read(b"make test")
        assert t.process.wait(20) == 0

    answers = yaml.safe_load((tmp_path / "demo/.poc2prod/answers.yaml").read_text("utf-8"))
    assert [answers[name] for name in open_] == ["Pumps", "Proprietary", "3.13"]


def test_leaving_a_question_leaves_nothing(
    environment: dict[str, str], template: Path, tmp_path: Path
) -> None:
    with terminal(environment, tmp_path, "new", "out/demo", "--template", template) as t:
        t.read(b"Project name?")
        t.type(b"\x03")
        t.read(b"Interrupted.")
        assert t.process.wait(20) == 130

    assert list(tmp_path.iterdir()) == []
