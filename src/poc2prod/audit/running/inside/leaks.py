"""Looks for what one part of a split tells of another, and for columns that tell the target.

Runs with the project's libraries and none of its code.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

PARTS = ("train", "validation", "test")


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Compare the parts in `folder`.

    Args:
        request: `columns` of the data contract; `horizon` of labels in hours; `predictions`, what a
            model that was tested on the rows predicted.

    Returns:
        `rows` of each part; `faults`, each a sentence; `telling`, the column that tells most of the
        target, and `told`, how well: 1 is all.
    """
    folder = Path(request["folder"])
    parts = {name: pl.read_parquet(folder / f"{name}.parquet") for name in PARTS}
    columns = request["columns"]
    entity, time, target = (
        next((c["name"] for c in columns if c["role"] == role), None)
        for role in ("entity", "time", "target")
    )
    faults = []
    for one, other in combinations(PARTS, 2):
        a, b = parts[one], parts[other]
        if entity and (shared := set(a[entity]) & set(b[entity])):
            faults.append(f"{len(shared)} values of {entity} are in {one} and in {other}")
        if time and (other == "test" or not entity):
            end, start = a[time].max(), b[time].min()
            if end >= start - timedelta(hours=request["horizon"]):
                faults.append(
                    f"{one} reaches to {end}, and its labels look into {other}, from {start} on"
                )
        same = [c["name"] for c in columns if c["name"] != entity]
        repeated = a.select(same).join(b.select(same), on=same, how="semi", nulls_equal=True)
        if repeated.height:
            faults.append(f"{repeated.height} rows of {one} are in {other} too")
    row = next((name for name in parts["test"].columns if name.startswith("row number")), None)
    tested = pl.read_parquet(request["predictions"])
    if row and set(tested["row"]) - set(parts["test"][row]):
        faults.append("a model is tested on other rows than the split says")
    inputs = [
        c["name"]
        for c in columns
        if c["role"] == "input" and c["kind"] in ("number", "integer", "boolean")
    ]
    told = {name: _told(parts["train"], name, target, request["problem"]) for name in inputs}
    most = max(told, key=lambda name: told[name], default=None)
    return {
        "rows": {name: part.height for name, part in parts.items()},
        "faults": faults,
        "telling": most,
        "told": told[most] if most else 0.0,
    }


def _told(frame: pl.DataFrame, name: str, target: Any, problem: str) -> float:
    """Say how well a column alone orders the target: its AUC, or its rank correlation."""
    known = frame.select(pl.col(name).cast(pl.Float64), target).drop_nulls()
    ranks = known[name].rank("average").to_numpy()
    label = known[target]
    if known.height < 2 or label.n_unique() < 2:
        return 0.0
    if problem == "regression":
        found = float(np.corrcoef(ranks, label.rank("average").to_numpy())[0, 1])
        return abs(found) if np.isfinite(found) else 0.0
    return max(_auc(ranks, (label == value).to_numpy()) for value in label.unique())


def _auc(ranks: Any, positive: Any) -> float:
    count = int(positive.sum())
    others = len(positive) - count
    area = (float(ranks[positive].sum()) - count * (count + 1) / 2) / (count * others)
    return max(area, 1 - area)
