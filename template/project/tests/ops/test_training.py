# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""A candidate is whole, safe, identified, and predicts what was trained; or there is none."""

import json

import numpy as np
import pytest
from conftest import kill_when, run, start
from package import load
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

bundle = load("ops.bundle")
export = load("ops.export")
files = load("ops.files")
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
    manifest = project / metadata.made_from["data"]
    assert metadata.made_from["data_sha256"] == files.sha256(manifest) == manifest.stem
    (part,) = json.loads(manifest.read_bytes())["parts"]
    assert part["of"] == files.sha256(project / "table.parquet")
    assert metadata.inputs == contract.inputs
    assert set(metadata.features.values()) == {"float32"}
    assert metadata.validation
    assert metadata.made_from["libraries"]["scikit-learn"]


def test_the_record_of_a_run_changes_with_any_pin(tmp_path):
    lock = bundle.lock
    assert lock(tmp_path) is None
    (tmp_path / "train.txt").write_text("polars==2.1.0\n", encoding="utf-8")
    first = lock(tmp_path)
    (tmp_path / "own.txt").write_text("", encoding="utf-8")
    assert len({None, first, lock(tmp_path)}) == 3


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


@pytest.mark.parametrize("said_of_gaps", [100, np.nan])
def test_an_export_that_treats_gaps_otherwise_is_refused(tmp_path, monkeypatch, said_of_gaps):
    class GapsAreSpecial(LinearRegression):
        def predict(self, matrix):
            gaps = np.isnan(matrix).any(axis=1)
            return np.where(gaps, said_of_gaps, super().predict(np.nan_to_num(matrix)))

    matrix = np.random.default_rng(0).random((50, 3)).astype("float32")
    target = matrix[:, 0]
    graph = export.to_onnx(
        make_pipeline(SimpleImputer(), LinearRegression()).fit(matrix, target), matrix
    )
    monkeypatch.setattr(export, "to_onnx", lambda *_, **__: graph)
    with pytest.raises(ProjectError, match=r"differs from the trained model"):
        export.export(GapsAreSpecial().fit(matrix, target), tmp_path / "model.onnx", matrix)


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


def test_another_split_than_that_of_training_is_not_evaluated_on(project):
    (project / "settings.toml").write_text('data = "table.parquet"\ntest_share = 0.5\n')
    result = run(project, "evaluate")
    assert result.returncode == 1
    assert "test_share has changed since" in result.stderr
    assert "from 0.25 to 0.5" in result.stderr


def test_the_evaluation_is_of_the_model_on_the_test_rows(project, contract):
    data = load("ops.dataset").load(contract, load("ops.settings").settings())
    model = predictor.Predictor(candidate(project))
    predictions = model.predict(load("ops.table").arrays(data.test.frame, contract.inputs))
    measured = load("ops.metrics").measure(data.test.target, predictions, model.metadata)
    found = bundle.read_evaluation(candidate(project))
    assert found["rows"] == len(data.test.target)
    assert found["metrics"]["model"] == pytest.approx(measured, abs=1e-5)
    (value,) = (v for v in found["verdicts"] if v["id"] == "MQ-1" and "better" not in v["what"])
    assert value["measured"] == found["metrics"]["model"][value["what"]]


def test_the_training_rows_and_the_seed_of_the_settings_are_what_is_used(
    project, contract, monkeypatch
):
    used = []

    def spied(build):
        def spy(problem, seed):
            estimator = build(problem, seed)
            fit = estimator.fit
            estimator.fit = lambda x, y: used.append((seed, len(x))) or fit(x, y)
            return estimator

        return spy

    model = load("model")
    for name in ("model", "baseline"):
        monkeypatch.setattr(model, name, spied(getattr(model, name)))
    monkeypatch.setenv("OPS_SEED", "11")
    assert run(project, "train").returncode == 0
    data = load("ops.dataset").load(contract, load("ops.settings").settings())
    assert used == [(11, len(data.train.matrix))] * 2


def test_features_in_another_order_are_refused(project, monkeypatch):
    model = predictor.Predictor(registry.champion(project / "models"))
    features = load("features")
    build = features.build
    monkeypatch.setattr(features, "build", lambda inputs: dict(reversed(build(inputs).items())))
    with pytest.raises(ProjectError, match="but the model was trained on"):
        model.reply(model.golden_rows)


def test_what_nobody_foresaw_is_one_line_too(project, monkeypatch):
    monkeypatch.setattr(load("features"), "build", lambda inputs: 1 / 0)
    result = run(project, "train")
    assert result.returncode == 1
    assert result.stderr.strip().splitlines()[-1].startswith("error: ZeroDivisionError: ")


def test_the_environment_wins_over_the_file(project, monkeypatch):
    (project / "settings.toml").write_text("port = 8100\nseed = 3\n")
    monkeypatch.setenv("OPS_PORT", "9000")
    settings = load("ops.settings").settings()
    assert (settings.port, settings.seed) == (9000, 3)


def test_training_that_is_killed_leaves_no_candidate(project):
    before = registry.latest_run(project / "runs")
    kill_when(start(project, "train"), lambda: list(project.glob("runs/.tmp-*/*")))
    assert registry.latest_run(project / "runs") == before
    assert run(project, "train").returncode == 0
    assert not list(project.glob("runs/.tmp-*")), "the next one tidies up"


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
