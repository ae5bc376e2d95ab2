"""What each command imports: start-up is most of what the short ones take."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from rendering import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """\
import sys
from poc2prod.__main__ import run
run(sys.argv[1:])
print("\\nimported", *sys.modules)
"""
HEAVY = {"copier", "jinja2", "pydantic", "pathspec"}
"""Libraries that neither --help nor status needs."""


def imported(*arguments: str) -> set[str]:
    """Return the modules that a command has imported when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stdout.rpartition("\nimported ")[2].split())


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that says which release it is at, with a contract to judge."""
    folder = tmp_path_factory.mktemp("project")
    answers = "_commit: v0.0.0\n_src_path: poc2prod\nproject_name: Demo\nlatency: interactive\n"
    for path, text in {
        ".poc2prod/answers.yaml": answers,
        "monitoring/rules.yaml": "groups: []",
    }.items():
        (folder / path).parent.mkdir()
        (folder / path).write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "tests/whole_contract.yaml", folder / "kpi-contract.yaml")
    return folder


def test_help_imports_no_audit_and_nothing_heavy() -> None:
    found = imported("--help")
    assert "poc2prod.cli" in found
    assert not [name for name in found if name.startswith("poc2prod.audit")]
    assert not found & HEAVY


def test_status_imports_no_audit_no_typer_and_nothing_heavy(project: Path) -> None:
    found = imported("status", str(project))
    assert "poc2prod.status" in found
    assert not [name for name in found if name.startswith("poc2prod.audit")]
    assert not found & {*HEAVY, "typer"}


@pytest.mark.parametrize("options", [[], ["--level", "L0"], ["--profile", "fast"]])
def test_a_plain_audit_imports_no_typer_and_no_templates(project: Path, options: list[str]) -> None:
    found = imported("audit", str(project), *options)
    assert {"poc2prod.audit.probes.success.contract", "poc2prod.ops.monitoring.compiled"} <= found
    assert not found & {*HEAVY, "dataclasses", "importlib.metadata", "typer", "numpy"}
    assert "poc2prod.cli" not in found


@pytest.mark.parametrize("options", [["--list"], ["--level"], ["a", "b"], ["diff", "a"]])
def test_what_is_no_plain_audit_is_left_to_typer(options: list[str]) -> None:
    assert "poc2prod.cli" in imported("audit", *options)
