"""Shuffles one column of a table, so that nothing can be learned of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Rewrite `data`, a file or a folder of snapshots, with `target` in another order."""
    path, target = Path(request["data"]), request["target"]
    try:
        frame = read(path)
    except (pl.exceptions.PolarsError, OSError, ValueError, LookupError, TypeError) as error:
        return {"error": " ".join(str(error).split())[:300] or type(error).__name__}
    if target not in frame.columns:
        return {"error": f"it has no column {target}"}
    shuffled = frame.with_columns(pl.col(target).shuffle(seed=1))
    write(path, shuffled)
    return {"moved": int(shuffled[target].ne_missing(frame[target]).sum())}


def read(path: Path) -> pl.DataFrame:
    """Read a file, or the newest snapshot of a folder."""
    if path.is_dir():
        parts = [path / f"parts/{part['sha256']}.parquet" for part in newest(path)["parts"]]
        return pl.read_parquet(parts, glob=False)
    if path.suffix.lower() == ".csv":
        return pl.read_csv(path, infer_schema=False)
    return pl.read_parquet(path)


def write(path: Path, frame: pl.DataFrame) -> None:
    """Write a file, or a new snapshot of one part."""
    if path.is_dir():
        manifest = newest(path)
        file = path / "parts/shuffled"
        frame.write_parquet(file)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        file.rename(path / f"parts/{digest}.parquet")
        part = {**manifest["parts"][0], "sha256": digest, "rows": frame.height}
        content = json.dumps({**manifest, "parts": [part]}).encode()
        name = hashlib.sha256(content).hexdigest()
        (path / f"manifests/{name}.json").write_bytes(content)
        (path / "head").write_text(f"{name}\n")
        return
    path.unlink()
    if path.suffix.lower() == ".csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)


def newest(path: Path) -> Any:
    """Read the manifest of the newest snapshot."""
    return json.loads((path / f"manifests/{(path / 'head').read_text().strip()}.json").read_bytes())
