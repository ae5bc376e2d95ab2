"""The project whose people did their part is one, by the project's own rules."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from audit.filled import ADA, ANSWERS, BOB, finish, git
from poc2prod.audit.context import SENTINEL
from poc2prod.ops.kpi import load
from poc2prod.ops.kpi.loading import check
from rendering import render

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2027, 3, 31)


@pytest.mark.parametrize("problem", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("latency", ["interactive", "batch"])
def test_nothing_is_left_for_people(
    template: Path, tmp_path: Path, problem: str, latency: str
) -> None:
    root = render(template, tmp_path / "pumps", {**ANSWERS, "problem": problem, "latency": latency})
    finish(root, TODAY)

    file = root / "kpi-contract.yaml"
    assert [finding.kind for finding in check(file, TODAY) if finding.kind != "warning"] == []
    assert load(file).metadata.status == "approved"
    people = {approval.email for approval in load(file).approvals}
    assert people.isdisjoint({ADA, BOB})
    for path in ("README.md", ".github/CODEOWNERS", "data-contract.yaml", "pyproject.toml"):
        text = (root / path).read_text(encoding="utf-8")
        assert "@example.com" not in text, path
        assert not SENTINEL.search(text), path


def test_two_maintain_it(template: Path, tmp_path: Path) -> None:
    root = render(template, tmp_path / "pumps", ANSWERS)
    finish(root, TODAY)

    assert git(root, "status", "--porcelain") == ""
    files = {
        author: len(set(git(root, "log", "--format=", "--name-only", f"--author={author}").split()))
        for author in (ADA, BOB)
    }
    assert max(files.values()) < 0.6 * sum(files.values())
    assert git(root, "log", "-1", "--format=%as") == "2027-03-30\n"
