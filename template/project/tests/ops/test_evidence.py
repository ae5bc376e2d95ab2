# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""What a run leaves for the audit."""

import json
import subprocess

import pytest
from conftest import any_gate, run, write_gates
from package import load

evidence = load("ops.evidence")
files = load("ops.files")

GIT = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@plant.eu")


@pytest.fixture
def alone(project, monkeypatch):
    """A project that no repository contains, on no CI."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    for name in ("GITHUB_ACTIONS", "CI_JOB_URL", "GIT_DIR", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    return project


def left(project, name="evaluate"):
    return json.loads((project / f"readiness/evidence/{name}.json").read_text(encoding="utf-8"))


def commit(project):
    (project / ".gitignore").write_text("/runs/\n/models/\n", encoding="utf-8")
    for command in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "-m", "Start")):
        subprocess.run([*GIT, *command], cwd=project, check=True)
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=project, capture_output=True, text=True)
    return done.stdout.strip()


def test_evaluate_names_what_it_measured_and_with_what(alone):
    assert run(alone, "evaluate").returncode == 0
    found = left(alone)
    assert found["checks"] == ["MDL-02"]
    assert found["produced_by"]["command"].endswith(" evaluate")
    assert set(found["subject"]) == {"model", "evaluation", "predictions"}
    read = {file["path"] for file in found["inputs"]}
    assert {"kpi-contract.yaml", "data-contract.yaml", "settings.toml"} <= read
    assert any(path.startswith("data/snapshots/manifests/") for path in read)
    for file in (*found["inputs"], *found["subject"].values()):
        assert files.sha256(alone / file["path"]) == file["sha256"]
    assert found["values"]["failed"] == []
    assert found["started"] <= found["finished"]


def test_a_failed_gate_is_evidence_too(alone):
    write_gates(alone, f"[{any_gate('MQ-9', '1.0e+9')}]")
    assert run(alone, "evaluate").returncode == 1
    assert left(alone)["values"]["failed"]


def test_score_measures_the_deadlines_of_the_contract(alone):
    promise = "limits: [{id: NF-9, kind: batch_seconds, value: %s}]"
    for seconds, verdict in ((14_400, "kept"), (0.001, "missed")):
        file = alone / "kpi-contract.yaml"
        before, _, after = file.read_text(encoding="utf-8").partition("nonfunctional:")
        after = after.partition("\n")[2]
        file.write_text(
            f"{before}nonfunctional: {{{promise % seconds}}}\n{after}", encoding="utf-8"
        )
        result = run(alone, "score", "table.parquet", "scored.parquet")
        assert result.returncode == 0, result.stderr  # the file is whole, even if it is late
        assert f"NF-9 {verdict}: " in result.stdout
        found = left(alone, "score")
        assert found["checks"] == ["KPI-04"]
        assert found["subject"]["model"]["path"].startswith("models/v1/")
        assert "table.parquet" in {file["path"] for file in found["inputs"]}
        assert found["values"]["rows"] == 3_000
        assert 0.001 < found["values"]["NF-9"] < 600
        assert found["values"]["missed"] == (["NF-9"] if verdict == "missed" else [])


@pytest.mark.parametrize("text", [None, "apiVersion: none\n"])
def test_without_a_contract_that_holds_score_works_and_leaves_nothing(alone, text):
    file = alone / "kpi-contract.yaml"
    file.write_text(text, encoding="utf-8") if text else file.unlink()
    assert run(alone, "score", "table.parquet", "scored.parquet").returncode == 0
    assert not (alone / "readiness/evidence/score.json").exists()


def test_without_git_nothing_says_which_code_ran(alone):
    run(alone, "evaluate")
    assert (left(alone)["git_sha"], left(alone)["dirty"]) == (None, True)


def test_a_machine_without_git_leaves_evidence_too(alone, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert run(alone, "evaluate").returncode == 0
    assert left(alone)["git_sha"] is None


def test_the_commit_is_named_and_evidence_itself_is_no_change(alone):
    head = commit(alone)
    for _ in range(2):
        assert run(alone, "evaluate").returncode == 0
        assert (left(alone)["git_sha"], left(alone)["dirty"]) == (head, False)
    (alone / "new.py").touch()
    run(alone, "evaluate")
    assert (left(alone)["git_sha"], left(alone)["dirty"]) == (head, True)


def test_a_file_outside_the_project_is_no_path_to_check(alone, tmp_path, monkeypatch):
    (alone / "table.parquet").rename(tmp_path / "elsewhere.parquet")
    begun = evidence.begin("evaluate")
    begun.record("outside", [], inputs=[tmp_path / "elsewhere.parquet"], subject={}, values={})
    found = left(alone, "outside")
    assert found["env"]["outside the project: elsewhere.parquet"]
    assert str(tmp_path) not in json.dumps(found)


def test_the_run_of_a_ci_is_named(alone, monkeypatch):
    evidence.begin("x").record("x", [], inputs=[], subject={}, values={})
    assert left(alone, "x")["ci"] is None
    for name, value in {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "plant/pumps",
        "GITHUB_RUN_ID": "7",
        "GITHUB_ACTOR": "ada",
    }.items():
        monkeypatch.setenv(name, value)
    evidence.begin("x").record("x", [], inputs=[], subject={}, values={})
    url = "https://github.com/plant/pumps/actions/runs/7"
    assert left(alone, "x")["ci"] == {"run_url": url, "actor": "ada"}


@pytest.mark.parametrize(
    ("built", "known"),
    [("1a2b", ("1a2b", False)), ("1a2b-modified", ("1a2b", True)), ("", (None, None))],
)
def test_an_image_knows_what_it_was_built_from(tmp_path, monkeypatch, built, known):
    monkeypatch.chdir(tmp_path)  # where no git is
    monkeypatch.setenv("OPS_COMMIT", built)
    assert load("ops.checkout").commit() == known
