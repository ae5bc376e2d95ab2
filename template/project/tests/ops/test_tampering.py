# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""No evaluation that was edited makes a champion, whoever sealed it again."""

import shutil

import polars as pl
import pytest
from conftest import any_gate, run, write_gates
from tampering import as_happened, better, candidate, edit, edit_predictions, refusal


def test_an_edited_evaluation_is_refused_by_its_sum(project):
    report = candidate(project) / "evaluation" / "evaluation.json"
    report.write_text(report.read_text().replace('"passed": true', '"passed": true '))
    assert "evaluation.json is not what was written" in refusal(project)


def passed(document):
    for verdict in document["verdicts"]:
        verdict.update(passed=True, reason=None)


def easier(document):
    document["model_quality"]["gates"][0]["value"] = -5.0


def without_verdicts(document):
    del document["verdicts"]


def narrower(document):
    intervals = document["intervals"]["model"]
    intervals.update({key: [9.0, 9.0] for key in intervals})


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
