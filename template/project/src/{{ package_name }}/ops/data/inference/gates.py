# Managed by poc2prod; extend in kpi-contract.yaml, which is yours.
"""Proposes what a model of another table must reach: more than one that knows nothing."""

import re
from dataclasses import dataclass

import polars as pl

from .contracts import scalar
from .target import Target

MIN_ROWS, MIN_POSITIVES = 1_000, 50
"""What the template asks for."""

_BLOCK = re.compile(r"^model_quality:.*?(?=^[A-Za-z_]+:|\Z)", re.MULTILINE | re.DOTALL)
_QUALITY = """\
model_quality:
  # Proposed by data infer for {target}: {naive}.
  # These gates ask for little more. Nobody has said yet what is good enough: raise them.
  evaluation: {{split: {split}, min_rows: {rows}{positives}, max_age: P180D}}{few}
  gates: # vs_baseline, vs_champion: how much better; bound: which end of the 95 % interval keeps it
{gates}
"""
_ROBUSTNESS = """\
  robustness: # reported only, while MQ-2 is a warning
    - {{id: RB-DROPOUT, perturbation: sensor_dropout_10pct, gate: MQ-2, max_drop: {drop}}}
    - {{id: RB-NOISE, perturbation: sensor_noise_5pct, gate: MQ-2, max_drop: {noise}}}
"""


@dataclass(frozen=True)
class HeldOut:
    """What the split holds out.

    Attributes:
        split: of the KPI contract.
        rows: in the test part.
        rarest: rows of its rarest class; None for a regression.
    """

    split: str
    rows: int
    rarest: int | None


def quality(target: Target, held: HeldOut, *, sensors: bool) -> str:
    """The block `model_quality` of the KPI contract.

    Args:
        target: what is predicted.
        held: what there is to judge by.
        sensors: whether an input is a number, which can be disturbed.
    """
    naive, gates, drop, noise = _gates(target)
    rows, rarest = min(MIN_ROWS, held.rows), held.rarest
    few = rows < MIN_ROWS or (rarest is not None and rarest < MIN_POSITIVES)
    text = _QUALITY.format(
        target=" ".join(target.name.split()),
        naive=naive,
        split=held.split,
        rows=rows,
        positives="" if rarest is None else f", min_positives: {min(MIN_POSITIVES, rarest)}",
        few=" # few: bring more rows" if few else "",
        gates="\n".join(f"    - {gate}" for gate in gates),
    )
    if sensors:
        text += _ROBUSTNESS.format(drop=drop, noise=noise)
    return text + "\n"


def replaced(contract: str, block: str) -> str:
    """A KPI contract with another block `model_quality`; all else stays, comments too."""
    if not _BLOCK.search(contract):
        return f"{contract.rstrip()}\n\n{block}"
    return _BLOCK.sub(lambda _: block, contract, count=1)


def _gates(target: Target) -> tuple[str, list[str], str, str]:
    """What a model without knowledge reaches, the gates, and how much they may lose."""
    values = target.facts.values.drop_nulls()
    if target.problem == "regression":
        numbers = values.cast(pl.Float64)
        error = float((numbers - numbers.median()).abs().mean())  # type: ignore[arg-type]
        naive = f"who always says the median is wrong by {error:.4g} on average (mae)"
        first = (
            f"{{id: MQ-1, metric: mae, op: lte, value: {_number(0.95 * error)},"
            f" vs_baseline: {_number(-0.1 * error)}, vs_champion: {_number(-0.05 * error)}}}"
        )
        second = "{id: MQ-2, metric: r2, op: gte, value: 0.3, severity: warning}"
        return naive, [first, second], "0.2", "0.05"
    shares = [rows / len(values) for rows in target.counts.values()]
    if target.problem == "binary":
        metric, known, other, chance = "average_precision", shares[1], "roc_auc", 0.5
        naive = f"chance reaches an average precision of {known:.4g}"
    else:
        metric, other, chance = "macro_f1", "balanced_accuracy", 1 / len(shares)
        known = 2 * max(shares) / (1 + max(shares)) / len(shares)
        naive = f"who always says the commonest class reaches a macro_f1 of {known:.4g}"
        if target.rare:  # one wrong word for a class of no rows costs macro_f1 all of its share
            metric, known, other, chance = other, chance, metric, known
            naive = f"chance reaches a balanced accuracy of {known:.4g}, whatever is rare"
    return (
        naive,
        [
            f"{{id: MQ-1, metric: {metric}, op: gte, value: {_number(known + 0.1 * (1 - known))},"
            " vs_baseline: -0.1, vs_champion: -0.02}",
            f"{{id: MQ-2, metric: {other}, op: gte, value: {_number(chance + 0.3 * (1 - chance))},"
            " severity: warning}",
        ],
        "0.2",
        "0.05",
    )


def _number(value: float) -> str:
    return scalar(float(f"{value:.3g}"))
