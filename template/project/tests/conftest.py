# Managed by poc2prod; extend in conftest.py in the project's root.
"""What all tests share: a table that keeps to the data contract, and a project that learned it."""

import contextlib
import io
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest
import yaml
from drawing import draw
from package import NAME, ROOT, load

os.environ["OMP_NUM_THREADS"] = "1"  # two busy neighbours make a fit twenty times as slow
os.environ["OPS_PSEUDONYM_KEY"] = "5e" * 32  # no test needs the real one
CONTRACT = """\
apiVersion: poc2prod/kpi-contract/v1
kind: KpiContract
metadata: {name: test, version: 0.1.0, status: draft}
ownership: {accountable: {email: owner@example.com}}
business_kpis:
  - {id: BK-1, name: N, unit: hour, direction: decrease, baseline: {value: 2}, target: {value: 1}}
nonfunctional: {slos: [{id: NF-1, kind: latency, limit_ms: 1000}]}
"""
PERSONAL = """\
privacy:
  classification: special_category
  personal_data: true
  purposes: [a test]
  lawful_basis: consent
  dpia: none
"""


@pytest.fixture(scope="session")
def contract(tmp_path_factory):
    """The project's data contract, as `copy_contract` writes it."""
    return load("ops.contract").load(copy_contract(tmp_path_factory.mktemp("contract")))


@pytest.fixture(scope="session")
def table(contract):
    """3,000 rows drawn from the data contract, with a target that can be learned."""
    return draw(contract, rows=3_000, seed=1)


@pytest.fixture(scope="session")
def learned(table, tmp_path_factory):
    """A copy of this project in which a model is trained, evaluated and registered."""
    directory = tmp_path_factory.mktemp("learned")
    table.write_parquet(directory / "table.parquet")
    copy_contract(directory)
    (directory / "settings.toml").write_text('data = "table.parquet"\n', encoding="utf-8")
    write_gates(directory, f"[{any_gate()}]")
    for command in ("train", "evaluate", "register"):
        result = run(directory, command)
        assert result.returncode == 0, result.stderr
    return directory


@pytest.fixture
def project(learned, tmp_path, monkeypatch):
    """A copy of `learned` to change, as the working directory."""
    directory = tmp_path / "project"
    shutil.copytree(learned, directory)
    monkeypatch.chdir(directory)
    load("ops.settings").settings.cache_clear()
    return directory


def copy_contract(directory):
    """Copy the data contract without what a few drawn rows need not keep.

    These are rules for whole tables, freshness, and calibrations of what a source sends.
    """
    document = load("ops.contract").read_yaml(ROOT / "data-contract.yaml")
    table = document["schema"][0]
    for item in (table, *table["properties"]):
        item["quality"] = [rule for rule in item.get("quality") or () if _of_each_row(rule)]
        own = item.get("customProperties") or ()
        item["customProperties"] = [one for one in own if one["property"] != "calibration"]
    promises = document.get("slaProperties") or ()
    document["slaProperties"] = [one for one in promises if one["property"] != "freshness"]
    path = directory / "data-contract.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return path


def _of_each_row(rule):
    limits = {word: limit for word, limit in rule.items() if word.startswith("must")}
    return rule.get("metric") != "rowCount" and limits in ({}, {"mustBe": 0})


def as_they_are(contract):
    """The names of the columns that ingestion and scoring leave as they are."""
    return [column.name for column in contract.columns if not column.is_personal]


def any_metric():
    problem = load("ops.contract").load(ROOT / "data-contract.yaml").problem
    return {"binary": "recall", "multiclass": "macro_f1", "regression": "r2"}[problem]


def any_gate(gate="MQ-1", value="-1.0e+9", vs_baseline="-1.0e+9", **more):
    """A gate that everything passes, unless one asks for more."""
    keys = {"id": gate, "metric": any_metric(), "op": "gte", "value": value}
    keys.update(vs_baseline=vs_baseline, **more)
    return "{" + ", ".join(f"{k}: {v}" for k, v in keys.items() if v is not None) + "}"


def write_gates(directory, gates, **more):
    """Write a KPI contract that has little more than model_quality, and a latency limit."""
    text = (ROOT / "data-contract.yaml").read_text(encoding="utf-8")
    (directory / "kpi-contract.yaml").write_text(
        CONTRACT
        + (PERSONAL if "property: personal" in text else "")
        + f"model_quality:\n  gates: {gates}\n"
        + "".join(f"  {key}: {value}\n" for key, value in more.items()),
        encoding="utf-8",
    )


@dataclass
class Result:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def run(directory, *arguments):
    """Run a command of the project in a directory, as a person would, but in this process."""
    load("ops.settings").settings.cache_clear()
    stdout, stderr = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(directory),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
    ):
        try:
            load("ops.cli").main([str(argument) for argument in arguments])
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
    return Result(code, stdout.getvalue(), stderr.getvalue())


def start(directory, *arguments, log=subprocess.DEVNULL):
    """Start a command in a process of its own."""
    command = [sys.executable, "-m", NAME.replace("-", "_"), *arguments]
    return subprocess.Popen(command, cwd=directory, stderr=log)


def kill_when(process, condition):
    """Kill a process as soon as a condition holds, and require that it was still running."""
    while process.poll() is None and not condition():
        time.sleep(0.002)
    process.kill()
    process.wait()
    assert process.returncode == -signal.SIGKILL, "it ended before it could be killed"
