"""What the contract's gates make of metrics that were computed here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from poc2prod.audit.running.lab import UnrunnableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poc2prod.ops.kpi.quality import Gate, ModelQuality

_SLACK = 1e-9  # 0.3 - 0.2 is not quite 0.1
_ENDS = {"estimate": 0, "ci95_lower": 1, "ci95_upper": 2}
_WORDS = {"estimate": "", "ci95_lower": ", lower end", "ci95_upper": ", upper end"}
_LEADING = {"average_precision": "gte", "macro_f1": "gte", "mae": "lte"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One gate, held against what was measured.

    Attributes:
        margin: how far the value is on the right side of the limit; NaN was not measured.
        blocker: whether a miss refuses the model.
        strict: whether the limit itself misses.
    """

    gate: str
    what: str
    value: float
    limit: float
    margin: float
    blocker: bool = True
    strict: bool = False

    @property
    def passed(self) -> bool:
        """Whether it is kept."""
        return self.margin > _SLACK if self.strict else self.margin >= -_SLACK

    def __str__(self) -> str:
        return f"{self.gate}: {self.what} is {self.value:g}, its bound is {self.limit:g}"


def judged(quality: ModelQuality, found: Mapping[str, Any]) -> list[Verdict]:
    """Judge what `inside/recompute` found.

    Raises:
        UnrunnableError: a gate's metric can't be computed by the audit.
    """
    return [*_enough(quality, found), *_gates(quality, found)]


def _enough(quality: ModelQuality, found: Mapping[str, Any]) -> Iterator[Verdict]:
    wants = quality.evaluation
    yield _verdict(
        "EVALUATION", "the number of held-out rows", found["rows"], "gte", wants.min_rows
    )
    if found["rarest_class"] is not None:
        what = "the number of rows of the rarest class"
        yield _verdict("EVALUATION", what, found["rarest_class"], "gte", wants.min_positives)


def _gates(quality: ModelQuality, found: Mapping[str, Any]) -> Iterator[Verdict]:
    model = found["metrics"].get("model", {})
    for gate in quality.gates:
        if gate.metric not in model:
            raise UnrunnableError(
                f"the metric {gate.metric} of {gate.id} can't be recomputed: poc2prod knows"
                f" {', '.join(model) or 'none'}"
            )
        ends = [model[gate.metric], *found["intervals"]["model"][gate.metric]]
        value = ends[_ENDS[gate.bound]]
        blocker = gate.severity == "blocker"
        what = gate.metric + _WORDS[gate.bound]
        yield _verdict(gate.id, what, value, gate.op, gate.value, blocker=blocker)
        if gate.vs_baseline is not None:
            yield _lead(gate, "baseline", gate.vs_baseline, found)
        if gate.vs_champion is not None and "champion" in found["metrics"]:
            yield _lead(gate, "champion", gate.vs_champion, found)
    if all(gate.vs_baseline is None for gate in quality.gates):
        metric = next(name for name in _LEADING if name in model)
        lead = found["leads"].get("baseline", {}).get(metric, [math.nan])[0]
        better = lead if _LEADING[metric] == "gte" else -lead
        what = f"the lead of {metric} over the baseline"
        yield _verdict("BASELINE", what, better, "gte", 0, strict=True)


def _lead(gate: Gate, other: str, margin: float, found: Mapping[str, Any]) -> Verdict:
    leads = found["leads"].get(other, {}).get(gate.metric, [math.nan] * 3)
    lead = leads[_ENDS[gate.bound]]
    what = f"the lead of {gate.metric} over the {other}{_WORDS[gate.bound]}"
    better = lead if gate.op == "gte" else -lead
    return _verdict(gate.id, what, better, "gte", margin, blocker=gate.severity == "blocker")


def _verdict(
    gate: str,
    what: str,
    value: float,
    op: str,
    limit: float,
    *,
    blocker: bool = True,
    strict: bool = False,
) -> Verdict:
    value = round(float(value), 6)  # as evaluation.json has it
    margin = value - limit if op == "gte" else limit - value
    return Verdict(gate, what, value, limit, margin, blocker=blocker, strict=strict)


def difference(claimed: Any, found: Any, where: str = "") -> str | None:
    """Say where a document contradicts what was computed, by more than one millionth."""
    if isinstance(found, dict):
        inner = claimed if isinstance(claimed, dict) else {}
        pairs = [(inner.get(key), value, f"{where}.{key}") for key, value in found.items()]
    elif isinstance(found, list) and isinstance(claimed, list) and len(found) == len(claimed):
        pairs = [
            (a, b, f"{where}[{i}]") for i, (a, b) in enumerate(zip(claimed, found, strict=True))
        ]
    elif isinstance(found, float):
        same = claimed is None if not math.isfinite(found) else _close(claimed, found)
        return None if same else f"{where.lstrip('.')} says {claimed}, and it is {found:.6g}"
    else:
        same = claimed == found
        return None if same else f"{where.lstrip('.')} says {claimed}, and it is {found}"
    return next(filter(None, (difference(*pair) for pair in pairs)), None)


def _close(claimed: Any, found: float) -> bool:
    try:
        return not isinstance(claimed, bool) and math.isclose(
            claimed, found, rel_tol=1e-6, abs_tol=1e-6
        )
    except (TypeError, OverflowError):
        return False
