"""Measures what each feature is worth: how much worse a model predicts if it is shuffled.

Runs with the project's libraries and none of its code.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime as ort

REPEATS = 5
MOST = 20_000


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Return the names of the features, and by how much the loss grows without each.

    Args:
        request: `part`, a file with matrix, target and names; `model`, an ONNX graph; `problem`
            and `classes`, as model.json has them.
    """
    with np.load(request["part"], allow_pickle=False) as part:
        matrix, target, names = part["matrix"], part["target"], part["names"].tolist()
    chance = np.random.default_rng(7)
    if len(matrix) > MOST:
        chosen = chance.permutation(len(matrix))[:MOST]
        matrix, target = matrix[chosen], target[chosen]
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(request["model"], options, ["CPUExecutionProvider"])
    entry, output = session.get_inputs()[0].name, session.get_outputs()[-1].name
    if request["problem"] == "regression":
        index = None
    else:
        order = {str(value): place for place, value in enumerate(request["classes"])}
        index = np.array([order[str(value)] for value in target.tolist()])

    def loss(values: Any) -> float:
        said = session.run([output], {entry: values})[0]
        if index is None:
            return float(np.abs(said.reshape(len(values)) - target).mean())
        right = np.clip(said[np.arange(len(values)), index], 1e-9, 1)
        return float(-np.log(right).mean())

    whole = loss(matrix)
    worth = {}
    for place, name in enumerate(names):
        lost = []
        for _ in range(REPEATS):
            shuffled = matrix.copy()
            shuffled[:, place] = chance.permutation(shuffled[:, place])
            lost.append(loss(shuffled) - whole)
        worth[name] = float(np.mean(lost))
    return {"worth": worth, "loss": whole, "rows": len(matrix)}
