# Managed by poc2prod; extend in features.py.
"""A loaded model: checked, warm, and the same for the service and for batch scoring."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from .. import features
from .bundle import Metadata, read_json, read_metadata, verify
from .columns import Column
from .errors import ProjectError
from .quoting import told
from .signing import check as check_signature

# Rounding differs between processors; a changed model or features.py differs by far more.
TOLERANCE = 1e-4


class Session:
    """An ONNX graph that maps a float32 matrix to predictions."""

    def __init__(self, path: Path) -> None:
        """Load a graph.

        Raises:
            ProjectError: the file is not a graph that this ONNX Runtime can run.
        """
        options = ort.SessionOptions()
        # One thread, never spinning: replicas scale the service, and results do not depend on
        # how a batch is cut.
        options.intra_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = ort.InferenceSession(str(path), options, ["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises a dozen unrelated classes
            reason = " ".join(str(error).split())
            raise ProjectError(f"{path} is not a model that can be loaded: {reason}") from None
        self._input = self._session.get_inputs()[0].name
        # A classifier has two outputs, the label and the probabilities; a regressor has one.
        self._output = self._session.get_outputs()[-1].name

    def run(self, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        """Predict for a matrix of shape (rows, features).

        Returns:
            Shape (rows, classes), probabilities; or (rows,), the values of a regression.
        """
        if not len(matrix):
            width = self._session.get_outputs()[-1].shape[-1]
            return np.zeros((0, width), np.float32)
        output: NDArray[np.float32] = self._session.run([self._output], {self._input: matrix})[0]
        return output


class Predictor:
    """A verified bundle, ready to answer."""

    def __init__(self, directory: Path, signed_by: Path | None = None) -> None:
        """Load a bundle, check its sums and that it still gives its golden replies.

        Args:
            directory: the bundle.
            signed_by: public keys, one of which must have signed it; None asks for none.

        Raises:
            ProjectError: the bundle is missing, changed, not signed, or does not fit features.py.
        """
        verify(directory)
        check_signature(directory, signed_by)
        self.metadata: Metadata = read_metadata(directory)
        self._session = Session(directory / "model.onnx")
        self._golden = read_json(directory / "golden.json")
        self._check_golden(directory)

    @property
    def golden_rows(self) -> list[dict[str, Any]]:
        """Rows that were seen in training, as a request would send them."""
        rows: list[dict[str, Any]] = self._golden["rows"]
        return rows

    def predict(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Predict for arrays of shape (rows,), one per input.

        Returns:
            Arrays of shape (rows,): `probability` and `alarm`; `label` and one
            `probability_<class>` each; or `value`.

        Raises:
            ProjectError: features.py makes an infinite feature of these inputs; names it.
        """
        names, matrix = feature_matrix(generalised(inputs, self.metadata.inputs))
        if names != tuple(self.metadata.features):
            raise ProjectError(
                f"features.py makes {', '.join(names)}, but the model was trained on"
                f" {', '.join(self.metadata.features)}: train again"
            )
        return interpret(self._session.run(matrix), self.metadata)

    def predict_rows(self, rows: list[dict[str, Any]]) -> dict[str, NDArray[Any]]:
        """Predict for rows that `RowReader` has checked."""
        return self.predict(arrays(rows, self.metadata))

    def reply(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Predict for rows that `RowReader` has checked, one JSON object each."""
        return to_rows(self.predict_rows(rows))

    def _check_golden(self, directory: Path) -> None:
        found = difference(self.reply(self.golden_rows), self._golden["replies"])
        if found:
            raise ProjectError(
                f"{directory} no longer gives its golden replies: {found}; features.py has changed"
                " since training: train again"
            )


def generalised(
    inputs: Mapping[str, NDArray[Any]], columns: Iterable[Column]
) -> Mapping[str, NDArray[Any]]:
    """Give personal inputs the form that they have in snapshots; done twice it changes nothing."""
    changed = dict(inputs)
    for column in columns:
        to, values = column.personal.to if column.personal else None, inputs.get(column.name)
        if values is None or not isinstance(to, int | float):
            continue
        if column.kind == "string":
            short = [None if value is None else value[: int(to)] for value in values]
            changed[column.name] = np.array(short, dtype=object)
        else:
            changed[column.name] = values // to * to
    return changed


def difference(got: list[dict[str, Any]], want: list[dict[str, Any]]) -> str | None:
    """Compare replies; say where they differ by more than rounding does."""
    if len(got) != len(want):
        return f"there are {len(got)} of them, not {len(want)}"
    for row, (one, other) in enumerate(zip(got, want, strict=True)):
        for name, value in other.items():
            if isinstance(value, float):
                same = math.isclose(one[name], value, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
            else:
                same = one[name] == value
            if not same:
                return f"{name} of row {row} is {one[name]}, not {value}"
    return None


def feature_matrix(
    inputs: Mapping[str, NDArray[Any]],
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Run features.py and stack its columns.

    Returns:
        The names, and the float32 matrix of shape (rows, features).

    Raises:
        ProjectError: a feature is infinite, or no numbers, or of an input that is not there.
    """
    try:
        with np.errstate(all="ignore"):
            columns = features.build(inputs)
            matrix = np.column_stack([np.asarray(c, np.float32) for c in columns.values()])
    except KeyError as error:
        raise ProjectError(
            f"features.py uses {error}, which is no input: data-contract.yaml has"
            f" {', '.join(inputs)}"
        ) from None
    except (TypeError, ValueError) as error:
        raise ProjectError(
            f"features.py makes no numeric columns of one length: {told(error)}"
        ) from None
    infinite = np.isinf(matrix).any(axis=0)
    if infinite.any():
        name = list(columns)[int(infinite.argmax())]
        raise ProjectError(f"these inputs make the feature {name} infinite: see features.py")
    return tuple(columns), matrix


def interpret(output: NDArray[np.float32], metadata: Metadata) -> dict[str, NDArray[Any]]:
    """Turn a model's output into named predictions."""
    if metadata.problem == "regression":
        return {"value": output.reshape(-1).astype(float)}
    probabilities = output.astype(float)
    if metadata.problem == "binary":
        probability = probabilities[:, 1]
        return {"probability": probability, "alarm": probability >= metadata.threshold}
    labels = np.array(metadata.classes, dtype=object)[probabilities.argmax(axis=1)]
    each = {f"probability_{c}": probabilities[:, i] for i, c in enumerate(metadata.classes)}
    return {"label": labels, **each}


def to_rows(predictions: Mapping[str, NDArray[Any]]) -> list[dict[str, Any]]:
    """Turn columns of predictions into one JSON object a row."""
    columns = (values.tolist() for values in predictions.values())
    return [dict(zip(predictions, values, strict=True)) for values in zip(*columns, strict=True)]


def arrays(rows: list[dict[str, Any]], metadata: Metadata) -> dict[str, NDArray[Any]]:
    """Turn rows that `RowReader` has checked into arrays, one of shape (rows,) per input."""
    columns: dict[str, NDArray[Any]] = {}
    for column in metadata.inputs:
        values = [row.get(column.name) for row in rows]
        if column.kind == "string":
            columns[column.name] = np.array(values, dtype=object)
        else:
            columns[column.name] = np.array(
                [np.nan if value is None else value for value in values], dtype=float
            )
    return columns
