"""Trains the model and its baseline, exports both, and proves that the export says the same."""

import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import precision_recall_curve

from .. import model
from . import bundle
from .console import step
from .contract import DataContract
from .dataset import Dataset, Part
from .export import export, predict
from .files import sha256, whole_directory
from .metrics import measure
from .predictor import Predictor, Session, interpret, to_rows
from .settings import Settings

_GOLDEN_ROWS = 5
_COMPARED_ROWS = 5_000
_LIBRARIES = ("numpy", "onnx", "onnxruntime", "polars", "scikit-learn", "skl2onnx")


def train(project: str, contract: DataContract, data: Dataset, settings: Settings) -> Path:
    """Train, export and verify a candidate.

    Returns:
        The directory of the new bundle, settings.runs/<time>.

    Raises:
        ProjectError: the exported model predicts something else than the trained one.
    """
    fitted = {}
    for name, build in (("model", model.model), ("baseline", model.baseline)):
        with step(f"Fit the {name} on {len(data.train.matrix):,} rows"):
            fitted[name] = build(contract.problem, settings.seed).fit(
                data.train.matrix, data.train.target
            )
    created = datetime.now(UTC)
    threshold = None
    if contract.problem == "binary":
        threshold = _threshold(fitted["model"], data.validation, settings.min_precision)

    run = settings.runs / f"{created:%Y%m%dT%H%M%S.%fZ}"
    with whole_directory(run) as directory:
        with step("Export to ONNX and compare the predictions"):
            for name, estimator in fitted.items():
                export(estimator, directory / f"{name}.onnx", data.test.matrix[:_COMPARED_ROWS])
        digests = {name: sha256(directory / name) for name in ("model.onnx", "baseline.onnx")}
        classes = getattr(fitted["model"], "classes_", np.array([])).tolist()
        metadata = bundle.Metadata(
            project=project,
            problem=contract.problem,
            target=contract.target.name,
            created=created,
            inputs=contract.inputs,
            features=dict.fromkeys(data.train.features, str(data.train.matrix.dtype)),
            classes=tuple(classes),
            threshold=threshold,
            made_from={
                **data.origin,
                **_code(),
                "seed": settings.seed,
                "python": platform.python_version(),
                "libraries": {name: version(name) for name in _LIBRARIES},
            },
            validation={},
            digests=digests,
        )
        session = Session(directory / "model.onnx")
        predictions = interpret(session.run(data.validation.matrix), metadata)
        metadata = metadata.model_copy(
            update={"validation": measure(data.validation.target, predictions, metadata)}
        )
        (directory / "model.json").write_text(
            metadata.model_dump_json(indent=2, exclude_none=True) + "\n", encoding="utf-8"
        )
        (directory / "golden.json").write_text(
            bundle.to_json(_golden(data.train, contract, session, metadata)), encoding="utf-8"
        )
        bundle.seal(directory)
        Predictor(directory)  # what was written can be loaded and gives its golden replies
    return run


def _threshold(estimator: Any, part: Part, min_precision: float) -> float:
    """Find the lowest probability from which on enough of the alarms are right."""
    probability = predict(estimator, part.matrix)[:, 1]
    precision, _, thresholds = precision_recall_curve(part.target, probability)
    good = np.flatnonzero(precision[:-1] >= min_precision)
    return float(thresholds[good[0]]) if len(good) else float(probability.max())


def _golden(
    part: Part, contract: DataContract, session: Session, metadata: bundle.Metadata
) -> dict[str, Any]:
    """Take a few rows, evenly over the targets, and what the model says of them."""
    order = np.argsort(part.target, kind="stable")
    chosen = order[np.linspace(0, len(order) - 1, min(_GOLDEN_ROWS, len(order))).astype(int)]
    predictions = interpret(session.run(part.matrix[chosen]), metadata)
    return {
        "rows": part.frame[chosen].select(c.name for c in contract.inputs).to_dicts(),
        "replies": to_rows(predictions),
    }


def _code() -> dict[str, Any]:
    """Identify the code: its commit, and whether the working tree differed from it."""

    def git(*arguments: str) -> str | None:
        try:
            result = subprocess.run(["git", *arguments], capture_output=True, text=True)
        except FileNotFoundError:
            return None
        return result.stdout.strip() if result.returncode == 0 else None

    changes = git("status", "--porcelain")
    return {
        "commit": git("rev-parse", "HEAD"),
        "modified": None if changes is None else bool(changes),
    }
