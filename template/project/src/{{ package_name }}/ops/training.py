# Managed by poc2prod; extend in model.py.
"""Trains the model and its baseline, exports both, and proves that the export says the same."""

import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve

from .. import model
from . import bundle, checkout, table
from .console import step
from .contract import DataContract
from .data.recorded import CONFIGURATION
from .dataset import Dataset, Part
from .export import export
from .files import sha256, to_json, whole_directory
from .metrics import measure
from .predictor import Predictor, Session, feature_matrix, interpret, to_rows
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
    run = settings.runs / f"{created:%Y%m%dT%H%M%S.%fZ}"
    with whole_directory(run) as directory:
        with step("Export to ONNX and compare the predictions"):
            for name, estimator in fitted.items():
                export(estimator, directory / f"{name}.onnx", data.test.matrix[:_COMPARED_ROWS])
        session = Session(directory / "model.onnx")
        output = session.run(data.validation.matrix)
        classes = tuple(getattr(fitted["model"], "classes_", np.array([])).tolist())
        threshold = None
        if contract.problem == "binary":
            positive = data.validation.target == classes[1]
            threshold = lowest_threshold(output[:, 1], positive, settings.min_precision)
        metadata = bundle.Metadata(
            project=project,
            problem=contract.problem,
            target=contract.target.name,
            created=created,
            inputs=contract.inputs,
            personal=tuple(column for column in contract.columns if column.is_personal),
            features=dict.fromkeys(data.train.features, str(data.train.matrix.dtype)),
            classes=classes,
            threshold=threshold,
            made_from={
                **data.origin,
                **_code(),
                "lock_sha256": bundle.lock(),
                **_configuration(),
                "python": platform.python_version(),
                "libraries": {name: version(name) for name in _LIBRARIES},
            },
            validation={},
            digests={name: sha256(directory / name) for name in ("model.onnx", "baseline.onnx")},
        )
        metrics = measure(data.validation.target, interpret(output, metadata), metadata)
        _write(directory, metadata.model_copy(update={"validation": metrics}), session, data.train)
        Predictor(directory)  # what was written can be loaded and gives its golden replies
    return run


def _write(directory: Path, metadata: bundle.Metadata, session: Session, part: Part) -> None:
    """Write the metadata, a few rows with what the model says of them, and the sums."""
    order = np.argsort(part.target, kind="stable")  # rows evenly over the targets
    chosen = order[np.linspace(0, len(order) - 1, min(_GOLDEN_ROWS, len(order))).astype(int)]
    rows = part.frame[chosen].with_columns(
        # No row of a person leaves the data: what is kept of one is the contract's example here.
        pl.lit(column.example, part.frame.schema[column.name]).alias(column.name)
        for column in metadata.inputs
        if column.is_personal and column.treatment == "keep"
    )
    _, matrix = feature_matrix(table.arrays(rows, metadata.inputs))
    golden = {
        "rows": rows.select(column.name for column in metadata.inputs).to_dicts(),
        "replies": to_rows(interpret(session.run(matrix), metadata)),
    }
    document = metadata.model_dump_json(indent=2, exclude_none=True)
    (directory / "model.json").write_text(f"{document}\n", encoding="utf-8")
    (directory / "golden.json").write_text(to_json(golden), encoding="utf-8")
    bundle.seal(directory)


def lowest_threshold(
    probability: NDArray[np.float32], positive: NDArray[np.bool_], min_precision: float
) -> float:
    """Find the lowest probability from which on enough of the alarms are right."""
    precision, _, thresholds = precision_recall_curve(positive, probability)
    good = np.flatnonzero(precision[:-1] >= min_precision)
    return float(thresholds[good[0]]) if len(good) else float(probability.max())


def _configuration() -> dict[str, str]:
    """Identify the contracts and the settings."""
    paths = {key: Path(name) for key, name in CONFIGURATION.items()}
    return {key: sha256(path) for key, path in paths.items() if path.is_file()}


def _code() -> dict[str, Any]:
    """Identify the code: its commit, and whether the working tree differed from it."""
    commit, modified = checkout.commit()
    return {"commit": commit, "modified": modified}
