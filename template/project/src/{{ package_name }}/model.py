"""Yours: the model, and the plain baseline that it has to beat.

Both are scikit-learn estimators that learn from a float32 matrix in which NaN stands for a missing
value. `train` exports both to ONNX and fails unless the exported model predicts the same.
"""

from typing import Any

from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def model(problem: str, seed: int) -> Any:
    """Build the unfitted model for a problem: "binary", "multiclass" or "regression"."""
    boosting = (
        HistGradientBoostingRegressor if problem == "regression" else HistGradientBoostingClassifier
    )
    # Few and large leaves, or it learns single machines by heart. No early stopping: it would hold
    # out rows at random, and rows of one machine are alike.
    return boosting(
        max_iter=150,
        learning_rate=0.05,
        max_leaf_nodes=8,
        min_samples_leaf=50,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )


def baseline(problem: str, seed: int) -> Any:
    """Build the unfitted baseline for a problem: linear, and hard to be ashamed of."""
    linear = (
        Ridge() if problem == "regression" else LogisticRegression(max_iter=500, random_state=seed)
    )
    return make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), linear)
