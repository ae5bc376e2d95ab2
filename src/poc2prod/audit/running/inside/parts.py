"""Writes what a project's own code makes of its data: parts.py PACKAGE FOLDER, in the project.

FOLDER gets train.parquet, validation.parquet and test.parquet, the rows as split; and test.npz, the
matrix and the target that a model is tested with.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np


def main(package: str, folder: Path) -> None:
    """Load the data as training does, and write it."""
    ops = {
        name: importlib.import_module(f"{package}.ops.{name}")
        for name in ("contract", "dataset", "settings")
    }
    data = ops["dataset"].load(ops["contract"].load(), ops["settings"].settings())
    for name in ("train", "validation", "test"):
        getattr(data, name).frame.write_parquet(folder / f"{name}.parquet")
    test = data.test
    target = np.asarray(test.target)
    target = target.astype(str) if target.dtype == object else target
    np.savez(folder / "test.npz", matrix=test.matrix, target=target, names=list(test.features))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
