"""Scoring in parts on a Dask and on a Ray cluster of this machine, one worker killed meanwhile."""

from __future__ import annotations

import re
import shutil

import pytest

from projects import Project, clean_environment, generate
from rendering import ROOT

DASK = (
    ROOT / "template/project/src/{{ package_name }}/ops/data/engines"
    "/{% if use_dask %}dask.py{% endif %}"
)
TILE = """\
import polars, sys
rows = polars.scan_parquet("data/readings.parquet").head(50_000)
for times in (1, 100):
    polars.concat([rows] * times).sink_parquet(f"data/{times}.parquet")
"""
MEASURE = """\
import resource, runpy, sys
try: runpy.run_module(sys.argv.pop(1), run_name="__main__")
finally: print("peak:", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
ENGINES = {
    name: pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("dask", "ray")
}


@pytest.fixture(scope="module", params=ENGINES.values())
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


@pytest.mark.parametrize("scaled", [ENGINES["ray"]], indirect=True)
def test_the_engines_are_typed(scaled: Project) -> None:
    # Dask ships no types, so its engine is checked as well where Dask is not there.
    folder = f"src/{scaled.package}/ops/data/engines"
    shutil.copy(DASK, scaled.root / folder / "dask.py")

    shown = scaled(".venv/bin/mypy", folder)

    assert shown.stdout.startswith("Success"), shown.stdout


@pytest.mark.parametrize("scaled", [ENGINES["dask"]], indirect=True)
def test_memory_is_bounded_while_rows_grow_a_hundredfold(scaled: Project) -> None:
    scaled.make("data")
    python = ".venv/bin/python"
    assert scaled(python, "-c", TILE).returncode == 0
    alone = {
        "POLARS_MAX_THREADS": "2",
        "OPS_ENGINE": "single",
        "OPS_WORKERS": "1",
        "OPS_PARTITION_ROWS": "1000000000",
    }
    worker = Project(scaled.root, {**scaled.environment, **alone})
    peaks = []
    for times in (1, 100):
        command = ["data", "validate", f"data/{times}.parquet", f"build/{times}"]

        shown = worker(python, "-c", MEASURE, scaled.package, *command).stdout

        assert f"{times * 50_000:,} rows, 0 rejected" in shown
        peaks.append(int(shown.split("peak:")[1]))
    assert peaks[1] < 3.5 * peaks[0], peaks  # all rows at once: six times
