"""A clean project to spoil, and a folder beside it that is not for the audit to read."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from hostile import NAMES, SECRET
from poc2prod.audit.probes.mlops import alert_tests
from poc2prod.ops.kpi import load
from poc2prod.ops.monitoring.compiled import write as compiled
from small import write
from small_audits import CONTRACT, WHOLE, answered, committed, contracted, edited

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _unbroken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let promtool test the alerts once, not a hundred times broken, which takes half a minute."""
    monkeypatch.setattr(alert_tests, "judged", lambda _suite, _promtool: [])


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which each name that the audit reads is there."""
    root = tmp_path_factory.mktemp("clean") / "project"
    contracted(root)
    edited(root / CONTRACT, "handover: 2026-01-31", "handover: 2099-01-31")
    answered(root, project_name="pump-failure", latency="interactive", ci="github")
    compiled(load(WHOLE), root, "pump_failure")
    there = {name: "{}\n" for name in NAMES if not (root / name).exists() and name[:5] != ".git/"}
    write(root, {**there, ".github/CODEOWNERS": "* ada@plant.eu bob@plant.eu\n"})
    committed(root, "ada@plant.eu", "2026-11-01")
    committed(root, "bob@plant.eu", "2026-11-02")
    return root


@pytest.fixture
def project(clean: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may spoil."""
    return shutil.copytree(clean, tmp_path / "project", symlinks=True)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A folder beside the project, whose files and history are not for the audit to read."""
    root = tmp_path / "beside"
    write(root, dict.fromkeys((*NAMES, "plain"), f"{SECRET}: '{SECRET}'\n"))
    shutil.rmtree(root / ".git")
    committed(root, f"{SECRET}@plant.eu", "2026-11-20")
    return root
