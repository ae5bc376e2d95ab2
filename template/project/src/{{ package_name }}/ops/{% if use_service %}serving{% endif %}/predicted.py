# Managed by poc2prod; extend in a module of your own that imports it.
"""Metrics of the loaded model: which it is, and what it predicts."""

from collections import Counter as Tally
from typing import Any

import numpy as np
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from ..predictor import Predictor

_VALUES = "value"
"""The outcome of a regression, which has no classes."""


class Predicted:
    """Counts predictions by outcome, and how they score."""

    def __init__(
        self, registry: CollectorRegistry, predictor: Predictor, model: dict[str, str]
    ) -> None:
        """Declare the metrics for a model."""
        metadata = predictor.metadata
        self._problem = metadata.problem
        info = Gauge("model_info", "The loaded model.", ["version", "sha256"], registry=registry)
        info.labels(**model).set(1)
        trained = Gauge(
            "model_trained_timestamp_seconds", "When the model was trained.", registry=registry
        )
        trained.set(metadata.created.timestamp())
        self._rows = Counter("predictions", "Rows predicted.", ["outcome"], registry=registry)
        for outcome in {
            "binary": ("alarm", "no alarm"),
            "multiclass": tuple(map(str, metadata.classes)),
            "regression": (_VALUES,),
        }[self._problem]:
            self._rows.labels(outcome)
        self._scores = Histogram(
            "prediction_score",
            "Probability of an alarm or of the class that was chosen, or the value.",
            registry=registry,
            buckets=self._buckets(predictor),
        )

    def count(self, predictions: list[dict[str, Any]]) -> None:
        """Count the rows of a reply."""
        for outcome, rows in Tally(map(self._outcome, predictions)).items():
            self._rows.labels(outcome).inc(rows)
        for row in predictions:
            self._scores.observe(self._score(row))

    def _outcome(self, row: dict[str, Any]) -> str:
        if self._problem == "binary":
            return "alarm" if row["alarm"] else "no alarm"
        return str(row["label"]) if self._problem == "multiclass" else _VALUES

    def _score(self, row: dict[str, Any]) -> float:
        if self._problem == "binary":
            return float(row["probability"])
        if self._problem == "multiclass":
            return float(row[f"probability_{row['label']}"])
        return float(row["value"])

    def _buckets(self, predictor: Predictor) -> list[float]:
        """Ten of one width: of 0 to 1, or of what the model predicted for rows it had seen."""
        low, high = 0.0, 1.0
        if self._problem == "regression":
            values = [row["value"] for row in predictor.reply(predictor.golden_rows)]
            low, high = min(values), max(values)
        edges = np.linspace(low, high, 11)[1:].tolist()
        return sorted({float(f"{edge:.3g}") for edge in edges})
