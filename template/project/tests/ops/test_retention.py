# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""What is due is deleted, all of it and nothing else, however often one begins."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import PurePath

import fsspec
import pytest
from conftest import PERSONAL, any_gate, run, write_gates
from ingesting import CONTRACT, SETTINGS, deliver, small
from package import load

retention = load("ops.data.retention")
snapshots = load("ops.data.snapshots").snapshots
ProjectError = load("ops.errors").ProjectError
SLA = "slaProperties:\n  - {property: retention, value: 30, unit: d}\n"
DAY = 86_400


@pytest.fixture
def project(tmp_path):
    """Three files were ingested, one of them 100 days ago, each with a row in quarantine."""
    root = small(tmp_path / "p")
    (root / "data-contract.yaml").write_text(CONTRACT + SLA, encoding="utf-8")
    write_gates(root, f"[{any_gate()}]")
    text = (root / "kpi-contract.yaml").read_text(encoding="utf-8").replace(PERSONAL, "")
    said = "classification: internal, personal_data: false, retention: {predictions: P60D}"
    (root / "kpi-contract.yaml").write_text(f"{text}privacy: {{{said}}}\n", encoding="utf-8")
    for number, name in enumerate(("a.csv", "b.csv", "c.csv")):
        deliver(root, name, range(number * 40, number * 40 + 40), x=1e9)
        assert run(root, "ingest").returncode == 0
        if name == "a.csv":
            for path in (root / "data").rglob("*.parquet"):
                os.utime(path, (path.stat().st_mtime - 100 * DAY,) * 2)
    return root


def files(root):
    return {path.relative_to(root) for path in root.rglob("*") if path.is_file() and path.suffix}


def kept(root):
    return snapshots(str(root / "data/snapshots"), str(root / "data/quarantine"))


def test_exactly_what_is_due_goes_and_the_snapshot_says_why(project):
    before = files(project)
    told = run(project, "retain")
    assert told.returncode == 0, told.stderr
    assert told.stdout.count(": due\n") == 2
    assert files(project) == before, "without --apply nothing changes"

    done = run(project, "retain", "--apply")

    assert done.stdout.count(": deleted\n") == 2
    gone = before - files(project)
    assert sorted(path.parts[1] for path in gone) == ["quarantine", "snapshots"]
    store = kept(project)
    manifest = store.read(store.head())
    assert {path.stem for path in gone} == set(manifest.erased)
    assert set(manifest.erased.values()) == {"retention"}
    assert manifest.rows == store.frame(manifest.parts).collect().height == 2 * 39
    assert {part.item for part in manifest.parts} == {"b.csv", "c.csv"}
    again = files(project)
    assert run(project, "retain", "--apply").stdout.startswith("0 deleted")
    assert files(project) == again
    assert "nothing new" in run(project, "ingest").stdout, "what was deleted does not come back"


def test_object_storage_loses_the_same_and_no_copy_of_it_stays_here(project):
    files, there = fsspec.filesystem("memory"), "memory://bucket"
    places = f'snapshots = "{there}/snapshots"\nquarantine = "{there}/quarantine"\n'
    (project / "settings.toml").write_text(places + SETTINGS, encoding="utf-8")
    (project / "incoming/c.csv").unlink()
    assert run(project, "ingest").returncode == 0
    for object_ in files.store.values():
        object_.modified -= timedelta(days=100)
    deliver(project, "d.csv", range(160, 200), x=1e9)
    assert run(project, "ingest").returncode == 0
    (project / "build/parts/of-another-machine.parquet").touch()
    os.utime(project / "build/parts/of-another-machine.parquet", (1, 1))

    done = run(project, "retain", "--apply")

    assert done.stdout.count(": deleted\n") == 4, done.stderr
    store = snapshots(f"{there}/snapshots", f"{there}/quarantine")
    manifest = store.read(store.head())
    kept_still = {part.sha256 for part in (*manifest.parts, *manifest.quarantined)}
    assert len(kept_still) == 2
    assert {PurePath(name).stem for name in files.store if name.endswith("parquet")} == kept_still
    assert {copy.stem for copy in (project / "build/parts").glob("*.parquet")} == kept_still
    files.store.clear()


def test_the_day_decides(project):
    today = datetime.now(UTC)

    def due(days):
        day = datetime.fromtimestamp(today.timestamp() + days * DAY, UTC)
        return run(project, "retain", "--as-of", f"{day:%Y-%m-%d}").stdout.count(": due\n")

    assert [due(days) for days in (-75, -60, 0, 28, 31)] == [0, 2, 2, 2, 6]
    assert "write a day" in run(project, "retain", "--as-of", "soon").stderr


@pytest.mark.parametrize("after", ["commit", "first file"])
def test_what_was_interrupted_is_finished(project, monkeypatch, after):
    local = load("ops.data.store").Local
    delete, calls = local.delete, []

    def one(self, name):
        if calls or after == "commit":
            raise OSError(5, "the disk is gone")
        calls.append(name)
        delete(self, name)

    with monkeypatch.context() as patch:
        patch.setattr(local, "delete", one)
        assert "the disk is gone" in run(project, "retain", "--apply").stderr

    assert run(project, "retain", "--apply").returncode == 0
    store = kept(project)
    manifest = store.read(store.head())
    there = {path.stem for path in files(project) if path.suffix == ".parquet"}
    assert there == {part.sha256 for part in (*manifest.parts, *manifest.quarantined)}
    assert len(manifest.erased) == 2


def test_the_champion_keeps_what_it_stands_on_and_that_is_said(project, learned, monkeypatch):
    store = kept(project)
    metadata = load("ops.bundle").read_metadata(learned / "models/v1")
    made_from = {**metadata.made_from, "snapshot": store.head()}
    (project / "models/v1").mkdir(parents=True)
    (project / "models/champion").write_text("v1\n", encoding="utf-8")
    monkeypatch.setattr(
        load("ops.bundle"),
        "read_metadata",
        lambda _: metadata.model_copy(update={"made_from": made_from}),
    )

    done = run(project, "retain", "--apply")

    assert done.stdout.count("kept: the champion v1 was made from it") == 1
    assert done.stdout.count(": deleted\n") == 1, "quarantine is no part of it"
    assert store.frame(store.read(store.head()).parts).collect().height == 3 * 39


def test_candidates_go_by_the_period_of_predictions_but_for_the_newest(project):
    names = ("20200101T000000.000000Z", "20200102T000000.000000Z", "20200103T000000.000000Z")
    for name in names:
        (project / "runs" / name / "evaluation").mkdir(parents=True)

    done = run(project, "retain", "--apply")

    assert done.returncode == 0, done.stderr
    assert [path.name for path in (project / "runs").iterdir()] == [names[-1]]
    assert f"candidate {names[-1]}, of 2020-01-03: kept: it is the newest candidate" in done.stdout


@pytest.mark.parametrize(
    "wrong", ["value: soon, unit: d", "value: 0, unit: d", "value: 1, unit: fortnight"]
)
def test_a_period_that_is_none_is_named(project, wrong):
    file = project / "data-contract.yaml"
    file.write_text(CONTRACT + SLA.replace("value: 30, unit: d", wrong), encoding="utf-8")
    refused = run(project, "retain")
    assert refused.returncode == 1
    assert "slaProperties[0]" in refused.stderr
