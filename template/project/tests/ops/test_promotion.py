# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""What may become the champion, and when."""

import shutil

import numpy as np
from conftest import any_gate, any_metric, run, write_gates
from package import load
from tampering import candidate, champion, edit, refusal

bundle = load("ops.bundle")


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
    assert "judged by its stored" not in run(project, "promote", "v1").stdout, (
        "the snapshot is there"
    )
    shutil.rmtree(project / "data")
    assert "judged by its stored predictions" in run(project, "promote", "v1").stdout
    assert champion(project) == "v1"


def test_going_back_asks_no_more_than_was_measured(project):
    declared = load("ops.contract").load(project / "data-contract.yaml")
    kinds = ("string", "boolean", "integer")
    by = next((column.name for column in declared.columns if column.kind in kinds), None)
    slices = f"[{{id: SL-9, by: {by}, gate: MQ-1, value: -1.0e+9}}]"
    noise = "[{id: RB-9, perturbation: sensor_noise_5pct, gate: MQ-1, max_drop: 1.0e+9}]"
    write_gates(project, f"[{any_gate()}]", **({"slices": slices} if by else {"robustness": noise}))
    assert run(project, "evaluate").returncode == 0
    assert run(project, "register").returncode == 0
    assert run(project, "promote", "v1").returncode == 0
    assert champion(project) == "v1"


def test_going_forward_again_meets_the_champion_of_today(project, monkeypatch):
    write_gates(project, f"[{any_gate(vs_champion='-1.0e+9')}]")
    for version in ("v2", "v3"):
        shuffled(monkeypatch)  # once more each time, so that no two are alike
        assert run(project, "train").returncode == 0
        assert run(project, "evaluate").returncode == 0
        assert run(project, "register").stdout.strip().endswith(version)
    assert run(project, "promote", "v1").returncode == 0
    assert run(project, "promote", "v3").returncode == 0
    assert champion(project) == "v3"
    shutil.rmtree(project / "data")
    (project / "models/champion").write_text("v1\n", encoding="utf-8")
    assert "compared with v2: train another" in refusal(project, "promote", "v3")


def test_going_forward_asks_what_the_contract_asks_today(project):
    assert run(project, "register", "--hold").returncode == 0
    write_gates(project, f"[{any_gate('MQ-9', vs_champion=0.5)}]")
    assert "better than the champion's" in refusal(project, "promote", "v2")
