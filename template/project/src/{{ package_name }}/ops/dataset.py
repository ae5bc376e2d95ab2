# Managed by poc2prod; extend in sources.py and data-contract.yaml.
"""The training table: read, cast, checked, split, and identified by its digest."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .. import sources
from . import table
from .contract import DataContract
from .data.validation import accept
from .errors import ProjectError
from .files import sha256
from .predictor import feature_matrix
from .settings import Settings
from .splits import split


@dataclass(frozen=True)
class Part:
    """The rows of one part of the split.

    Attributes:
        frame: the declared columns and `table.ROW`, shape (rows, columns).
        features: names of the matrix's columns.
        matrix: the features, float32, shape (rows, features).
        target: what to predict, shape (rows,).
    """

    frame: pl.DataFrame
    features: tuple[str, ...]
    matrix: NDArray[np.float32]
    target: NDArray[Any]


@dataclass(frozen=True)
class Dataset:
    """The three parts, and what decides which rows are in them.

    Attributes:
        origin: the data file with its digest and rows, and the settings of the split.
    """

    train: Part
    validation: Part
    test: Part
    origin: dict[str, Any]


def load(contract: DataContract, settings: Settings) -> Dataset:
    """Read the table that settings.data names.

    Raises:
        ProjectError: the file is missing, unreadable, or breaks the contract.
    """
    path = settings.data
    if not path.is_file():
        raise ProjectError(
            f"there is no data at {path}: put it there, or name another file in settings.toml;"
            " `make data` simulates some, as long as simulator/ is there"
        )
    frame = read(path, contract)
    parts = split(frame, contract, settings)
    return Dataset(
        train=_part(parts.train, contract),
        validation=_part(parts.validation, contract),
        test=_part(parts.test, contract),
        origin={
            "data": path.as_posix(),
            "data_sha256": sha256(path),
            "rows": frame.height,
            "entity": contract.entity.name if contract.entity else None,
            "time": contract.time.name if contract.time else None,
            **settings.model_dump(
                include={
                    "seed",
                    "test_share",
                    "validation_share",
                    "test_period_share",
                    "label_horizon_hours",
                }
            ),
        },
    )


def read(path: Path, contract: DataContract) -> pl.DataFrame:
    """Read the declared columns of a table, number its rows, and check them.

    Raises:
        ProjectError: the file is unreadable or breaks the contract.
    """
    try:
        lazy = sources.read(path)
        table.require(lazy.collect_schema(), contract.columns, path)
        raw = lazy.select(column.name for column in contract.columns).collect()
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise ProjectError(f"{path} cannot be read: {table.reason(error)}") from None
    frame = accept(raw, contract.columns, path).with_row_index(table.ROW)
    unlabelled = frame[contract.target.name].null_count()
    if unlabelled:
        frame = frame.drop_nulls(contract.target.name)
    if frame.is_empty():
        raise ProjectError(f"{path} has no row with a {contract.target.name} to learn from")
    return frame


def _part(frame: pl.DataFrame, contract: DataContract) -> Part:
    target = frame[contract.target.name]
    features, matrix = feature_matrix(table.arrays(frame, contract.inputs))
    return Part(
        frame=frame,
        features=features,
        matrix=matrix,
        target=target.cast(pl.Float64).to_numpy()
        if contract.problem == "regression"
        else np.array(target.to_list()),
    )
