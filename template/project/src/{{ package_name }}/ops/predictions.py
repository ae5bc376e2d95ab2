# Managed by poc2prod; extend in a module of your own that imports it.
"""predictions.parquet: the held-out rows with what happened and what each model says of them.

row, entity, time, label       of the row, as far as the data contract names them
slice/<column>                 for each slice of the KPI contract
model/… baseline/… champion/…  predictions: probability and alarm; label and each class; or value
<id>/<variant>/…               the model's, on inputs that a perturbation has changed

Metrics, slices and verdicts come from this table alone, so whoever has it can repeat them.
"""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from . import table
from .bundle import Metadata
from .contract import DataContract
from .dataset import Dataset
from .errors import ProjectError
from .kpi.quality import ModelQuality
from .predictor import TOLERANCE, Predictor, Session, interpret
from .robustness import perturb, sensors


def tabulate(
    model: Predictor,
    baseline: Session,
    champion: Predictor | None,
    contract: DataContract,
    data: Dataset,
    quality: ModelQuality,
) -> pl.DataFrame:
    """Predict the held-out rows.

    Raises:
        ProjectError: the KPI contract asks for a slice or a perturbation that cannot be.
    """
    frame, metadata = data.test.frame, model.metadata
    columns = {"row": frame[table.ROW]}
    for name, column in (("entity", contract.entity), ("time", contract.time)):
        if column is not None:
            columns[name] = frame[column.name]
    columns["label"] = frame[contract.target.name]
    for by in dict.fromkeys(piece.by for piece in quality.slices):
        columns[f"slice/{by}"] = _slices(by, frame, contract)

    inputs = table.arrays(frame, contract.inputs)
    says = {
        "model": model.predict(inputs),
        "baseline": interpret(baseline.run(data.test.matrix), metadata),
    }
    if champion is not None:
        says["champion"] = champion.predict(inputs)
    found = sensors(contract.inputs, table.arrays(data.train.frame, contract.inputs))
    for test in quality.robustness:
        for variant, changed in perturb(test.perturbation, inputs, found, data.origin["seed"]):
            says[f"{test.id}/{variant}"] = model.predict(changed)
    for name, predictions in says.items():
        for key, values in predictions.items():
            plain = values.astype(str) if values.dtype == object else values
            columns[f"{name}/{key}"] = pl.Series(plain)
    return pl.DataFrame(columns)


def of(frame: pl.DataFrame, name: str) -> dict[str, NDArray[Any]]:
    """Take one model's predictions out of the table."""
    prefix = f"{name}/"
    return {
        column.removeprefix(prefix): frame[column].to_numpy()
        for column in frame.columns
        if column.startswith(prefix)
    }


def label(frame: pl.DataFrame, metadata: Metadata) -> NDArray[Any]:
    """What happened, as the model's training saw it."""
    labels = frame["label"]
    if metadata.problem == "regression":
        return labels.cast(pl.Float64).to_numpy()
    return np.array(labels.to_list())


def variants(frame: pl.DataFrame, name: str) -> list[str]:
    """Name the variants of a perturbation that are in the table."""
    # Names of columns and classes may have a "/" in them, so only whole ends tell.
    prefix, ends = f"{name}/", ("/label", "/value", "/probability")
    found = (c.removeprefix(prefix) for c in frame.columns if c.startswith(prefix))
    return list(dict.fromkeys(c.rpartition("/")[0] for c in found if c.endswith(ends)))


def read(path: Path) -> pl.DataFrame:
    """Read the table back.

    Raises:
        ProjectError: it is no Parquet file.
    """
    try:
        return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ProjectError(f"{path} cannot be read: {table.reason(error)}") from None


def difference(got: pl.DataFrame, want: pl.DataFrame) -> str | None:
    """Compare two tables; say where they differ by more than rounding does."""
    if got.schema != want.schema or got.height != want.height:
        return "it has other columns or rows"
    for name in got.columns:
        one, other = got[name], want[name]
        if one.dtype.is_float():
            close = np.isclose(one.to_numpy(), other.to_numpy(), TOLERANCE, TOLERANCE, True)
            unlike = np.flatnonzero(~close)
        else:
            unlike = one.ne_missing(other).arg_true().to_numpy()
        if len(unlike):
            at = int(unlike[0])
            return (
                f"{name} of row {want['row'][at]} is {one[at]}, not {other[at]}, and"
                f" {len(unlike)} rows differ"
            )
    return None


def _slices(by: str, frame: pl.DataFrame, contract: DataContract) -> pl.Series:
    there = (column for column in contract.columns if column.name in frame.columns)
    kinds = {column.name: column.kind for column in there}
    if kinds.get(by) not in ("string", "boolean", "integer"):
        can = ", ".join(name for name, kind in kinds.items() if kind in ("string", "boolean"))
        raise ProjectError(
            f"kpi-contract.yaml: cannot slice by {by}, which is {kinds.get(by, 'no column')};"
            f" data-contract.yaml has {can or 'no column of text'}"
        )
    return frame[by].cast(pl.String).fill_null("missing")
