# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""What may become the champion, and which version that is."""

import json

import pytest
from conftest import any_metric, run, write_gates
from package import load

bundle = load("ops.bundle")
registry = load("ops.registry")
ProjectError = load("ops.errors").ProjectError


def candidate(project):
    return registry.latest_run(project / "runs")


def test_the_registry_numbers_its_versions_and_serves_the_last(project):
    (project / "models" / "v9").mkdir()
    versions = [registry.register(candidate(project), project / "models") for _ in range(2)]
    assert [version.name for version in versions] == ["v10", "v11"]
    assert registry.champion(project / "models") == versions[-1]


def test_the_newest_whole_candidate_is_the_latest(tmp_path):
    for name in ("20240101T000000.1Z", "20240102T000000.1Z", ".tmp-x", "20240103T000000.1Z"):
        (tmp_path / name).mkdir()
        if "03T" not in name:
            (tmp_path / name / bundle.SUMS).touch()
    assert registry.latest_run(tmp_path).name.startswith("20240102")


def test_a_model_that_misses_a_gate_is_not_registered(project):
    write_gates(project, f"[{{id: MQ-9, metric: {any_metric()}, op: gte, value: 1.1}}]")
    assert run(project, "evaluate").returncode == 1
    result = run(project, "register")
    assert result.returncode == 1
    assert "MQ-9" in result.stderr
    assert "must be at least 1.1" in result.stderr
    assert registry.champion(project / "models").name == "v1"


def test_a_model_that_does_not_beat_its_baseline_is_not_registered(project):
    gate = f"{{id: MQ-9, metric: {any_metric()}, op: gte, value: -1e9, vs_baseline: 2}}"
    write_gates(project, f"[{gate}]")
    assert "better than the baseline's" in run(project, "evaluate").stdout
    assert run(project, "register").returncode == 1


def test_an_edited_evaluation_is_refused(project):
    report = candidate(project) / "evaluation" / "evaluation.json"
    report.write_text(report.read_text().replace('"passed": true', '"passed": true '))
    result = run(project, "register")
    assert result.returncode == 1
    assert "evaluation.json is not what was written" in result.stderr


def test_the_evaluation_of_another_model_is_refused(project):
    report = candidate(project) / "evaluation" / "evaluation.json"
    report.write_text(json.dumps({**json.loads(report.read_text()), "model_sha256": "0" * 64}))
    bundle.seal(report.parent)
    with pytest.raises(ProjectError, match="is of another model"):
        registry.register(candidate(project), project / "models")


def test_a_damaged_candidate_is_not_registered(project):
    (candidate(project) / "model.onnx").write_bytes(b"")
    with pytest.raises(ProjectError, match=r"model\.onnx is not what was written"):
        registry.register(candidate(project), project / "models")
    assert registry.champion(project / "models").name == "v1"
