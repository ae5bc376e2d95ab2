"""Render the working tree's template, fast."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import copier
from jinja2 import Environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType

ROOT = Path(__file__).parents[1]


def compile_once() -> None:
    """Compile each template once in this process, which is most of what rendering takes.

    Copier does it anew for every part of every path, and for every project.
    """
    compiled: dict[tuple[object, ...], CodeType] = {}
    compile_anew = Environment.compile

    def compile_known(self: Environment, source: Any, *more: Any, **named: Any) -> Any:
        key = (type(self), self.lexer, source, *more, *sorted(named.items()))
        if key not in compiled:
            compiled[key] = compile_anew(self, source, *more, **named)
        return compiled[key]

    Environment.compile = compile_known  # type: ignore[method-assign]


def snapshot(into: Path) -> Path:
    """Copy copier.yml and template/ into the folder `into` and return it."""
    shutil.copy(ROOT / "copier.yml", into)
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache")
    shutil.copytree(ROOT / "template", into / "template", ignore=ignored)
    return into


def render(template: Path, into: Path, answers: Mapping[str, object] | None = None) -> Path:
    """Render the snapshot `template` into `into` with its defaults and `answers`; return `into`."""
    # Copier starts a git process for every file, which is a quarter of the time.
    with patch("copier._main.is_git_available", return_value=False):
        copier.run_copy(str(template), into, data=dict(answers or {}), defaults=True, quiet=True)
    return into


def tree(root: Path) -> dict[str, bytes]:
    """Return path → contents of all files under `root`, except git's."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }
