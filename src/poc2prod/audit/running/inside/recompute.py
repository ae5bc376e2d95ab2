"""Computes metrics and their intervals again from predictions.parquet, by their definitions.

The request names the bundle; the answer holds what was found, or an `error` that says what is
wrong with the table. What is drawn is documented in the project: whole entities where there are
any, and 50 million cells at most, in parts of two million.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

Metrics = dict[str, float]
Weighted = Callable[[Any], Metrics]
"""From how often each row counts to metrics."""

TOLERANCE = 1e-6


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Compute what predictions.parquet of a bundle says."""
    bundle = Path(request["bundle"])
    metadata = json.loads((bundle / "model.json").read_text("utf-8"))
    try:
        frame = pl.read_parquet(bundle / "evaluation/predictions.parquet")
    except (pl.exceptions.PolarsError, OSError) as error:
        return {"error": f"predictions.parquet can't be read: {' '.join(str(error).split())[:300]}"}
    if "label" not in frame.columns or frame.is_empty():
        return {"error": "predictions.parquet has no rows with a label"}
    found: dict[str, Any] = {"rows": frame.height, "rarest_class": rarest(frame, metadata)}
    models = [
        name
        for name in ("model", "baseline", "champion")
        if any(column.startswith(f"{name}/") for column in frame.columns)
    ]
    try:
        draws = {name: prepared(frame, name, metadata) for name in models}
    except ValueError as wrong:
        return {"error": str(wrong)}
    metrics = {name: weighted(np.ones(frame.height)) for name, weighted in draws.items()}
    found["metrics"] = metrics
    found |= resampled(frame, metadata, draws, metrics)
    return found


def rarest(frame: pl.DataFrame, metadata: dict[str, Any]) -> int | None:
    """Count the rows of the rarest class."""
    if metadata["problem"] == "regression":
        return None
    return int(min(frame["label"].value_counts()["count"].to_list()))


def prepared(frame: pl.DataFrame, name: str, metadata: dict[str, Any]) -> Weighted:
    """Prepare one model's metrics.

    Raises:
        ValueError: what is wrong with its columns.
    """
    labels = frame["label"].to_list()
    problem = metadata["problem"]
    classes = [] if problem == "regression" else metadata["classes"]
    needed = {
        "binary": ["probability", "alarm"],
        "multiclass": ["label", *(f"probability_{c}" for c in classes)],
        "regression": ["value"],
    }[problem]
    lacking = [key for key in needed if f"{name}/{key}" not in frame.columns]
    if lacking:
        raise ValueError(f"predictions.parquet has no {name}/{lacking[0]}")
    columns = {key: frame[f"{name}/{key}"].to_numpy() for key in needed}
    if problem == "regression":
        return regression(np.array(labels, dtype=float), columns["value"].astype(float))
    if problem == "binary":
        probability, alarm = columns["probability"].astype(float), columns["alarm"].astype(bool)
        if (alarm != (probability >= metadata["threshold"])).any() and name != "champion":
            raise ValueError(f"{name}/alarm is not what the threshold makes of the probability")
        return binary(np.array([x == classes[1] for x in labels]), probability, alarm)
    names = [str(c) for c in classes]
    happened, called = [str(label) for label in labels], [str(label) for label in columns["label"]]
    if not {*happened, *called} <= set(names):
        raise ValueError(f"predictions.parquet has labels that are not in {', '.join(names)}")
    chances = np.column_stack([columns[f"probability_{c}"] for c in classes]).astype(float)
    if [names[i] for i in chances.argmax(axis=1)] != called:
        raise ValueError(f"{name}/label is not the most probable class")
    return multiclass([*map(names.index, happened)], [*map(names.index, called)], chances)


