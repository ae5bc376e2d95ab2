# Managed by poc2prod; extend in a module of your own that imports it.
"""Metrics of each kind of problem. Accuracy is not among them: failures are rare, and a model that
never warns is right most of the time.

A row can count more than once or not at all, which is what the bootstrap asks for. So every metric
is computed for many vectors of weights at a time, and gives what it would give for the rows that
the weights repeat. Where nothing defines it, such as recall without a positive row, it is NaN.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bundle import Metadata

Floats = NDArray[np.float64]
Weighted = Callable[[Floats], dict[str, Floats]]
"""From weights of shape (resamples, rows) to metrics, each of shape (resamples,)."""


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
    values = weighted(target, predictions, metadata)(np.ones((1, len(target))))
    return {name: round(float(value[0]), 6) for name, value in values.items()}


def weighted(
    target: NDArray[Any], predictions: dict[str, NDArray[Any]], metadata: Metadata
) -> Weighted:
    """Prepare the metrics of these predictions for many weights."""
    match metadata.problem:
        case "binary":
            return _binary(target == metadata.classes[1], predictions)
        case "multiclass":
            return _multiclass(target, predictions, metadata.classes)
        case "regression":
            return _regression(target.astype(float), predictions["value"])


def _binary(positive: NDArray[np.bool_], predictions: dict[str, NDArray[Any]]) -> Weighted:
    probability, alarm = predictions["probability"].astype(float), predictions["alarm"]
    order = np.argsort(-probability, kind="stable")
    happened = positive[order].astype(float)
    # Rows of one probability become alarms together, so only the last of them is a threshold.
    ends = np.append(np.flatnonzero(np.diff(probability[order])), len(order) - 1)
    columns = np.column_stack(
        [positive, alarm, alarm & positive, (probability - positive) ** 2]
    ).astype(float)

    def values(weights: Floats) -> dict[str, Floats]:
        rows = weights.sum(axis=1)
        positives, alarms, right, squares = (weights @ columns).T
        ordered = weights[:, order]
        above = np.cumsum(ordered, axis=1)[:, ends]
        found = np.cumsum(ordered * happened, axis=1)[:, ends]
        more = np.diff(found, axis=1, prepend=0)
        false = np.diff(above - found, axis=1, prepend=0)
        return {
            "average_precision": _ratio((more * _ratio(found, above, 0)).sum(axis=1), positives),
            "roc_auc": _ratio(
                (false * (found - more / 2)).sum(axis=1), positives * (rows - positives)
            ),
            "recall": _ratio(right, positives),
            "precision": _ratio(right, alarms, 0),
            "alarm_rate": _ratio(alarms, rows),
            "brier": _ratio(squares, rows),
        }

    return values


def _multiclass(
    target: NDArray[Any], predictions: dict[str, NDArray[Any]], classes: tuple[Any, ...]
) -> Weighted:
    # As text of any length: in an array of short texts a longer label is cut, and may become right.
    names = [str(name) for name in classes]
    happened = target.astype(str)[:, None] == np.array(names, dtype=object)
    said = predictions["label"].astype(str)[:, None] == np.array(names, dtype=object)
    probability = np.column_stack([predictions[f"probability_{c}"] for c in classes]).astype(float)
    probability = np.maximum(probability, np.finfo(np.float32).eps)
    probability = probability / probability.sum(axis=1, keepdims=True)
    surprise = -np.log((probability * happened).sum(axis=1))
    hits, happened, said = (part.astype(float) for part in (happened & said, happened, said))

    def values(weights: Floats) -> dict[str, Floats]:
        right, were, calls = weights @ hits, weights @ happened, weights @ said
        return {
            # Over the classes that happened or were predicted; and over those that happened.
            "macro_f1": _mean(_ratio(2 * right, were + calls)),
            "balanced_accuracy": _mean(_ratio(right, were)),
            "log_loss": _ratio(weights @ surprise, weights.sum(axis=1)),
        }

    return values


def _regression(target: Floats, value: NDArray[Any]) -> Weighted:
    error = value.astype(float) - target
    centred = target - target.mean()  # or squares of large numbers swallow their differences
    columns = np.column_stack([np.abs(error), error**2, centred, centred**2])

    def values(weights: Floats) -> dict[str, Floats]:
        rows = weights.sum(axis=1)
        absolute, squares, total, spread = (weights @ columns).T
        return {
            "mae": _ratio(absolute, rows),
            "rmse": np.sqrt(_ratio(squares, rows)),
            "r2": 1 - _ratio(squares, spread - _ratio(total**2, rows)),
        }

    return values


def _ratio(part: Floats, whole: Floats, undefined: float = np.nan) -> Floats:
    result: Floats = np.divide(
        part, whole, out=np.full_like(part, undefined), where=whole > 0, dtype=float
    )
    return result


def _mean(values: Floats) -> Floats:
    """The mean of each row over the values that are defined."""
    defined = ~np.isnan(values)
    return _ratio(np.where(defined, values, 0).sum(axis=1), defined.sum(axis=1).astype(float))
