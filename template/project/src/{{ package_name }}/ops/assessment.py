# Managed by poc2prod; extend in kpi-contract.yaml.
"""What predictions.parquet says: metrics with intervals, slices, robustness. It judges nothing."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from . import predictions
from .bootstrap import Bootstrap
from .bundle import Metadata
from .errors import ProjectError
from .kpi.quality import Gate, ModelQuality
from .metrics import Floats, Weighted, measure, weighted

Rows = NDArray[np.bool_] | None


@dataclass(frozen=True)
class Assessment:
    """What was measured.

    Attributes:
        rarest: rows of the rarest class; None for a regression.
        metrics: of model, baseline and, where there is one, champion.
        draws: the same on each resample, for intervals and for those of differences.
        slices: one for each value of each slice: id, slice, support, metric, value, interval, gap.
        robustness: one each: id, perturbation, variant (the worst), metric, value, drop.
    """

    rows: int
    rarest: int | None
    bootstrap: Bootstrap
    metrics: dict[str, dict[str, float]]
    draws: dict[str, dict[str, Floats]]
    slices: list[dict[str, Any]] = field(default_factory=list)
    robustness: list[dict[str, Any]] = field(default_factory=list)

    def interval(self, model: str, metric: str) -> tuple[float, float]:
        """The 95 % interval of a model's metric."""
        return self.bootstrap.interval(self.draws[model][metric])

    def lead(self, metric: str, other: str) -> tuple[float, tuple[float, float]]:
        """How far the model's metric is above another model's, with its paired 95 % interval."""
        estimate = self.metrics["model"][metric] - self.metrics[other][metric]
        draws = self.draws["model"][metric] - self.draws[other][metric]
        return estimate, self.bootstrap.interval(draws)

    def document(self) -> dict[str, Any]:
        """What evaluation.json says of it."""
        return {
            "rows": self.rows,
            "rarest_class": self.rarest,
            "resampled": {
                "unit": self.bootstrap.unit,
                "units": self.bootstrap.units,
                "resamples": self.bootstrap.resamples,
                "seed": self.bootstrap.seed,
            },
            "metrics": self.metrics,
            "intervals": {
                model: {metric: self.interval(model, metric) for metric in metrics}
                for model, metrics in self.metrics.items()
            },
            "slices": self.slices,
            "robustness": self.robustness,
        }


def assess(frame: pl.DataFrame, metadata: Metadata, quality: ModelQuality) -> Assessment:
    """Measure everything that the KPI contract asks for.

    Raises:
        ProjectError: a gate's metric does not exist, or the table lacks a slice.
    """
    target = predictions.label(frame, metadata)
    gates = {gate.id: gate for gate in quality.gates}

    def prepare(name: str, rows: Rows = None) -> tuple[dict[str, float], tuple[Rows, Weighted]]:
        said, happened = predictions.of(frame, name), target
        if rows is not None:
            said, happened = {key: values[rows] for key, values in said.items()}, target[rows]
        return measure(happened, said, metadata), (rows, weighted(happened, said, metadata))

    models = [name for name in ("model", "baseline", "champion") if predictions.of(frame, name)]
    prepared = {name: prepare(name) for name in models}
    metrics = {name: values for name, (values, _) in prepared.items()}
    for gate in quality.gates:
        if gate.metric not in metrics["model"]:
            raise ProjectError(
                f"kpi-contract.yaml: gate {gate.id}: there is no metric {gate.metric}; there are"
                f" {', '.join(metrics['model'])}"
            )

    slices = []
    for piece in quality.slices:
        values = _column(frame, f"slice/{piece.by}", piece.id).to_numpy()
        for value in sorted(set(values)):
            rows = values == value
            support = int(rows.sum())
            key = f"{piece.id} {value}"
            found, draws = prepare("model", rows)
            if support >= piece.min_support:  # or intervals of a thousand tiny slices take hours
                prepared[key] = found, draws
            slices.append(
                {
                    "id": piece.id,
                    "slice": value,
                    "support": support,
                    "metric": gates[piece.gate].metric,
                    "value": found[gates[piece.gate].metric],
                    "judged": support >= piece.min_support,
                }
            )

    entity = frame["entity"] if "entity" in frame.columns else None
    bootstrap = Bootstrap.of(
        frame.height,
        None if entity is None else entity.cast(pl.String).fill_null("missing").to_numpy(),
        "row" if entity is None else str(metadata.made_from["entity"]),
        metadata.made_from["seed"],
    )
    drawn = bootstrap.run({name: draws for name, (_, draws) in prepared.items()})
    for item in slices:
        draws_of = drawn.get(f"{item['id']} {item['slice']}")
        interval = bootstrap.interval(draws_of[item["metric"]]) if draws_of else None
        item["interval"] = interval or (math.nan, math.nan)
    for piece in quality.slices:
        _gaps([item for item in slices if item["id"] == piece.id], gates[piece.gate])

    robustness = []
    for test in quality.robustness:
        gate = gates[test.gate]
        clean = metrics["model"][gate.metric]
        drops = {}
        for variant in predictions.variants(frame, test.id):
            value = measure(target, predictions.of(frame, f"{test.id}/{variant}"), metadata)[
                gate.metric
            ]
            drops[variant] = (clean - value) if gate.op == "gte" else (value - clean), value
        if not drops:
            raise ProjectError(f"predictions.parquet has no {test.id}: run evaluate again")
        worst = max(drops, key=lambda name: (math.isnan(drops[name][0]), drops[name][0]))
        robustness.append(
            {
                "id": test.id,
                "perturbation": test.perturbation,
                "variant": worst,
                "metric": gate.metric,
                "value": drops[worst][1],
                "drop": round(drops[worst][0], 6),
            }
        )
    counts = None if metadata.problem == "regression" else np.unique(target, return_counts=True)[1]
    return Assessment(
        rows=frame.height,
        rarest=None if counts is None else int(counts.min()),
        bootstrap=bootstrap,
        metrics=metrics,
        draws={name: drawn[name] for name in models},
        slices=slices,
        robustness=robustness,
    )


def _column(frame: pl.DataFrame, name: str, wanted_by: str) -> pl.Series:
    if name not in frame.columns:
        raise ProjectError(f"predictions.parquet has no {name} for {wanted_by}: run evaluate again")
    return frame[name]


def _gaps(items: list[dict[str, Any]], gate: Gate) -> None:
    """Say how far each judged slice is behind the best."""
    sign = 1 if gate.op == "gte" else -1
    known = [sign * item["value"] for item in items if item["judged"]]
    best = max((value for value in known if not math.isnan(value)), default=math.nan)
    for item in items:
        item["gap"] = round(best - sign * item["value"], 6) if item["judged"] else math.nan