def binary(positive: Any, probability: Any, alarm: Any) -> Weighted:
    """Prepare the metrics of warnings."""
    order = np.argsort(probability, kind="stable")[::-1]
    truth, score = positive[order].astype(float), probability[order]
    last = np.append(np.flatnonzero(score[1:] != score[:-1]), len(score) - 1)
    squares = (probability - positive) ** 2

    def metrics(weight: Any) -> Metrics:
        sorted_weight = weight[order]
        hits = np.cumsum(sorted_weight * truth)[last]
        calls = np.cumsum(sorted_weight)[last]
        total, positives = calls[-1], hits[-1]
        negatives = total - positives
        precision = np.divide(hits, calls, out=np.zeros_like(hits), where=calls > 0)
        true_rate = np.concatenate([[0.0], hits])
        false_rate = np.concatenate([[0.0], calls - hits])
        area = float(np.sum(np.diff(false_rate) * (true_rate[1:] + true_rate[:-1]) / 2))
        alarms, right = weight[alarm].sum(), weight[alarm & positive].sum()
        return {
            "average_precision": ratio(np.sum(np.diff(true_rate) * precision), positives),
            "roc_auc": ratio(area, positives * negatives),
            "recall": ratio(right, positives),
            "precision": ratio(right, alarms, 0.0),
            "alarm_rate": ratio(alarms, total),
            "brier": ratio(weight @ squares, total),
        }

    return metrics


def multiclass(happened: list[int], called: list[int], chances: Any) -> Weighted:
    """Prepare the metrics of classes."""
    count = chances.shape[1]
    cell = np.array(happened) * count + np.array(called)
    chances = np.maximum(chances, np.finfo(np.float32).eps)
    chances = chances / chances.sum(axis=1, keepdims=True)
    surprise = -np.log(chances[np.arange(len(happened)), happened])

    def metrics(weight: Any) -> Metrics:
        table = np.bincount(cell, weights=weight, minlength=count**2).reshape(count, count)
        right, were, calls = np.diag(table), table.sum(axis=1), table.sum(axis=0)
        there = were + calls > 0
        return {
            "macro_f1": ratio(np.sum(2 * right[there] / (were + calls)[there]), there.sum()),
            "balanced_accuracy": ratio(np.sum(right[were > 0] / were[were > 0]), (were > 0).sum()),
            "log_loss": ratio(weight @ surprise, weight.sum()),
        }

    return metrics


def regression(target: Any, value: Any) -> Weighted:
    """Prepare the metrics of values."""
    error = value - target

    def metrics(weight: Any) -> Metrics:
        rows = weight.sum()
        mean = weight @ target / rows
        squares = weight @ error**2
        return {
            "mae": ratio(weight @ np.abs(error), rows),
            "rmse": math.sqrt(ratio(squares, rows)),
            "r2": 1 - ratio(squares, weight @ (target - mean) ** 2),
        }

    return metrics


def ratio(part: float, whole: float, undefined: float = math.nan) -> float:
    """Divide, where there is something to divide by."""
    return float(part / whole) if whole > 0 else undefined


def resampled(
    frame: pl.DataFrame,
    metadata: dict[str, Any],
    weighted: dict[str, Weighted],
    metrics: dict[str, Metrics],
) -> dict[str, Any]:
    """Return 95 % intervals of the metrics, and of how far the model leads the others."""
    unit_of = np.arange(frame.height)
    if "entity" in frame.columns:
        names = np.array(frame["entity"].cast(pl.String).fill_null("missing").to_list())
        unit_of = np.unique(names, return_inverse=True)[1]
    units = int(unit_of.max()) + 1
    draws = min(1000, max(200, 50_000_000 // frame.height))
    part = max(1, 2_000_000 // frame.height)
    random = np.random.default_rng(metadata["made_from"]["seed"])
    values: dict[str, list[Metrics]] = {name: [] for name in weighted}
    for start in range(0, draws, part):
        for drawn in random.integers(units, size=(min(part, draws - start), units)):
            weight = np.bincount(drawn, minlength=units)[unit_of].astype(float)
            for name, of in weighted.items():
                values[name].append(of(weight))
    by = {
        name: {key: np.array([draw[key] for draw in drawn]) for key in metrics[name]}
        for name, drawn in values.items()
    }
    model = by.get("model", {})
    return {
        "units": units,
        "resamples": draws,
        "intervals": {
            name: {key: interval(drawn, units) for key, drawn in each.items()}
            for name, each in by.items()
        },
        "leads": {
            name: {
                key: [
                    metrics["model"][key] - metrics[name][key],
                    *interval(model[key] - by[name][key], units),
                ]
                for key in model
            }
            for name in by
            if name != "model"
        },
    }


def interval(drawn: Any, units: int) -> list[float]:
    """Return the middle 95 %; NaN where one unit, or too few draws, say nothing."""
    defined = drawn[np.isfinite(drawn)]
    if units < 2 or len(defined) < 0.95 * len(drawn):
        return [math.nan, math.nan]
    return [float(end) for end in np.quantile(defined, [0.025, 0.975])]
