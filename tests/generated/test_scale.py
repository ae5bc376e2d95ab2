"""Scoring in parts on a Dask and on a Ray cluster of this machine, one worker killed meanwhile."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from projects import clean_environment, generate

if TYPE_CHECKING:
    from projects import Project

MEASURED = """\
import resource, runpy, sys
try: runpy.run_module(sys.argv.pop(1), run_name="__main__")
finally: print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("dask", "ray")],
)
def scaled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A batch job with the engine, its environment set up."""
    directory = tmp_path_factory.mktemp(request.param)
    answers = {"latency": "batch", "scale": request.param, "deployment": "[]", "ci": "none"}
    root = directory / f"{request.param}-model"
    project = generate(root, clean_environment(directory), answers)
    project.make(".venv/.installed")
    return project


def test_a_cluster_loses_no_row_when_a_worker_is_killed(scaled: Project) -> None:
    engine = scaled.root.name.removesuffix("-model")
    tests = "tests/ops/test_partitions.py"

    shown = scaled(".venv/bin/pytest", "-q", tests, "-k", f"killed_loses_nothing and {engine}")

    assert re.search(r"^1 passed, \d+ deselected", shown.stdout, re.MULTILINE), shown.stdout


def test_the_engine_is_typed(scaled: Project) -> None:
    shown = scaled(".venv/bin/mypy", f"src/{scaled.package}/ops/data/engines")

    assert shown.stdout.startswith("Success"), shown.stdout
