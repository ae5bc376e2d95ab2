"""Shuffles one column of a table, so that nothing can be learned of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Rewrite the file `data` with the column `target` in another order."""
    path, target = Path(request["data"]), request["target"]
    csv = path.suffix.lower() == ".csv"
    try:
        frame = pl.read_csv(path, infer_schema=False) if csv else pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        return {"error": " ".join(str(error).split())[:300]}
    if target not in frame.columns:
        return {"error": f"it has no column {target}"}
    shuffled = frame.with_columns(pl.col(target).shuffle(seed=1))
    path.unlink()
    if csv:
        shuffled.write_csv(path)
    else:
        shuffled.write_parquet(path)
    return {"moved": int(shuffled[target].ne_missing(frame[target]).sum())}
