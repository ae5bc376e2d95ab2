# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""What may become the champion: nothing that missed a gate, and nothing that was edited."""

import json
import shutil

import numpy as np
import polars as pl
import pytest
from conftest import any_gate, any_metric, run, write_gates
from package import load

bundle = load("ops.bundle")
evaluation = load("ops.evaluation")
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
    file.write_text(bundle.to_json(document), encoding="utf-8")
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


def shuffled(monkeypatch):
    """Make training learn from labels that belong to other rows."""
    model = load("model")
    build = model.model

    def spoilt(problem, seed):
        estimator = build(problem, seed)
        fit, random = estimator.fit, np.random.default_rng(0)
        estimator.fit = lambda x, y: fit(x, random.permutation(y))
        return estimator

    monkeypatch.setattr(model, "model", spoilt)


def test_the_first_model_needs_no_champion_and_the_next_one_meets_it(project):
    found = bundle.read_evaluation(candidate(project))
    assert found["champion"] is None
    assert set(found["metrics"]) == {"model", "baseline"}
    assert run(project, "train").returncode == 0
    assert run(project, "evaluate").returncode == 0
    found = bundle.read_evaluation(candidate(project))
    assert (found["champion"]["version"], found["champion"]["compared"]) == ("v1", True)
    assert found["metrics"]["champion"] == found["metrics"]["model"], "the same data and seed"
    assert run(project, "register").stdout.strip().endswith("v2")
    assert champion(project) == "v2"


def test_a_model_of_shuffled_labels_is_refused(project, monkeypatch):
    write_gates(project, f"[{any_gate(vs_baseline=None)}]")
    shuffled(monkeypatch)
    assert run(project, "train").returncode == 0
    assert run(project, "evaluate").returncode == 1
    assert "BASELINE: " in refusal(project)


def test_a_model_below_its_gate_is_refused(project):
    write_gates(project, f"[{any_gate('MQ-9', 1.1)}]")
    assert run(project, "evaluate").returncode == 1
    said = refusal(project)
    assert f"MQ-9: {any_metric()} is " in said
    assert "must be at least 1.1" in said


def test_a_model_that_does_not_beat_its_baseline_is_refused(project):
    write_gates(project, f"[{any_gate('MQ-9', vs_baseline=2)}]")
    assert "better than the baseline's" in run(project, "evaluate").stdout
    assert "MQ-9" in refusal(project)


def test_a_model_that_is_worse_than_the_champion_is_refused(project, monkeypatch):
    write_gates(project, f"[{any_gate('MQ-9', vs_champion=-0.01)}]")
    shuffled(monkeypatch)
    assert run(project, "train").returncode == 0
    assert run(project, "evaluate").returncode == 1
    assert "better than the champion's" in refusal(project)


def test_a_warning_does_not_refuse(project):
    write_gates(project, f"[{any_gate('MQ-9', 1.1, severity='warning')}]")
    result = run(project, "evaluate")
    assert result.returncode == 0
    assert "must be at least 1.1" in result.stdout
    assert run(project, "register").returncode == 0


def test_an_edited_evaluation_is_refused_by_its_sum(project):
    report = candidate(project) / "evaluation" / "evaluation.json"
    report.write_text(report.read_text().replace('"passed": true', '"passed": true '))
    assert "evaluation.json is not what was written" in refusal(project)


def better(document):
    document["metrics"]["model"][any_metric()] = 1.5


def passed(document):
    for verdict in document["verdicts"]:
        verdict.update(passed=True, reason=None)


def easier(document):
    document["model_quality"]["gates"][0]["value"] = -5.0


def without_verdicts(document):
    del document["verdicts"]


def narrower(document):
    document["intervals"]["model"][any_metric()] = [9.0, 9.0]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (better, "evaluation.json is not what its predictions give: metrics.model."),
        (passed, "evaluation.json is not what its predictions give: verdicts["),
        (easier, "evaluation.json is not what its predictions give: verdicts["),
        (without_verdicts, "evaluation.json is not what its predictions give: verdicts"),
        (narrower, "evaluation.json is not what its predictions give: intervals.model."),
        (lambda document: document.update(model_sha256="0" * 64), "is of another model"),
        (
            lambda document: document.update(predictions_sha256="0" * 64),
            "is not what was evaluated",
        ),
        (lambda document: document.pop("predictions_sha256"), "holds no predictions"),
    ],
)
def test_an_edited_evaluation_with_new_sums_is_refused(project, change, expected):
    write_gates(project, f"[{any_gate('MQ-9', 1.1)}]")
    run(project, "evaluate")
    edit(candidate(project), change)
    assert expected in refusal(project)


