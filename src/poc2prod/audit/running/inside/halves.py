"""Runs one half of a project's test files in each of two copies, at the same time.

python halves.py COPY REPORT COPY REPORT ARGUMENT...
"""

from __future__ import annotations

import os
import sys
from typing import Any

NOTHING = 5
"""pytest's exit status if there are no tests, as in the second half of one file."""


class Half:
    """Leaves out every other file, in the order of their names, whatever order tests run in."""

    def __init__(self, number: int) -> None:
        self._number = number

    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> None:
        """Keep the tests of this half."""
        files = sorted({str(item.path) for item in items})
        left = set(files[1 - self._number :: 2])
        config.hook.pytest_deselected(items=[item for item in items if str(item.path) in left])
        items[:] = [item for item in items if str(item.path) not in left]


def main(places: list[str], arguments: list[str]) -> int:
    """Return the status of the worse half."""
    ours = {sys.path[0], os.environ["PYTHONPATH"]}
    rest = [path for path in sys.path if path not in ours]
    running = []
    for number in (0, 1):
        copy, report = places[2 * number :][:2]
        process = os.fork()
        if not process:
            os.chdir(copy)
            os.environ["PYTHONPATH"] = f"{copy}/src"
            sys.path[:] = [copy, f"{copy}/src", *rest]
            sys.argv = ["pytest", *arguments, f"--junitxml={report}"]
            import pytest  # noqa: PLC0415

            sys.exit(pytest.main(sys.argv[1:], plugins=[Half(number)]))
        running.append(process)
    statuses = [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in running]
    tested = [status for status in statuses if status != NOTHING]
    return next(filter(None, tested), 0) if tested else NOTHING


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:5], sys.argv[5:]))
