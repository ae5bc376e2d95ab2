# Managed by poc2prod; extend in a module of your own beside it.
"""Edits an evaluation as somebody would who knows how it is checked."""

import json

import polars as pl
from conftest import any_metric, run
from package import load

bundle = load("ops.bundle")
evaluation = load("ops.evaluation")
files = load("ops.files")
predictions = load("ops.predictions")
quality = load("ops.kpi.quality")
registry = load("ops.registry")


def candidate(project):
    return registry.latest_run(project / "runs")


def champion(project):
    return registry.champion(project / "models").name


def refusal(project, *command):
    before = champion(project)
    result = run(project, *(command or ("register",)))
    assert result.returncode == 1, result.stdout
    assert champion(project) == before
    return result.stderr


def edit(directory, change):
    """Edit an evaluation and hide it: whoever edits can write sums too."""
    file = directory / "evaluation" / "evaluation.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    change(document)
    file.write_text(files.to_json(document), encoding="utf-8")
    bundle.seal(file.parent)


def edit_predictions(directory, change):
    """Edit the predictions, and make all that follows from them agree."""
    file = directory / "evaluation" / evaluation.TABLE
    frame = change(predictions.read(file))
    frame.write_parquet(file)

    def conclude(document):
        asked = quality.ModelQuality.model_validate(document["model_quality"])
        document.update(evaluation.conclude(frame, bundle.read_metadata(directory), asked))
        document["predictions_sha256"] = load("ops.files").sha256(file)

    edit(directory, conclude)


def better(document):
    document["metrics"]["model"][any_metric()] = 1.5


def as_happened(frame):
    """What the model would have had to say; what it said in another order where it was right."""
    if "model/value" in frame.columns:
        name, right = "model/value", pl.col("label").cast(pl.Float64)
    elif "model/label" in frame.columns:
        name, right = "model/label", pl.col("label").cast(pl.String)
    else:
        name, right = "model/alarm", pl.col("label").eq(pl.col("label").max())
    happened = frame.with_columns(right.alias(name))
    return frame.with_columns(pl.col(name).reverse()) if happened.equals(frame) else happened
