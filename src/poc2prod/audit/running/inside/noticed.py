"""Runs tests once for each of many mistakes, in forks of one process that has the libraries.

Starting pytest and importing libraries takes far longer than most tests. Nothing of the project is
imported before a fork: each imports it from its copy as the mistake has made it.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

TICK = 0.01
"""Seconds between looks at what runs."""

_ARGUMENTS = ("-q", "-x", "-p", "no:cacheprovider")
# The libraries that are plugins of pytest's are imported already, so their asserts stay plain.
_QUIET = ("-W", "ignore::pytest.PytestAssertRewriteWarning")


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Return whether the tests pass without a mistake, and with which ones they do.

    The request has the `copies` to run in, the `tests`, the `mistakes` (path, text and the
    original), and how many `seconds` all may take. Of `slow` tests the answer says how slow.
    """
    copies = [Path(copy) for copy in request["copies"]]
    names = copies[0].parent / "libraries.txt"
    tests = request["tests"]
    started = time.monotonic()
    if _wait(_forked(lambda: _tested(copies[0], tests, names)), 900):
        return {"passes": False}
    seconds = time.monotonic() - started
    _prepare(names.read_text("utf-8").split() if names.is_file() else [])
    started = time.monotonic()
    if _wait(_forked(lambda: _tested(copies[0], tests)), 30 + 10 * seconds):
        return {"passes": False}
    seconds = time.monotonic() - started
    if seconds * len(request["mistakes"]) / len(copies) > request["seconds"]:
        return {"passes": True, "slow": seconds}
    # An endless loop is noticed too.
    return {"passes": True, "noticed": _noticed(copies, tests, request["mistakes"], seconds)}


def _noticed(
    copies: list[Path], tests: list[str], mistakes: list[dict[str, str]], seconds: float
) -> list[bool]:
    """Run the tests with each mistake, as many at a time as there are copies."""
    limit = 30 + 10 * seconds * len(copies)
    free, running = list(copies), dict[int, tuple[int, Path, float]]()
    found = [False] * len(mistakes)
    waiting = list(enumerate(mistakes))
    while waiting or running:
        while waiting and free:
            number, mistake = waiting.pop(0)
            copy = free.pop()
            (copy / mistake["path"]).write_text(mistake["text"], encoding="utf-8")
            process = _forked(lambda copy=copy: _tested(copy, tests))  # type: ignore[misc]
            running[process] = number, copy, time.monotonic() + limit
        for process, (number, copy, end) in list(running.items()):
            status = _status(process, end)
            if status is None:
                continue
            found[number] = status != 0
            mistake = mistakes[number]
            (copy / mistake["path"]).write_text(mistake["original"], encoding="utf-8")
            free.append(copy)
            del running[process]
        time.sleep(TICK)
    return found


def _tested(copy: Path, tests: list[str], names: Path | None = None) -> int:
    """Run tests in a copy; write the names of the libraries that they import to a file."""
    os.chdir(copy)
    sys.path[:0] = [str(copy), str(copy / "src")]
    os.environ["PYTHONPATH"] = str(copy / "src")
    import pytest  # noqa: PLC0415

    sys.argv = ["pytest", *_ARGUMENTS, *_QUIET, *tests]
    status = int(pytest.main(sys.argv[1:]))
    if names:
        home = os.path.realpath(sys.prefix) + os.sep
        found = [
            name
            for name, module in list(sys.modules.items())
            if os.path.realpath(getattr(module, "__file__", None) or "").startswith(home)
        ]
        names.write_text("\n".join(found), encoding="utf-8")
    return status


def _prepare(names: list[str]) -> None:
    """Import libraries, but for those that start a thread: no fork would have it."""
    libraries: dict[str, list[str]] = {}
    for name in names:
        libraries.setdefault(name.partition(".")[0], []).append(name)
    for modules in libraries.values():
        if not _wait(_forked(lambda modules=modules: _imported(modules)), 60):  # type: ignore[misc]
            _imported(modules)


def _imported(names: list[str]) -> int:
    """Import modules; return 1 if there is more than one thread now, or nobody knows."""
    for name in names:
        with suppress(Exception):
            importlib.import_module(name)
    tasks = Path("/proc/self/task")
    return int(not tasks.is_dir() or len(list(tasks.iterdir())) > 1)


def _forked(run: Callable[[], int]) -> int:
    """Run a function in a process of its own, which ends with what it returns; return its id."""
    sys.stdout.flush()
    process = os.fork()
    if process:
        return process
    status = 3
    try:
        status = run()
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else 1
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _wait(process: int, seconds: float) -> int:
    """Return a process's exit status, whatever but 0 if it did not end in time."""
    end = time.monotonic() + seconds
    while (status := _status(process, end)) is None:
        time.sleep(TICK)
    return status


def _status(process: int, end: float) -> int | None:
    """Return a process's exit status; None while it runs. At `end` it is killed."""
    late = time.monotonic() > end
    if late:
        os.kill(process, 9)
    done, status = os.waitpid(process, 0 if late else os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if done else None
