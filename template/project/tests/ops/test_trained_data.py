# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""A model is trained with a snapshot and held to it, whatever becomes of the data later."""

import dataclasses
import json

import polars as pl
from conftest import run
from package import load
from tampering import candidate

bundle = load("ops.bundle")
files = load("ops.files")


def test_a_candidate_is_evaluated_on_the_snapshot_that_it_was_trained_with(project, table):
    before = json.loads((candidate(project) / "evaluation/evaluation.json").read_bytes())
    table.reverse().write_parquet(project / "table.parquet")
    assert run(project, "ingest").returncode == 0
    assert run(project, "evaluate").returncode == 0
    after = json.loads((candidate(project) / "evaluation/evaluation.json").read_bytes())
    assert after["data_sha256"] == before["data_sha256"]
    assert after["metrics"]["model"] == before["metrics"]["model"]
    for part in project.glob("data/snapshots/parts/*"):  # of this snapshot and of the next
        part.write_bytes(part.read_bytes()[:-1] + b"2")
    result = run(project, "evaluate")
    assert "is not what was written" in result.stderr
    assert result.returncode == 1


def test_what_a_release_without_snapshots_trained_is_held_to_its_file(project, table):
    model = candidate(project) / "model.json"
    document = json.loads(model.read_bytes())
    del document["made_from"]["snapshot"]
    table_file = {"data": "table.parquet", "data_sha256": files.sha256(project / "table.parquet")}
    document["made_from"].update(table_file)
    model.write_text(json.dumps(document))
    bundle.seal(model.parent)
    assert run(project, "evaluate").returncode == 0
    table.reverse().write_parquet(project / "table.parquet")
    result = run(project, "evaluate")
    assert result.returncode == 1
    assert "data_sha256 has changed since" in result.stderr


def test_training_refuses_data_that_breaks_the_contract(project, table, contract):
    column = next(c for c in contract.inputs if c.kind == "number")
    bad = table.with_columns(pl.lit(float("inf")).alias(column.name))
    bad.write_parquet(project / "table.parquet")
    result = run(project, "train")
    assert result.returncode == 1
    assert f"{column.name}: a number that is not finite, 3,000 times" in result.stderr


def test_rows_without_a_label_are_left_out(project, table, contract):
    optional = contract.target.model_copy(update={"required": False})
    every_other = pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.col(optional.name))
    table.with_columns(every_other.alias(optional.name)).write_parquet(project / "holes.parquet")
    read = load("ops.dataset").read(
        project / "holes.parquet", dataclasses.replace(contract, target=optional)
    )
    assert read.height == table.height // 2
