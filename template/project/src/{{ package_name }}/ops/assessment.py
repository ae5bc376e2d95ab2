# Managed by poc2prod; extend in kpi-contract.yaml.
"""What predictions.parquet says: metrics with intervals, slices, robustness. It judges nothing."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from . import predictions
from .bootstrap import Bootstrap, Prepared, Rows
from .bundle import Metadata
from .errors import ProjectError
from .kpi.quality import Gate, ModelQuality, Robustness, Slice
from .metrics import Floats, measure, weighted


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
                key: getattr(self.bootstrap, key) for key in ("unit", "units", "resamples", "seed")
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
    table = _Table(frame, metadata)
    models = [name for name in ("model", "baseline", "champion") if predictions.of(frame, name)]
    metrics = {name: measure(table.target, table.of(name), metadata) for name in models}
    for gate in quality.gates:
        if gate.metric not in metrics["model"]:
            raise ProjectError(
                f"kpi-contract.yaml: gate {gate.id}: there is no metric {gate.metric}; there are"
                f" {', '.join(metrics['model'])}"
            )
    gates = {gate.id: gate for gate in quality.gates}

    prepared = {name: table.prepared(name) for name in models}
    slices = []
    for piece in quality.slices:
        for item, rows in _sliced(table, piece, gates[piece.gate].metric):
            slices.append(item)
            if item["judged"]:  # or intervals of a thousand tiny slices take hours
                prepared[f"{piece.id} {item['slice']}"] = table.prepared("model", rows)
    bootstrap = table.bootstrap()
    drawn = bootstrap.run(prepared)
    for item in slices:
        draws = drawn.get(f"{item['id']} {item['slice']}", {}).get(item["metric"])
        item["interval"] = (math.nan, math.nan) if draws is None else bootstrap.interval(draws)
    for piece in quality.slices:
        _gaps([item for item in slices if item["id"] == piece.id], gates[piece.gate])
    return Assessment(
        rows=frame.height,
        rarest=table.rarest(),
        bootstrap=bootstrap,
        metrics=metrics,
        draws={name: drawn[name] for name in models},
        slices=slices,
        robustness=[
            _worst(table, test, gates[test.gate], metrics["model"]) for test in quality.robustness
        ],
    )


@dataclass(frozen=True)
class _Table:
    """predictions.parquet, with what happened."""

    frame: pl.DataFrame
    metadata: Metadata

    @cached_property
    def target(self) -> NDArray[Any]:
        return predictions.label(self.frame, self.metadata)

    def of(self, name: str, rows: Rows = None) -> dict[str, NDArray[Any]]:
        said = predictions.of(self.frame, name)
        return said if rows is None else {key: values[rows] for key, values in said.items()}

    def prepared(self, name: str, rows: Rows = None) -> Prepared:
        happened = self.target if rows is None else self.target[rows]
        return rows, weighted(happened, self.of(name, rows), self.metadata)

    def bootstrap(self) -> Bootstrap:
        entity, made_from = self.frame.get_column("entity", default=None), self.metadata.made_from
        return Bootstrap.of(
            self.frame.height,
            None if entity is None else entity.cast(pl.String).fill_null("missing").to_numpy(),
            "row" if entity is None else str(made_from["entity"]),
            made_from["seed"],
        )

    def rarest(self) -> int | None:
        if self.metadata.problem == "regression":
            return None
        return int(np.unique(self.target, return_counts=True)[1].min())


def _sliced(
    table: _Table, piece: Slice, metric: str
) -> Iterator[tuple[dict[str, Any], NDArray[np.bool_]]]:
    """Measure the model in each slice; yield what is said of it, and its rows."""
    name = f"slice/{piece.by}"
    if name not in table.frame.columns:
        raise ProjectError(f"predictions.parquet has no {name} for {piece.id}: run evaluate again")
    values = table.frame[name].to_numpy()
    for value in sorted(set(values)):
        rows = values == value
        support = int(rows.sum())
        found = measure(table.target[rows], table.of("model", rows), table.metadata)
        yield (
            {
                "id": piece.id,
                "slice": value,
                "support": support,
                "metric": metric,
                "value": found[metric],
                "judged": support >= piece.min_support,
            },
            rows,
        )


def _worst(table: _Table, test: Robustness, gate: Gate, clean: dict[str, float]) -> dict[str, Any]:
    """Say which variant of a perturbation costs the most, and how much."""
    before = clean[gate.metric]
    values, drops = {}, {}
    for variant in predictions.variants(table.frame, test.id):
        said = table.of(f"{test.id}/{variant}")
        value = values[variant] = measure(table.target, said, table.metadata)[gate.metric]
        drops[variant] = before - value if gate.op == "gte" else value - before
    if not drops:
        raise ProjectError(f"predictions.parquet has no {test.id}: run evaluate again")
    worst = max(drops, key=lambda variant: (math.isnan(drops[variant]), drops[variant]))
    return {
        "id": test.id,
        "perturbation": test.perturbation,
        "variant": worst,
        "metric": gate.metric,
        "value": values[worst],
        "drop": round(drops[worst], 6),
    }


def _gaps(items: list[dict[str, Any]], gate: Gate) -> None:
    """Say how far each judged slice is behind the best."""
    sign = 1 if gate.op == "gte" else -1
    known = [sign * item["value"] for item in items if item["judged"]]
    best = max((value for value in known if not math.isnan(value)), default=math.nan)
    for item in items:
        item["gap"] = round(best - sign * item["value"], 6) if item["judged"] else math.nan
