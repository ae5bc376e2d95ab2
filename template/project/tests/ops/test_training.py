"""A candidate is whole, safe, identified, and predicts what was trained; or there is none."""

import numpy as np
import pytest
from conftest import any_metric, kill_when, run, start, write_gates
from package import load
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

bundle = load("ops.bundle")
export = load("ops.export")
predictor = load("ops.predictor")
registry = load("ops.registry")
ProjectError = load("ops.errors").ProjectError


def candidate(project):
    return next((project / "runs").glob("[0-9]*"))


def test_the_metadata_resolves_the_model(project, contract):
    run_directory = candidate(project)
    metadata = bundle.read_metadata(run_directory)
    files = load("ops.files")
    assert metadata.digests["model.onnx"] == files.sha256(run_directory / "model.onnx")
    assert metadata.made_from["data_sha256"] == files.sha256(project / "table.parquet")
    assert metadata.inputs == contract.inputs
    assert set(metadata.features.values()) == {"float32"}
    assert metadata.validation
    assert metadata.made_from["libraries"]["scikit-learn"]


def test_csv_and_parquet_are_the_same_data(project, table, contract):
    read = load("ops.dataset").read
    table.write_csv(project / "table.csv")
    assert read(project / "table.csv", contract).equals(read(project / "table.parquet", contract))


def test_an_export_that_predicts_something_else_is_refused(tmp_path):
    matrix = np.random.default_rng(0).random((50, 3)).astype("float32")
    exported, other = (make_pipeline(SimpleImputer(), LinearRegression()) for _ in range(2))
    export.export(exported.fit(matrix, matrix[:, 0]), tmp_path / "model.onnx", matrix)
    with pytest.raises(ProjectError, match=r"model\.onnx differs from the trained model by"):
        export.compare(other.fit(matrix, matrix[:, 1]), tmp_path / "model.onnx", matrix)


@pytest.mark.parametrize("file", ["model.onnx", "model.json", "golden.json"])
@pytest.mark.parametrize("damage", ["flip", "truncate", "delete"])
def test_a_damaged_model_is_refused_by_its_digest(project, file, damage):
    victim = registry.champion(project / "models") / file
    content = victim.read_bytes()
    match damage:
        case "flip":
            victim.write_bytes(bytes([content[0] ^ 1]) + content[1:])
        case "truncate":
            victim.write_bytes(content[: len(content) // 2])
        case "delete":
            victim.unlink()
    with pytest.raises(ProjectError, match=file):
        predictor.Predictor(victim.parent)


def test_a_file_that_nobody_sealed_is_refused(project):
    champion = registry.champion(project / "models")
    (champion / "extra.pkl").write_bytes(b"")
    with pytest.raises(ProjectError, match=r"extra\.pkl is not listed"):
        predictor.Predictor(champion)


def test_a_model_that_no_longer_fits_the_features_is_refused(project, monkeypatch):
    features = load("features")
    build = features.build
    monkeypatch.setattr(
        features, "build", lambda inputs: {name: -10 * v for name, v in build(inputs).items()}
    )
    champion = registry.champion(project / "models")
    with pytest.raises(ProjectError, match=r"features\.py has changed since training"):
        predictor.Predictor(champion)


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (lambda inputs: {"x": inputs["nowhere"]}, "features.py uses 'nowhere', which is no input"),
        (lambda inputs: {"x": ["text"] * 9}, "features.py makes no numeric columns"),
        (lambda inputs: {"x": [1.0], "y": [1.0, 2.0]}, "features.py makes no numeric columns"),
        (lambda inputs: {"x": [float("inf")]}, "make the feature x infinite"),
    ],
)
def test_features_that_cannot_be_are_named(project, monkeypatch, build, expected):
    monkeypatch.setattr(load("features"), "build", build)
    result = run(project, "train")
    assert result.returncode == 1
    assert expected in result.stderr


def test_the_registry_numbers_its_versions_and_serves_the_last(project):
    assert registry.register(candidate(project), project / "models").name == "v2"
    assert registry.champion(project / "models").name == "v2"


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


def test_data_that_changed_since_training_is_not_evaluated_on(project, table):
    table.reverse().write_parquet(project / "table.parquet")
    result = run(project, "evaluate")
    assert result.returncode == 1
    assert "data_sha256 has changed since" in result.stderr


def test_another_split_than_that_of_training_is_not_evaluated_on(project):
    (project / "settings.toml").write_text('data = "table.parquet"\ntest_share = 0.5\n')
    result = run(project, "evaluate")
    assert result.returncode == 1
    assert "test_share has changed since" in result.stderr
    assert "from 0.25 to 0.5" in result.stderr


def test_training_that_is_killed_leaves_no_candidate(project):
    before = registry.latest_run(project / "runs")
    kill_when(start(project, "train"), lambda: list(project.glob("runs/.tmp-*/*")))
    assert registry.latest_run(project / "runs") == before


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda p: (p / "table.parquet").unlink(), "there is no data at table.parquet"),
        (lambda p: (p / "table.parquet").write_bytes(b"PAR1"), "table.parquet cannot be read"),
        (lambda p: (p / "data-contract.yaml").unlink(), "data-contract.yaml is not here"),
        (lambda p: (p / "settings.toml").write_text("seeed = 1"), "seeed"),
        (lambda p: (p / "settings.toml").write_text("seed ="), "settings.toml"),
        (lambda p: (p / "settings.toml").write_text("test_share = 2"), "test_share"),
    ],
)
def test_bad_input_is_one_clear_line(project, change, expected):
    change(project)
    result = run(project, "train")
    assert result.returncode == 1
    error = result.stderr.strip().splitlines()[-1]
    assert error.startswith("error: ")
    assert expected in error
    assert "Traceback" not in result.stderr
