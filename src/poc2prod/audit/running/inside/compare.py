"""Compares two tables of predictions, column by column."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

_KEYS = ("probability", "label", "alarm", "value")


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Return how many predictions there are, the largest difference, and where that is."""
    try:
        one, other = (pl.read_parquet(path) for path in request["tables"])
    except (pl.exceptions.PolarsError, OSError) as error:
        return {"error": " ".join(str(error).split())[:300]}
    if one.schema != other.schema or one.height != other.height:
        return {"error": "they have other columns or rows"}
    # The champion is the same file in both; what was trained is all the rest.
    names = [c for c in one.columns if c.rpartition("/")[2].startswith(_KEYS) and "/" in c]
    names = [c for c in names if not c.startswith(("champion/", "slice/"))]
    examined, largest, where, unlike = 0, 0.0, None, 0
    for name in ("row", *names):
        if name not in one.columns:
            continue
        a, b = one[name], other[name]
        if a.dtype.is_float():
            gap = np.abs(a.to_numpy() - b.to_numpy())
            gap = np.where(np.isnan(gap), np.inf, gap) / np.maximum(1, np.abs(b.to_numpy()))
            if len(gap) and float(gap.max()) > largest:
                largest, where = float(gap.max()), name
        else:
            unlike += int(a.ne_missing(b).sum())
        examined += one.height if name != "row" else 0
    return {"examined": examined, "largest": largest, "where": where, "unlike": unlike}
