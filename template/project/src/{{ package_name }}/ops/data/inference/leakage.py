# Managed by poc2prod; extend in data-contract.yaml, where a person decides what is an input.
"""Suspects columns that know the target: copies of it, and what predicts it all by itself."""

import polars as pl

from .facts import Facts
from .target import Target

TOO_GOOD = 0.98
_ALIKE = 0.995
_EACH = 5
_FEWEST = 20
_FEW, _RARE, _TELLING = 10, 0.2, 10


def leak(found: Facts, target: Target) -> str | None:
    """Say why a column may know what it should not; None where nothing speaks for it."""
    both = pl.DataFrame({"value": found.values, "target": target.facts.values})
    both = both.filter(pl.col("target").is_not_null())
    present = both.drop_nulls()
    if present.height < _FEWEST:
        return None
    if target.problem == "regression":
        return _of_number(present, found)
    if found.distinct == len(target.classes) and present.height == both.height:
        pairs = present.unique()
        if pairs.height == found.distinct:
            return "a copy of the target: each of its values stands for one class"
    best = min((_auc(both, found, name) for name in target.classes[-2:]), default=0.0)
    if target.problem == "multiclass":
        best = min(_auc(both, found, name) for name in target.classes)
    if best > TOO_GOOD:
        return f"predicts the target by itself (AUC {best:.3f})"
    return _telltale(present, found, target) if target.problem == "binary" else None


def _telltale(both: pl.DataFrame, found: Facts, target: Target) -> str | None:
    """A value that never comes without the rarer class: a name for it, found out later?"""
    rarer = min(target.classes, key=lambda name: target.counts[name])
    share = target.counts[rarer] / target.facts.rows
    if found.distinct > _FEW or share > _RARE:
        return None
    for value in found.counts:
        rows = both.filter(pl.col("value") == value)
        if rows.height >= _TELLING and (rows["target"] == rarer).all():
            return f"its value {value} never comes without {rarer} ({rows.height} rows)"
    return None


def _of_number(both: pl.DataFrame, found: Facts) -> str | None:
    if found.kind not in ("number", "integer") or found.distinct < 3:
        return None
    for method in ("pearson", "spearman"):
        value = both.select(
            pl.corr(pl.col("value").cast(pl.Float64), "target", method=method)
        ).item()
        if value is not None and abs(value) > _ALIKE:
            return f"predicts the target by itself (correlation {value:.4f})"
    return None


def _auc(both: pl.DataFrame, found: Facts, name: object) -> float:
    """The area under the curve of a column alone, for a class against the rest."""
    known = both.with_columns(positive=pl.col("target") == name)
    if found.kind in ("string", "boolean"):
        if found.distinct * _EACH > both.height:
            return 0.0
        score = pl.col("positive").mean().over("value")
    else:
        value = (
            pl.col("value").cast(pl.Float64)
            if found.kind != "timestamp"
            else pl.col("value").dt.epoch()
        )
        score = value.fill_null(value.min() - 1)
    ranked = known.select("positive", rank=score.rank())
    positives = ranked.filter("positive")
    yes, no = positives.height, ranked.height - positives.height
    if not yes or not no:
        return 0.0
    area = (float(positives["rank"].sum()) - yes * (yes + 1) / 2) / (yes * no)
    return max(area, 1 - area)
