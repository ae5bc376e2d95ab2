"""What people do to a good project's model and its evaluation, and what MDL-02 says of each."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from poc2prod.audit.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from projects import Project

RUN = "models/v1/evaluation"


def seal(folder: Path) -> None:
    files = sorted(f for f in folder.iterdir() if f.is_file() and f.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}\n" for f in files]
    (folder / "SHA256SUMS").write_text("".join(lines))


def edit(change: Callable[[dict[str, Any]], object], *, sealed: bool = True) -> Any:
    def apply(project: Project) -> None:
        file = project.root / RUN / "evaluation.json"
        document = json.loads(file.read_text("utf-8"))
        change(document)
        file.write_text(json.dumps(document), encoding="utf-8")
        if sealed:
            seal(file.parent)

    return apply


def contract(old: str, new: str) -> Any:
    def apply(project: Project) -> None:
        file = project.root / "kpi-contract.yaml"
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    return apply


def other_labels(project: Project) -> None:
    """Write that what the model said is what happened, and make everything else agree."""
    code = (
        "import sys; sys.path[:0] = ['tests', 'tests/ops']\n"
        "import pathlib, polars as pl, tampering\n"
        "tampering.edit_predictions(pathlib.Path('models/v1'),"
        " lambda f: f.with_columns(pl.col('model/alarm').alias('label')))"
    )
    done = project(str(project.root / ".venv/bin/python"), "-c", code)
    assert done.returncode == 0, done.stdout


def other_alarms(project: Project) -> None:
    """Write that the model warned of what happened, and make everything else agree."""
    code = (
        "import sys; sys.path[:0] = ['tests', 'tests/ops']\n"
        "import pathlib, tampering\n"
        "tampering.edit_predictions(pathlib.Path('models/v1'), tampering.as_happened)"
    )
    done = project(str(project.root / ".venv/bin/python"), "-c", code)
    assert done.returncode == 0, done.stdout


def no_model(project: Project) -> None:
    shutil.rmtree(project.root / "models")
    shutil.rmtree(project.root / "runs")


def other_data(project: Project) -> None:
    for manifest in (project.root / "data/snapshots/manifests").iterdir():
        manifest.write_bytes(manifest.read_bytes() + b" ")


def other_rows(project: Project) -> None:
    for part in (project.root / "data/snapshots/parts").iterdir():
        part.write_bytes(part.read_bytes() + b" ")


def other_sums(project: Project) -> None:
    (project.root / "models/v1/golden.json").write_text("{}")


def other_champion(project: Project) -> None:
    (project.root / "models/champion").write_text("../runs\n")


def aged(days: int) -> Any:
    when = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
    return edit(lambda d: d.update(evaluated=when))


BREAKS: dict[str, tuple[Any, Status, str]] = {
    "an edit": (
        edit(lambda d: d.update(rows=1), sealed=False),
        Status.FAIL,
        "evaluation.json is not what",
    ),
    "a figure": (
        edit(lambda d: d["metrics"]["model"].update(recall=0.99)),
        Status.FAIL,
        "metrics.model.recall says 0.99",
    ),
    "an interval": (
        edit(lambda d: d["intervals"]["model"].update(recall=[0.9, 0.99])),
        Status.FAIL,
        "intervals.model.recall[0] says 0.9",
    ),
    "rows": (edit(lambda d: d.update(rows=10**6)), Status.FAIL, "rows says 1000000"),
    "another model": (
        edit(lambda d: d.update(model_sha256="0" * 64)),
        Status.FAIL,
        "is of another model",
    ),
    "no metrics": (edit(lambda d: d.update(metrics=[])), Status.FAIL, "metrics"),
    "labels": (other_labels, Status.FAIL, "are not those of data/snapshots/manifests/"),
    "alarms": (other_alarms, Status.FAIL, "model/alarm is not what the threshold makes"),
    "sums": (other_sums, Status.FAIL, "models/v1/golden.json is not what"),
    "alias": (other_champion, Status.FAIL, "names no model"),
    "a missed gate": (contract("value: 0.6,", "value: 0.99,"), Status.FAIL, "misses MQ-1"),
    "a missed bound": (contract("value: 0.55,", "value: 0.7,"), Status.FAIL, "recall, lower end"),
    "a missed lead": (
        contract("vs_baseline: 0.02", "vs_baseline: 0.2"),
        Status.FAIL,
        "the lead of",
    ),
    "few rows": (contract("min_rows: 1000", "min_rows: 10000"), Status.FAIL, "held-out rows"),
    "other gates": (contract("value: 0.6,", "value: 0.59,"), Status.STALE, "by other gates"),
    "other data": (other_data, Status.STALE, "is not what models/v1 was evaluated on"),
    "other rows": (other_rows, Status.FAIL, "is not what its name says"),
    "old": (aged(181), Status.STALE, "181 days ago"),
    "of tomorrow": (aged(-1), Status.FAIL, "in the future"),
    "no model": (no_model, Status.MISSING, "no model is registered"),
}
