"""A project in little: it has the commands and files of a generated one, and learns in no time."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from poc2prod.audit.catalogue import load
from poc2prod.audit.context import Context
from poc2prod.audit.engine import _run
from poc2prod.audit.files.tree import Tree

if TYPE_CHECKING:
    from pathlib import Path

    from poc2prod.audit.outcome import Outcome
    from poc2prod.audit.running.lab import Lab

CONTRACT = """\
apiVersion: poc2prod/kpi-contract/v1
kind: KpiContract
metadata: {name: toy, version: 0.1.0, status: draft}
ownership: {accountable: {email: owner@example.com}}
business_kpis:
  - {id: BK-1, name: N, unit: hour, direction: decrease, baseline: {value: 2}, target: {value: 1}}
model_quality:
  gates: [{id: MQ-1, metric: recall, op: gte, value: 0.9}]
"""

COMMANDS = '''\
"""Learns that y is x, where that is so."""

import hashlib
import json
import shutil
import sys
from pathlib import Path

RUN, MODELS = Path("runs/1"), Path("models")
EVALUATION = RUN / "evaluation/evaluation.json"


def rows():
    return [line.split(",") for line in Path("data.csv").read_text().splitlines()[1:]]


def recall():
    return sum(x == y for x, y in rows()) / len(rows())


def seal(folder):
    sums = [
        f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}"
        for f in sorted(folder.iterdir())
        if f.is_file() and f.name != "SHA256SUMS"
    ]
    (folder / "SHA256SUMS").write_text("\\n".join(sums) + "\\n")


def train():
    RUN.mkdir(parents=True)
    (RUN / "model.onnx").write_text(str(recall()))
    (RUN / "model.json").write_text(json.dumps({"target": "y"}))
    golden = {"rows": [{"x": 1.5}], "replies": [{"value": 3.0}]}
    (RUN / "golden.json").write_text(json.dumps(golden))
    seal(RUN)


def evaluate():
    EVALUATION.parent.mkdir()
    metrics = {"model": {"recall": recall()}}
    EVALUATION.write_text(json.dumps({"metrics": metrics, "passed": recall() >= 0.9}))
    seal(EVALUATION.parent)
    sys.exit(recall() < 0.9)


def register():
    said = json.loads(EVALUATION.read_text())
    if said["metrics"]["model"]["recall"] != recall():
        sys.exit("error: the evaluation is not what was measured")
    if recall() < 0.9:
        sys.exit("error: not registered: MQ-1: recall is too low")
    accept()


def accept():
    shutil.copytree(RUN, MODELS / "v1")
    (MODELS / "champion").write_text("v1\\n")


def predict():
    from toy import features

    asked = json.loads(sys.argv[2])
    print(json.dumps([{"value": features.twice(row["x"])} for row in asked]))


if __name__ == "__main__":
    globals()[sys.argv[1]]()
'''

FEATURES = '''\
"""What the model sees."""


def twice(x):
    """Double a value."""
    if x < 0:
        raise ValueError("negative")
    return 2 * x
'''

TESTS = """\
import pytest
from toy.features import twice


def test_it_doubles():
    assert twice(3) == 6
    assert twice(0) == 0


def test_it_refuses_negative_values():
    with pytest.raises(ValueError):
        twice(-1)
"""


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def interpreter(root: Path, script: str | None = None) -> None:
    """Give a folder this test run's interpreter, which has pytest and none of the libraries."""
    python = root / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(script or f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)


def toy(root: Path) -> Path:
    """Write the project."""
    pairs = "".join(f"{i},{i}\n" for i in range(20))
    write(
        root,
        {
            "kpi-contract.yaml": CONTRACT,
            "settings.toml": 'data = "data.csv"\n',
            "data.csv": f"x,y\n{pairs}",
            "src/toy/__init__.py": "",
            "src/toy/__main__.py": COMMANDS,
            "src/toy/features.py": FEATURES,
            "tests/test_features.py": TESTS,
        },
    )
    interpreter(root)
    return root


def context(root: Path, lab: Lab | None, now: datetime | None = None) -> Context:
    return Context(Tree(root), None, now or datetime.now(UTC), load(), lab)


def outcome(check: str, context: Context) -> Outcome:
    """Run one check as the engine does."""
    found = load()[check]
    return _run(found, context.about(found))[0]
