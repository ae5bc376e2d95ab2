# Managed by poc2prod; extend in sources.py and data-contract.yaml.
"""The training table: read, cast, checked, split, and identified by its digest."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .. import sources
from . import table
from .contract import DataContract
from .data import keys, privacy
from .data.ingestion import ingest
from .data.snapshots import path as manifest_path
from .data.snapshots import snapshots
from .data.tables import refuse
from .data.validation import accept
from .errors import ProjectError
from .files import sha256
from .predictor import feature_matrix
from .settings import Settings, settings
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
        origin: the snapshot with its digest and rows, and the settings of the split.
    """

    train: Part
    validation: Part
    test: Part
    origin: dict[str, Any]

    @property
    def files(self) -> list[Path]:
        """The local file whose digest is `data_sha256`, for evidence; none in object storage."""
        return [] if "://" in self.origin["data"] else [Path(self.origin["data"])]


def load(
    contract: DataContract, settings: Settings, made_from: Mapping[str, Any] | None = None
) -> Dataset:
    """Read the newest snapshot, or the data that a model was made from.

    The one file of a project without `sources` is ingested first, and so are sources that have no
    snapshot yet.

    Args:
        contract: what the rows must keep to.
        settings: where they are, and how they are split.
        made_from: of a model's metadata. One of a release without snapshots names a file.

    Raises:
        ProjectError: the data is missing, unreadable, changed, or breaks the contract.
    """
    if made_from is not None and "snapshot" not in made_from:
        frame, about = read(settings.data, contract), _file(settings.data, contract)
    else:
        frame, about = _snapshot(contract, settings, (made_from or {}).get("snapshot"))
    contract = privacy.stored(contract)  # what the frame keeps to
    parts = split(frame, contract, settings)
    return Dataset(
        train=_part(parts.train, contract),
        validation=_part(parts.validation, contract),
        test=_part(parts.test, contract),
        origin={
            **about,
            "rows": frame.height,
            "entity": contract.entity.name if contract.entity else None,
            "time": contract.time.name if contract.time else None,
            **({} if contract.entity or contract.time else {"equal_rows": settings.equal_rows}),
            # Models of before do not say it, so it is said only where it is so.
            **({"shuffle_rows": True} if settings.shuffle_rows else {}),
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


def _snapshot(
    contract: DataContract, settings: Settings, snapshot: str | None
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Read the rows of a snapshot; without an id, of the newest."""
    kept = snapshots(settings.snapshots, settings.quarantine)
    wanted = snapshot or (kept.head() if settings.sources else None)
    if wanted is None:
        ingested = ingest(contract, settings)
        wanted, manifest = ingested.snapshot, ingested.manifest
    else:
        manifest = kept.read(wanted)
    where = kept.store.locate(manifest_path(wanted))
    rows = kept.frame(manifest.parts)
    if rows is None:
        raise ProjectError(
            f"{where} holds no row: see what is in quarantine, {settings.quarantine}"
        )
    # The manifest's own digest is its name, so whatever checks that file checks the snapshot.
    about = {"data": where, "data_sha256": wanted, "snapshot": wanted}
    for part in manifest.parts:
        privacy.require_treated(contract.columns, part.treated, where)
    return numbered(rows, privacy.stored(contract), where), about


def is_there(settings: Settings, made_from: Mapping[str, Any]) -> bool:
    """Whether what a model was made from is still where it was."""
    if "snapshot" in made_from:
        kept = snapshots(settings.snapshots, settings.quarantine)
        return kept.whole(made_from["snapshot"])
    path = settings.data
    return path.is_file() and sha256(path) == made_from["data_sha256"]


def _file(path: Path, contract: DataContract) -> dict[str, Any]:
    about = {"data": path.as_posix(), "data_sha256": sha256(path)}
    if contract.entity and contract.entity.treatment == "pseudonymise":
        about["entity_treated"] = "pseudonymise"  # other rows are held out than by plain names
    return about


def read(path: Path, contract: DataContract) -> pl.DataFrame:
    """Read the declared columns of a file, number its rows, and check them.

    Raises:
        ProjectError: the file is missing, unreadable or breaks the contract.
    """
    if not path.is_file():
        raise ProjectError(f"there is no data at {path}: put it back, or train again")
    try:
        opened = sources.read(path)
    except ValueError as error:
        raise ProjectError(f"{path} cannot be read: {error}") from None
    frame = numbered(opened, contract, path)
    key = keys.read(contract.columns, settings().pseudonym_key_file)
    return privacy.treat(frame, contract.columns, key)


def numbered(lazy: pl.LazyFrame, contract: DataContract, where: object) -> pl.DataFrame:
    """Take the declared columns of rows, number these, and check them.

    Returns:
        The rows that have a target.

    Raises:
        ProjectError: they cannot be read or break the contract.
    """
    try:
        table.require(lazy.collect_schema(), contract.columns, where)
        raw = lazy.select(column.name for column in contract.columns).collect()
    except pl.exceptions.PolarsError as error:
        reason = table.reason(error, contract.columns)
        raise ProjectError(f"{where} cannot be read: {reason}") from None
    frame = accept(raw, contract.columns, where)
    refuse(frame, contract, where)
    frame = frame.with_row_index(table.ROW)
    unlabelled = frame[contract.target.name].null_count()
    if unlabelled:
        frame = frame.drop_nulls(contract.target.name)
    if frame.is_empty():
        raise ProjectError(f"{where} has no row with a {contract.target.name} to learn from")
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
