# Managed by poc2prod; extend in kpi-contract.yaml.
"""Evaluates a candidate on held-out rows, beside its baseline and the champion, and judges it."""

import math
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from . import bundle, predictions
from .assessment import assess
from .contract import DataContract
from .dataset import Dataset
from .errors import ProjectError
from .files import sha256, to_json, whole_directory
from .judging import judge
from .kpi.quality import ModelQuality
from .predictor import Predictor, Session

TABLE = "predictions.parquet"


def evaluate(
    run: Path, champion: Path | None, contract: DataContract, data: Dataset, quality: ModelQuality
) -> dict[str, Any]:
    """Predict the test rows, measure, judge; keep all of it in the candidate's bundle.

    Returns:
        What evaluation.json holds: digests, metrics with intervals, slices, robustness, verdicts.

    Raises:
        ProjectError: the data or its split is not the one that the candidate was trained with.
    """
    met = rival(champion, bundle.read_metadata(run))
    frame = tabulate(run, champion if met and met["compared"] else None, contract, data, quality)
    shutil.rmtree(run / "evaluation", ignore_errors=True)
    with whole_directory(run / "evaluation") as directory:
        frame.write_parquet(directory / TABLE)
        evaluation = {
            "evaluated": datetime.now(UTC).isoformat(timespec="seconds"),
            "model_sha256": bundle.read_metadata(run).digest,
            "data_sha256": data.origin["data_sha256"],
            "predictions_sha256": sha256(directory / TABLE),
            "champion": met,
            **conclude(frame, bundle.read_metadata(run), quality),
        }
        (directory / "evaluation.json").write_text(to_json(evaluation), encoding="utf-8")
        bundle.seal(directory)
    return evaluation


def tabulate(
    run: Path, champion: Path | None, contract: DataContract, data: Dataset, quality: ModelQuality
) -> pl.DataFrame:
    """Predict the test rows with every model.

    Raises:
        ProjectError: the data or its split is not the one that the model was trained with.
    """
    model = Predictor(run)
    for name, value in data.origin.items():
        if model.metadata.made_from.get(name) != value:
            raise ProjectError(
                f"{name} has changed since {run.name} was trained, from"
                f" {model.metadata.made_from.get(name)} to {value}: its test rows may not be held"
                " out any more; train again"
            )
    baseline = Session(run / "baseline.onnx")
    other = Predictor(champion) if champion else None
    return predictions.tabulate(model, baseline, other, contract, data, quality)


def conclude(
    frame: pl.DataFrame, metadata: bundle.Metadata, quality: ModelQuality
) -> dict[str, Any]:
    """Say what follows from predictions and contract alone, as JSON can hold it."""
    found = assess(frame, metadata, quality)
    return {
        "model_quality": quality.model_dump(mode="json", exclude_unset=True),
        **_plain({**found.document(), "verdicts": judge(found, metadata, quality)}),
    }


def rival(champion: Path | None, metadata: bundle.Metadata) -> dict[str, Any] | None:
    """Name the champion, and say whether it can be asked about today's rows.

    One that was trained for other features cannot: nor could the service load it any more.

    Raises:
        ProjectError: the champion was changed.
    """
    if champion is None:
        return None
    bundle.verify(champion)
    other, reason = bundle.read_metadata(champion), None
    if (other.problem, other.classes) != (metadata.problem, metadata.classes):
        reason = "it predicts something else"
    else:
        try:
            Predictor(champion)
        except ProjectError as error:
            reason = str(error)
    return {
        "version": champion.name,
        "model_sha256": other.digest,
        "compared": reason is None,
        "reason": reason,
    }


def _plain(value: Any) -> Any:
    """JSON has no NaN, and six digits say enough."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value
