"""What plants send in other units and by instruments that are off is corrected by the contract."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from projects import Project

SCRIPT = Path(__file__).with_name("calibrated.py")


@pytest.mark.xdist_group("default")
def test_what_plants_send_is_what_right_instruments_show(
    generated: Callable[[str], Project], copy_of: Callable[[Project], Project]
) -> None:
    original = generated("default")
    original.make(".venv/.installed")
    project = copy_of(original)
    shutil.rmtree(project.root / "data", ignore_errors=True)  # what other tests ingested

    def run(*arguments: str) -> str:
        return project(str(project.root / ".venv/bin/python"), *arguments).stdout

    run(str(SCRIPT), project.package, "simulate")
    run(str(SCRIPT), project.package, "calibrate")
    shown = project.command("ingest").stdout
    measured = json.loads(run(str(SCRIPT), project.package, "compare"))

    assert "bearing_temperature_c: converted from degF and calibrated for B" in shown
    assert "bearing_temperature_c: calibrated for C" in shown
    assert measured["rows"][0] == measured["rows"][1] == 2_160
    assert len(measured["away"]) > 5
    assert max(measured["away"].values()) <= 1, measured
