# Managed by poc2prod; extend in kpi-contract.yaml.
"""What the KPI contract makes of an assessment: one verdict for each thing that it asks for.

A verdict that failed refuses the model if its severity is blocker. One that is neither passed nor
failed could not be judged, and its reason says why: too few rows, no champion. What could not be
measured, NaN, has failed.
"""

import math
from collections.abc import Iterator
from typing import Any, Literal

from .assessment import Assessment
from .bundle import Metadata
from .kpi.quality import Gate, ModelQuality, Slice
from .robustness import ALL

Verdict = dict[str, Any]

_SLACK = 1e-9  # 0.3 - 0.2 is not quite 0.1
_LEADING: dict[str, tuple[str, Literal["gte", "lte"]]] = {
    "binary": ("average_precision", "gte"),
    "multiclass": ("macro_f1", "gte"),
    "regression": ("mae", "lte"),
}
_WORDS = {"gte": "at least", "lte": "at most", "gt": "above"}
_ENDS = {"estimate": "", "ci95_lower": ", lower end", "ci95_upper": ", upper end"}


def judge(found: Assessment, metadata: Metadata, quality: ModelQuality) -> list[Verdict]:
    """Hold an assessment against the contract."""
    gates = {gate.id: gate for gate in quality.gates}
    verdicts = list(_enough(found, metadata, quality))
    for gate in quality.gates:
        verdicts += _gate(found, gate)
    if all(gate.vs_baseline is None for gate in quality.gates):
        metric, op = _LEADING[metadata.problem]
        verdicts.append(_lead(found, "BASELINE", metric, op, "baseline", 0, better="gt"))
    for piece in quality.slices:
        items = [item for item in found.slices if item["id"] == piece.id]
        verdicts += _sliced(items, piece, gates[piece.gate])
    for test, item in zip(quality.robustness, found.robustness, strict=True):
        gate = gates[test.gate]
        where = "" if item["variant"] == ALL else f" of {item['variant']}"
        what = f"{gate.metric} lost to {test.perturbation}{where}"
        verdicts.append(
            _verdict(test.id, what, item["drop"], "lte", test.max_drop, severity=gate.severity)
        )
    return verdicts


def blockers(verdicts: list[Verdict]) -> list[str]:
    """What refuses the model: gate, value and bound of each."""
    return [
        f"{verdict['id']}: {verdict['reason']}"
        for verdict in verdicts
        if verdict["passed"] is False and verdict["severity"] == "blocker"
    ]


def _enough(found: Assessment, metadata: Metadata, quality: ModelQuality) -> Iterator[Verdict]:
    """Whether there are rows enough, held out as the contract says."""
    wants = quality.evaluation
    yield _verdict("EVALUATION", "held-out rows", found.rows, "gte", wants.min_rows)
    if found.rarest is not None and wants.min_positives:
        what = "rows of the rarest class"
        yield _verdict("EVALUATION", what, found.rarest, "gte", wants.min_positives)
    if "split" in wants.model_fields_set:
        origin = metadata.made_from
        lacking = [
            f"no {column} is held out: give a column of data-contract.yaml the role {column}, or"
            " promise less in model_quality.evaluation.split"
            for column, word in (("entity", "grouped"), ("time", "temporal"))
            if word in wants.split and origin[column] is None
        ]
        if lacking:
            verdict = _verdict("EVALUATION", f"split {wants.split}", math.nan, "gte", 1)
            yield {**verdict, "reason": "; ".join(lacking)}


def _gate(found: Assessment, gate: Gate) -> Iterator[Verdict]:
    value = found.metrics["model"][gate.metric]
    value = _end(value, found.interval("model", gate.metric), gate.bound)
    yield _verdict(
        gate.id,
        gate.metric + _ENDS[gate.bound],
        value,
        gate.op,
        gate.value,
        bound=gate.bound,
        severity=gate.severity,
    )
    for other, margin in (("baseline", gate.vs_baseline), ("champion", gate.vs_champion)):
        if margin is None:
            continue
        if other in found.metrics:
            yield _lead(
                found,
                gate.id,
                gate.metric,
                gate.op,
                other,
                margin,
                bound=gate.bound,
                severity=gate.severity,
            )
        else:
            verdict = _verdict(
                gate.id, f"{gate.metric} against the {other}", math.nan, "gte", margin
            )
            yield _unjudged(verdict, f"there is no {other} to compare with")


def _sliced(items: list[dict[str, Any]], piece: Slice, gate: Gate) -> Iterator[Verdict]:
    """Judge each slice that is large enough, and how far these are apart."""
    for item in items:
        what = f"{gate.metric} of {piece.by} {item['slice']}"
        value, severity = item["value"], gate.severity
        verdict = _verdict(piece.id, what, value, gate.op, piece.value, severity=severity)
        few = f"{item['support']} rows, fewer than {piece.min_support}"
        yield verdict if item["judged"] else _unjudged(verdict, few)
    if piece.max_gap is not None:
        gaps = [item["gap"] for item in items if item["judged"]]
        gap = max(gaps, key=_nan_last, default=math.nan)
        what = f"{gate.metric} between the best and the worst {piece.by}"
        verdict = _verdict(piece.id, what, gap, "lte", piece.max_gap, severity=gate.severity)
        few = f"there are {len(gaps)} slices to compare"
        yield verdict if len(gaps) > 1 else _unjudged(verdict, few)


def _lead(
    found: Assessment,
    gate: str,
    metric: str,
    op: str,
    other: str,
    margin: float,
    *,
    better: str = "gte",
    bound: str = "estimate",
    severity: str = "blocker",
) -> Verdict:
    """Judge by how much the model is better; in its interval, draw by draw on the same rows."""
    above, interval = found.lead(metric, other)
    end = _end(above, interval, bound)
    measured = end if op == "gte" else -end
    value, others = found.metrics["model"][metric], found.metrics[other][metric]
    verdict = _verdict(
        gate,
        f"{metric} better than the {other}'s{_ENDS[bound]}",
        measured,
        better,
        margin,
        bound=bound,
        severity=severity,
    )
    if verdict["reason"]:
        verdict["reason"] = (
            f"{metric} is {value:g}, better than the {other}'s {others:g} by {measured:g}"
            f"{_ENDS[bound]}, must be {_WORDS[better]} {margin:g}"
        )
    return verdict


def _end(estimate: float, interval: tuple[float, float], bound: str) -> float:
    return {"estimate": estimate, "ci95_lower": interval[0], "ci95_upper": interval[1]}[bound]


def _verdict(
    gate: str,
    what: str,
    measured: float,
    op: str,
    limit: float,
    *,
    bound: str = "estimate",
    severity: str = "blocker",
) -> Verdict:
    measured = round(float(measured), 6)
    distance = measured - limit if op != "lte" else limit - measured
    passed = distance > _SLACK if op == "gt" else distance >= -_SLACK  # NaN is neither
    return {
        "id": gate,
        "what": what,
        "measured": measured,
        "op": op,
        "limit": limit,
        "bound": bound,
        "severity": severity,
        "passed": passed,
        "reason": None if passed else f"{what} is {measured:g}, must be {_WORDS[op]} {limit:g}",
    }


def _unjudged(verdict: Verdict, reason: str) -> Verdict:
    return {**verdict, "passed": None, "reason": f"not judged: {reason}"}


def _nan_last(value: float) -> tuple[bool, float]:
    return math.isnan(value), value
