# Managed by poc2prod; extend in a module of your own that imports it.
"""Metrics of each kind of problem. Accuracy is not among them: failures are rare, and a model that
never warns is right most of the time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

from .bundle import Metadata


def measure(
    target: NDArray[Any], predictions: dict[str, NDArray[Any]], metadata: Metadata
) -> dict[str, float]:
    """Compare predictions with what happened.

    Args:
        target: what happened, shape (rows,).
        predictions: what `Predictor.predict` returned for these rows.
        metadata: of the model that predicted.

    Returns:
        Metric names with values. `mae` and `rmse` have the target's unit; the others have none.
    """
    match metadata.problem:
        case "binary":
            values = _binary(target == metadata.classes[1], predictions)
        case "multiclass":
            values = _multiclass(target, predictions, metadata.classes)
        case "regression":
            values = _regression(target, predictions["value"])
    return {name: round(float(value), 6) for name, value in values.items()}


def _binary(positive: NDArray[Any], predictions: dict[str, NDArray[Any]]) -> dict[str, float]:
    probability, alarm = predictions["probability"], predictions["alarm"]
    return {
        "average_precision": sk.average_precision_score(positive, probability),
        "roc_auc": sk.roc_auc_score(positive, probability),
        "recall": sk.recall_score(positive, alarm, zero_division=0),
        "precision": sk.precision_score(positive, alarm, zero_division=0),
        "alarm_rate": np.mean(alarm),
        "brier": sk.brier_score_loss(positive, probability),
    }


def _multiclass(
    target: NDArray[Any], predictions: dict[str, NDArray[Any]], classes: tuple[Any, ...]
) -> dict[str, float]:
    # As text of any length: in an array of short texts a longer label is cut, and may become right.
    happened, label = target.astype(str), predictions["label"].astype(str)
    probability = np.column_stack([predictions[f"probability_{c}"] for c in classes])
    probability = probability / probability.sum(axis=1, keepdims=True)
    return {
        "macro_f1": sk.f1_score(happened, label, average="macro", zero_division=0),
        "balanced_accuracy": sk.recall_score(
            happened, label, labels=np.unique(happened), average="macro", zero_division=0
        ),
        "log_loss": sk.log_loss(target, probability, labels=list(classes)),
    }


def _regression(target: NDArray[Any], value: NDArray[Any]) -> dict[str, float]:
    return {
        "mae": sk.mean_absolute_error(target, value),
        "rmse": sk.root_mean_squared_error(target, value),
        "r2": sk.r2_score(target, value),
    }
