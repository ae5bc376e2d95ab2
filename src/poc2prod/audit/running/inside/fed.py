"""Runs one of a project's commands between two files: fed.py IN OUT PACKAGE COMMAND."""

from __future__ import annotations

import runpy
import sys

if __name__ == "__main__":
    given, printed, *sys.argv = sys.argv[1:]
    with open(given, encoding="utf-8") as sys.stdin, open(printed, "w", encoding="utf-8") as out:  # noqa: PTH123
        sys.stdout = out
        runpy.run_module(sys.argv[0], run_name="__main__")
