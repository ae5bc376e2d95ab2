# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Training and serving compute the same features of the same row, at the edges too.

Training reads rows that were ingested from a file; a request is JSON. Both end in a matrix, and the
two must be equal bit by bit.
"""

import json

import numpy as np
import pytest
from conftest import run
from edges import edges
from package import load

dataset = load("ops.dataset")
predictor = load("ops.predictor")
rows = load("ops.rows")
table = load("ops.table")


@pytest.fixture(params=["csv", "parquet"])
def both(request, project, contract):
    """How many rows are at edges, the frame that training reads, and the same rows as JSON."""
    frame, edge = edges(contract)
    name = f"edges.{request.param}"
    getattr(frame, f"write_{request.param}")(project / name)
    (project / "settings.toml").write_text(f'data = "{name}"\n', encoding="utf-8")
    result = run(project, "ingest")
    assert result.returncode == 0, result.stderr
    assert " 0 to quarantine" in result.stdout
    kept = load("ops.data.snapshots").snapshots("data/snapshots", "data/quarantine")
    lazy = kept.frame(kept.read(kept.head()).parts)
    trained = dataset.numbered(lazy, load("ops.data.privacy").stored(contract), "snapshot")
    names = [column.name for column in contract.inputs]
    return edge, trained, json.dumps(frame.select(names).to_dicts())


def matrices(contract, trained, body):
    """What training and what a request make of the rows."""
    reader = rows.RowReader(contract.inputs, 10_000)
    metadata = load("ops.bundle").Metadata.model_construct(inputs=contract.inputs)
    asked = predictor.arrays(reader.read(body), metadata)
    here = predictor.feature_matrix(table.arrays(trained, contract.inputs))
    return here, predictor.feature_matrix(asked)


def test_training_and_serving_see_the_same(both, contract):
    edge, trained, body = both
    assert edge > 3
    (names, here), (asked_names, asked) = matrices(contract, trained, body)
    assert names == asked_names
    assert here.shape[0] == 600
    assert here.dtype == asked.dtype
    np.testing.assert_array_equal(here.view(np.uint32), asked.view(np.uint32))


def test_a_transform_that_one_side_has_alone_is_noticed(both, contract, monkeypatch):
    _, trained, body = both
    # Numbers first: features may see none of the text's values that are drawn.
    kinds = ["number", "integer", "string"]
    changed = min(
        (c for c in contract.inputs if c.kind in kinds), key=lambda c: kinds.index(c.kind)
    )
    ours = table.arrays

    def perturbed(frame, columns):
        values = ours(frame, columns)
        one = values[changed.name]
        values[changed.name] = (
            np.array([f"{text}".strip().lower() + "!" for text in one], object)
            if changed.kind == "string"
            else one * 1.001 + 1e-3
        )
        return values

    monkeypatch.setattr(table, "arrays", perturbed)
    (_, here), (_, asked) = matrices(contract, trained, body)
    assert (here != asked).any()


def test_predictions_are_the_same_however_one_asks(both, contract, project):
    """The first rows one by one, through the command that answers as the service does."""
    _, trained, body = both
    model = predictor.Predictor(load("ops.registry").champion(project / "models"))
    whole = predictor.to_rows(model.predict(table.arrays(trained, contract.inputs)))
    for number in range(3):
        row = json.loads(body)[number]
        result = run(project, "predict", json.dumps(row))
        assert result.returncode == 0, result.stderr
        (answer,) = json.loads(result.stdout)
        assert not predictor.difference([answer], [whole[number]])
