# Managed by poc2prod; extend in kpi-contract.yaml.
"""Evaluates a candidate on held-out rows, beside its baseline, against the gates."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from . import bundle
from .contract import DataContract
from .dataset import Dataset
from .errors import ProjectError
from .files import whole_directory
from .kpi import Gate
from .metrics import measure
from .predictor import Predictor, Session, interpret


def evaluate(
    run: Path, contract: DataContract, data: Dataset, gates: Iterable[Gate]
) -> dict[str, Any]:
    """Measure a candidate and its baseline on the test rows; keep the result in its bundle.

    Returns:
        What evaluation.json holds: rows, metrics of both models, and each gate with its verdict.

    Raises:
        ProjectError: the data or its split is not the one that the candidate was trained with.
    """
    predictor = Predictor(run)
    metadata = predictor.metadata
    for name, value in data.origin.items():
        if metadata.made_from.get(name) != value:
            raise ProjectError(
                f"{name} has changed since {run.name} was trained, from"
                f" {metadata.made_from.get(name)} to {value}: its test rows may not be held out any"
                " more; train again"
            )
    inputs, target = data.test.matrix, data.test.target
    both = {
        name: measure(
            target, interpret(Session(run / f"{name}.onnx").run(inputs), metadata), metadata
        )
        for name in ("model", "baseline")
    }
    evaluation = {
        "model_sha256": metadata.digest,
        "data_sha256": data.origin["data_sha256"],
        "rows": len(target),
        "metrics": both,
        "gates": [gate.judge(both["model"], both["baseline"]) for gate in gates],
    }
    shutil.rmtree(run / "evaluation", ignore_errors=True)
    with whole_directory(run / "evaluation") as directory:
        (directory / "evaluation.json").write_text(bundle.to_json(evaluation), encoding="utf-8")
        bundle.seal(directory)
    return evaluation
