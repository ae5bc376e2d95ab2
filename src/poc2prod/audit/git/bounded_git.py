"""git on a stranger's objects: it ends, prints no more than can be held, and asks nobody."""

from __future__ import annotations

import os
import subprocess
from tempfile import TemporaryFile
from threading import Event, Timer
from typing import TYPE_CHECKING, NamedTuple

from poc2prod.audit.files.tree import UnreadableError
from poc2prod.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

SECONDS = 20.0
"""A FIFO in the place of .gitignore would keep git waiting for ever."""

LARGEST = 64 * 2**20
"""Bytes of output; a tree of trees of itself has more names than a disk could hold."""


class EndlessError(UnreadableError):
    """git did not end, or did not stop to print."""


class Done(NamedTuple):
    """What a command came to."""

    status: int
    output: bytes


def run(
    *arguments: str,
    cwd: Path,
    env: Mapping[str, str],
    stdin: bytes = b"",
    allowed: Container[int] = (0,),
) -> Done:
    """Run git, and accept its exit status if it is one of `allowed`.

    Raises:
        CommandError: git is not installed.
        EndlessError: it took too long or printed too much.
        UnreadableError: it failed.
    """
    late = Event()
    with TemporaryFile() as errors, TemporaryFile() as fed:
        fed.write(stdin)
        fed.seek(0)
        try:
            process = subprocess.Popen(
                ["git", *arguments],  # noqa: S607  # the user's own git
                cwd=cwd,
                env={**os.environ, "LC_ALL": "C", **env},
                stdin=fed,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        except FileNotFoundError as error:
            raise CommandError("git is not installed, or not on PATH: install it first") from error

        def stop() -> None:
            late.set()
            process.kill()

        timer = Timer(SECONDS, stop)
        timer.start()
        with process:
            try:
                assert process.stdout
                output = process.stdout.read(LARGEST + 1)
                if len(output) > LARGEST:
                    process.kill()
                status = process.wait()
            finally:
                timer.cancel()
        command = f"git {arguments[0]}"
        if late.is_set():
            raise EndlessError(f"the git history can't be examined: {command} did not end")
        if len(output) > LARGEST:
            raise EndlessError(f"the git history can't be examined: {command} did not stop")
        if status not in allowed:
            errors.seek(0)
            said = errors.read(2000).decode(errors="replace").strip().splitlines() or [str(status)]
            raise UnreadableError(f"the git history can't be examined: {command}: {said[-1]}")
        return Done(status, output)
