"""Every two answers together give a project whose every file is well formed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from documents import problems
from pairs import all_pairs, axes
from poc2prod.questions import load
from rendering import ROOT, render

if TYPE_CHECKING:
    from pathlib import Path

ROWS = all_pairs(axes(load(ROOT)))


def label(row: dict[str, object]) -> str:
    return " ".join("+".join(a) or "none" if isinstance(a, list) else str(a) for a in row.values())


@pytest.mark.parametrize("row", ROWS, ids=label)
def test_the_project_is_well_formed(template: Path, tmp_path: Path, row: dict[str, object]) -> None:
    root = render(template, tmp_path / "demo-model", row)

    assert list(problems(root)) == []
    for command in (("format", "--check"), ("check",)):
        ruff = [sys.executable, "-m", "ruff", *command, "--no-cache", "--quiet"]
        result = subprocess.run(ruff, cwd=root, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
