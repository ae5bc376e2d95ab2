# Managed by poc2prod; extend in sources.py.
"""Scores a file of any size in constant memory; the same input gives the same file."""

from pathlib import Path

import polars as pl
from numpy import dtype

from .. import sources
from . import table
from .console import counter
from .data import keys
from .data.privacy import treat
from .data.validation import accept, alone
from .errors import ProjectError
from .files import whole_file
from .predictor import Predictor
from .settings import settings
from .table import ROW

# A fixed size, so that the output does not depend on how the engine cuts its work.
_ROW_GROUP = 50_000


def score(source: Path, output: Path, predictor: Predictor, model: str) -> int:
    """Write the rows of `source` with the model's predictions beside them.

    Adds `predicted_<name>` for everything that the model says of a row, and `predicted_by`. The
    rows keep their order and all their columns, but for what is personal: that is treated as the
    data contract said when the model was trained.

    Args:
        source: CSV or Parquet.
        output: CSV or Parquet; appears when it is whole, and replaces an older one.
        predictor: the model.
        model: the model's name, for `predicted_by`.

    Returns:
        The number of rows.

    Raises:
        ProjectError: the source is missing, unreadable, or breaks the model's data contract.
    """
    if source.is_dir():
        raise ProjectError(f"{source} is a directory: name one for the output too")
    if not source.is_file():
        raise ProjectError(f"there is no file {source}")
    if output.suffix not in (".csv", ".parquet"):
        raise ProjectError(f"{output} must end in .csv or .parquet")
    if output.resolve() == source.resolve():
        raise ProjectError(f"{output} is the source: name another output")
    try:
        opened = sources.read(source)
    except ValueError as error:
        raise ProjectError(f"cannot score {source} into {output}: {error}") from None
    inputs = alone(predictor.metadata.inputs)
    refusals: list[ProjectError] = []

    with whole_file(output) as temporary, counter("Score rows") as count:

        def predict(chunk: pl.DataFrame) -> pl.DataFrame:
            first_row = chunk[ROW][0] if chunk.height else 0
            try:
                good = accept(chunk.drop(ROW), inputs, source, first_row)
                scored = beside(good, predictor, model)
            except ProjectError as error:  # polars would wrap it in an error of its own
                refusals.append(error)
                raise
            count(chunk.height)
            return scored

        try:
            frame = opened
            empty = pl.DataFrame(schema=table.types(frame, inputs, source))
            columns = {**outgoing(empty, predictor).schema, **added(predictor)}
            taken = set(frame.collect_schema()) & set(added(predictor))
            if taken:
                raise ProjectError(f"{source} has a column {min(taken)} already: rename it")
            scored = frame.with_row_index(ROW).map_batches(predict, streamable=True, schema=columns)
            if output.suffix == ".csv":
                scored.sink_csv(temporary)
            else:
                scored.sink_parquet(temporary, row_group_size=_ROW_GROUP)
        except (pl.exceptions.PolarsError, ValueError) as error:
            if refusals:
                raise refusals[0] from None
            reason = table.reason(error, (*inputs, *predictor.metadata.personal))
            raise ProjectError(f"cannot score {source} into {output}: {reason}") from None
    return count.total


def added(predictor: Predictor) -> dict[str, pl.DataType]:
    """Name the columns that scoring adds, with their types."""
    types = {dtype(float): pl.Float64(), dtype(bool): pl.Boolean(), dtype(object): pl.String()}
    sample = predictor.predict_rows(predictor.golden_rows)
    added = {f"predicted_{name}": types[values.dtype] for name, values in sample.items()}
    return {**added, "predicted_by": pl.String()}


def outgoing(frame: pl.DataFrame, predictor: Predictor) -> pl.DataFrame:
    """Treat what is personal in rows that leave with predictions, as ingestion does.

    Raises:
        ProjectError: there is no key for pseudonyms.
    """
    columns = predictor.metadata.personal
    return treat(frame, columns, keys.read(columns, settings().pseudonym_key_file))


def beside(chunk: pl.DataFrame, predictor: Predictor, model: str) -> pl.DataFrame:
    """Predict for rows that keep to the contract, and put the predictions beside them."""
    predictions = predictor.predict(table.arrays(chunk, predictor.metadata.inputs))
    return outgoing(chunk, predictor).with_columns(
        *(
            pl.Series(f"predicted_{name}", [str(v) for v in values], pl.String)
            if values.dtype == object
            else pl.Series(f"predicted_{name}", values)
            for name, values in predictions.items()
        ),
        predicted_by=pl.lit(model),
    )
