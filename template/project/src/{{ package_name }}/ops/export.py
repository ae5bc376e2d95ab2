# Managed by poc2prod; extend in model.py.
"""Exports an estimator to ONNX, and proves that the export predicts the same."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skl2onnx import to_onnx

from .errors import ProjectError
from .predictor import TOLERANCE, Session


def export(estimator: Any, path: Path, matrix: NDArray[np.float32]) -> None:
    """Write a fitted estimator as ONNX and compare it on rows that it was not trained on.

    Args:
        estimator: a fitted scikit-learn estimator.
        path: the file to write.
        matrix: held-out features, shape (rows, features).

    Raises:
        ProjectError: the two predict differently.
    """
    _to_float32(estimator)
    options = {"zipmap": False} if hasattr(estimator, "classes_") else None
    path.write_bytes(to_onnx(estimator, matrix[:1], options=options).SerializeToString())

    # The same rows once more, with gaps: the export must treat a missing value alike.
    gaps = matrix.copy()
    gaps[np.arange(len(gaps)), np.arange(len(gaps)) % gaps.shape[1]] = np.nan
    compare(estimator, path, np.vstack([matrix, gaps]))


def compare(estimator: Any, path: Path, matrix: NDArray[np.float32]) -> None:
    """Require that an exported model predicts what the estimator does.

    Raises:
        ProjectError: it does not, or a prediction is not finite.
    """
    exported = Session(path).run(matrix)
    trained = predict(estimator, matrix).reshape(exported.shape)
    # Against the largest prediction: the export sums in float32, so errors grow with that one.
    difference = np.abs(exported - trained).max() / (np.abs(trained).max() or 1.0)
    if not difference <= TOLERANCE:  # NaN is refused too
        raise ProjectError(
            f"the exported {path.name} differs from the trained model by {difference:.2g} of its"
            f" largest prediction, more than {TOLERANCE:g}: ONNX cannot express this estimator;"
            " choose another in model.py"
        )


def _to_float32(estimator: Any) -> None:
    """Round the thresholds of boosted trees down to float32, in which ONNX has them.

    No prediction changes: between such a threshold and the exact one is no float32, which all
    features are. Rounded to the nearest, a threshold may pass the value that it keeps apart.
    """
    for step in (estimator, *getattr(estimator, "named_steps", {}).values()):
        for tree in (tree for trees in getattr(step, "_predictors", ()) for tree in trees):
            exact = tree.nodes["num_threshold"]
            near = exact.astype(np.float32)
            below = np.nextafter(near, np.float32(-np.inf))
            tree.nodes["num_threshold"] = np.where(near > exact, below, near)


def predict(estimator: Any, matrix: NDArray[np.float32]) -> NDArray[Any]:
    """Predict probabilities, shape (rows, classes), or values, shape (rows,)."""
    method = getattr(estimator, "predict_proba", None) or estimator.predict
    predictions: NDArray[Any] = method(matrix)
    return predictions
