"""Scoring in parts on a Dask and a Ray cluster of this machine, whose processes get killed."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import charts
from projects import Project, clean_environment, generate
from rendering import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
    answers = {
        "latency": "batch",
        "scale": request.param,
        "deployment": "[kubernetes]",
        "ci": "none",
    }
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
    copy = scaled.root / folder / "dask.py"
    shutil.copy(DASK, copy)

    shown = scaled(".venv/bin/mypy", folder)

    copy.unlink()

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


VALIDATE = ("data", "validate", "data/readings.parquet")


def test_the_pods_of_the_chart_share_the_work_whichever_dies(
    scaled: Project, tmp_path: Path
) -> None:
    scaled.make("data")
    parts = Project(scaled.root, {**scaled.environment, "OPS_PARTITION_ROWS": "20000"})
    alone = Project(parts.root, {**parts.environment, "OPS_ENGINE": "single"})
    shown = alone.command(*VALIDATE, "build/alone").stdout
    assert "103,680 rows" in shown, shown

    script = first_script(scaled.root)
    done = scaled.root / "build/valid"
    with ExitStack() as running:
        running.enter_context(pod(parts, script, 1, tmp_path))
        with pod(parts, script, 0, tmp_path) as killed:
            until(lambda: any(done.glob("records/*.json")) or killed.poll() is not None, tmp_path)
            assert killed.poll() is None, logs(tmp_path)
        first = running.enter_context(pod(parts, script, 0, tmp_path))
        until(lambda: first.poll() is not None, tmp_path)
        assert first.returncode == 0, logs(tmp_path)
    manifests = [scaled.root / "build" / name / "manifest.json" for name in ("alone", "valid")]
    assert json.loads(manifests[0].read_text()) == json.loads(manifests[1].read_text())


def first_script(root: Path) -> str:
    """What every pod of the scoring runs, with a port of its own here."""
    (job,) = charts.of(charts.template(root), "CronJob", f"{root.name}-scoring")
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return re.sub("8786|6379", str(free.getsockname()[1]), container["command"][2])


@contextmanager
def pod(
    project: Project, script: str, index: int, place: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run what a pod does; at the end kill all that it started, as the end of a container does."""
    mark = f"/tmp/{index}-{time.monotonic_ns()}"  # a socket in it may not have a long path
    more = {"JOB_COMPLETION_INDEX": str(index), "FIRST": "127.0.0.1", "RAY_TMPDIR": mark}
    path = {"PATH": f"{project.root}/.venv/bin:{project.environment['PATH']}"}
    with (place / f"{index}.log").open("ab") as log:
        process = subprocess.Popen(
            ["sh", "-c", script, project.root.name, *VALIDATE, "build/valid"],
            cwd=project.root,
            env={**project.environment, **more, **path},
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        for environment in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark.encode() in environment.read_bytes():
                    os.kill(int(environment.parent.name), signal.SIGKILL)
            except OSError:  # it has ended, or is somebody else's
                continue
        process.wait()
        shutil.rmtree(mark, ignore_errors=True)


def until(condition: Callable[[], bool], place: Path) -> None:
    deadline = time.monotonic() + 240
    while not condition():
        assert time.monotonic() < deadline, logs(place)
        time.sleep(0.05)


def logs(place: Path) -> str:
    return "".join(path.read_text()[-4000:] for path in sorted(place.glob("*.log")))