def as_happened(frame):
    """What the model would have had to say."""
    if "model/value" in frame.columns:
        return frame.with_columns(pl.col("label").cast(pl.Float64).alias("model/value"))
    if "model/label" in frame.columns:
        return frame.with_columns(pl.col("label").cast(pl.String).alias("model/label"))
    return frame.with_columns(pl.col("label").eq(pl.col("label").max()).alias("model/alarm"))


@pytest.mark.parametrize(
    "change",
    [
        as_happened,
        lambda frame: frame.head(100),
        lambda frame: frame.with_columns(row=pl.col("row") + 1),
    ],
)
def test_edited_predictions_are_refused_though_everything_agrees_with_them(project, change):
    write_gates(project, f"[{any_gate()}]", evaluation="{min_rows: 1}")
    run(project, "evaluate")
    edit_predictions(candidate(project), lambda frame: frame)
    assert run(project, "register").returncode == 0, "no change"
    edit_predictions(candidate(project), change)
    assert "predictions.parquet is not what the model predicts: " in refusal(project)


def test_a_damaged_candidate_is_refused(project):
    (candidate(project) / "model.onnx").write_bytes(b"")
    assert "model.onnx is not what was written" in refusal(project)


def test_a_contract_that_has_changed_wants_another_evaluation(project):
    write_gates(project, f"[{any_gate(value='-1.0e+8')}]")
    assert "has changed since" in refusal(project)


def test_a_champion_that_has_changed_wants_another_evaluation(project):
    assert run(project, "train").returncode == 0
    assert run(project, "evaluate").returncode == 0
    (project / "models" / "champion").unlink()
    assert "the champion is gone, and it was compared with v1" in run(project, "register").stderr
    (project / "models" / "champion").write_text("v1\n", encoding="utf-8")
    assert run(project, "register").returncode == 0


def test_an_evaluation_grows_too_old(project):
    write_gates(project, f"[{any_gate()}]", evaluation="{max_age: P30D}")
    assert run(project, "evaluate").returncode == 0
    edit(candidate(project), lambda d: d.update(evaluated="2020-01-01T00:00:00+00:00"))
    assert "days ago, must be at most 30" in refusal(project)


def test_too_few_rows_refuse(project):
    write_gates(project, f"[{any_gate()}]", evaluation="{min_rows: 1000000}")
    assert run(project, "evaluate").returncode == 1
    assert "EVALUATION: held-out rows is " in refusal(project)


def test_a_champion_of_other_features_is_reported_and_not_compared(project, monkeypatch):
    write_gates(project, f"[{any_gate(vs_champion=0)}]")
    features = load("features")
    build = features.build
    monkeypatch.setattr(
        features, "build", lambda inputs: {f"new_{k}": v for k, v in build(inputs).items()}
    )
    assert run(project, "train").returncode == 0
    shown = run(project, "evaluate")
    assert shown.returncode == 0
    assert "v1 is not compared" in shown.stdout
    assert run(project, "register").returncode == 0


def test_a_version_is_held_and_promoted_later_and_another_one_again(project):
    assert run(project, "register", "--hold").stdout.strip().endswith("v2")
    assert champion(project) == "v1"
    assert run(project, "promote", "v2").returncode == 0
    assert champion(project) == "v2"
    assert run(project, "promote", "v1").stdout.strip().endswith("v1")
    assert champion(project) == "v1"


def test_going_back_needs_no_data(project):
    assert run(project, "register").returncode == 0
    (project / "table.parquet").unlink()
    assert "judged by its stored predictions" in run(project, "promote", "v1").stdout
    assert champion(project) == "v1"


def test_going_back_takes_no_edited_version_and_keeps_todays_gates(project):
    assert run(project, "register").returncode == 0
    shutil.copytree(project / "models/v1", project / "spare")
    edit(project / "models/v1", better)
    assert "is not what its predictions give" in refusal(project, "promote", "v1")
    shutil.rmtree(project / "models/v1")
    shutil.copytree(project / "spare", project / "models/v1")
    edit_predictions(project / "models/v1", as_happened)
    assert "is not what the model predicts" in refusal(project, "promote", "v1")
    shutil.rmtree(project / "models/v1")
    (project / "spare").rename(project / "models/v1")
    write_gates(project, f"[{any_gate('MQ-9', 1.1)}]")
    assert "v1 is not promoted, it misses its gates: MQ-9" in refusal(project, "promote", "v1")
