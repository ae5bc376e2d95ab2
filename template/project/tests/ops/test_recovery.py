# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Backups come back whole or not at all, and the drill says how long that takes."""

import hashlib
import json
import os
import shutil
from datetime import UTC, datetime, timedelta

import fsspec
import pytest
from conftest import run
from package import load

backups = load("ops.recovery.backups")
drills = load("ops.recovery.drill")
restoring = load("ops.recovery.restoring")
snapshots = load("ops.data.snapshots")
stores = load("ops.data.store")
ProjectError = load("ops.errors").ProjectError
Predictor = load("ops.predictor").Predictor

NOW = datetime(2027, 3, 1, tzinfo=UTC)
KEEP = timedelta(days=90)


def kept(root):
    return snapshots.snapshots(str(root / "data/snapshots"), str(root / "data/quarantine"))


def place(root):
    return stores.store(str(root / "backups"))


def take(root, now=NOW):
    return backups.take(place(root), root / "models", kept(root), now, KEEP)


def contents(root):
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for folder in ("models", "data/snapshots", "data/quarantine")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def lose(root):
    shutil.rmtree(root / "models")
    shutil.rmtree(root / "data", ignore_errors=True)


def test_what_is_lost_comes_back_byte_for_byte(project, monkeypatch):
    monkeypatch.chdir(project)
    before = contents(project)
    assert run(project, "backup").returncode == 0
    lose(project)
    done = run(project, "restore")
    assert done.returncode == 0, done.stderr
    assert contents(project) == before
    Predictor(project / "models/v1")


@pytest.mark.parametrize("where", ["again", "memory://again"])
def test_rows_are_as_old_after_a_restoration_as_before(project, where):
    old = NOW.timestamp()
    for path in (project / "data").rglob("*.parquet"):
        os.utime(path, (old, old))
    _, backup = take(project)
    assert set(backup.written.values()) == {NOW}
    again = snapshots.snapshots(f"{where}/snapshots", f"{where}/quarantine")
    restoring.restore(place(project), backup, project / "others", again)
    assert {time for _, time in again.store.ages(".parquet")} == {NOW}
    name, _ = next(again.store.ages(".parquet"))
    content = again.store.read(name)
    again.store.delete(name)
    again.store.write(name, content)
    assert dict(again.store.ages(".parquet"))[name] != NOW, "it was ingested anew"
    fsspec.filesystem("memory").store.clear()


def test_a_list_without_times_is_of_an_older_release(project):
    name, backup = take(project)
    file = project / f"backups/backups/{name}.json"
    content = json.dumps({**json.loads(file.read_bytes()), "written": None}).replace(
        ', "written": null', ""
    )
    older = hashlib.sha256(content.encode()).hexdigest()
    file.with_name(f"{older}.json").write_text(content, encoding="utf-8")
    lose(project)
    found = backups.read(place(project), older)
    restoring.restore(place(project), found, project / "models", kept(project))
    assert (found.files, found.written) == (backup.files, {})
    assert kept(project).whole(backup.head)


def test_the_drill_reads_what_is_there_and_no_copy_here(project):
    there = stores.store("memory://bucket")
    backups.take(there, project / "models", kept(project), NOW, KEEP)
    assert not list((project / "build").rglob("*.parquet"))
    drills.rehearse(there, NOW)
    files = fsspec.filesystem("memory")
    files.rm("/bucket/objects", recursive=True)
    with pytest.raises(ProjectError, match=r"memory://bucket/objects/.* is missing"):
        drills.rehearse(there, NOW)
    files.store.clear()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"files": {name: "0" * 64}}, name)
        for name in (
            "snapshots/../../../escaped.json",
            "snapshots/manifests/../../escaped.json",
            "quarantine//tmp/escaped.parquet",
            "models/../escaped",
            "models/v1/../../escaped",
            "models/v1//escaped",
            "models/v1/a\\..\\escaped",
            "models/v1/C:/escaped",
            "models/v1",
            "others/v1/model.onnx",
        )
    ]
    + [({"champion": "../v1"}, "../v1"), ({"files": {"models/v1/a": "../x"}}, "../x")],
)
def test_a_list_that_leads_elsewhere_is_refused(project, change, named):
    name, _ = take(project)
    file = project / f"backups/backups/{name}.json"
    content = json.dumps({**json.loads(file.read_bytes()), **change}).encode()
    crafted = hashlib.sha256(content).hexdigest()
    file.with_name(f"{crafted}.json").write_bytes(content)
    (project / "backups/newest").write_text(crafted, encoding="utf-8")
    lose(project)
    for command in ("restore", "drill"):
        refused = run(project, command)
        assert refused.returncode == 1
        assert f"{crafted}.json has {named!r}, which no backup has" in refused.stderr


def test_a_second_backup_keeps_only_what_is_new(project):
    take(project)
    objects = set((project / "backups/objects").iterdir())
    shutil.copytree(project / "models/v1", project / "models/v2")
    (project / "models/v2/note").write_text("new", encoding="utf-8")
    take(project)
    assert len(set((project / "backups/objects").iterdir()) - objects) == 1


def test_nothing_that_is_there_is_overwritten(project):
    _, backup = take(project)
    with pytest.raises(ProjectError, match="holds models already"):
        restoring.restore(place(project), backup, project / "models", kept(project))
    shutil.rmtree(project / "models")
    (project / "data/snapshots/head").write_text(f"{'0' * 64}\n", encoding="utf-8")
    (project / f"data/snapshots/manifests/{'0' * 64}.json").touch()
    with pytest.raises(ProjectError, match="move the snapshots away"):
        restoring.restore(place(project), backup, project / "models", kept(project))


def test_a_damaged_or_missing_object_is_named_and_nothing_serves(project):
    _, backup = take(project)
    lose(project)
    name = "models/v1/model.onnx"
    file = project / "backups/objects" / backup.files[name]
    sound = file.read_bytes()
    file.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    with pytest.raises(ProjectError, match=f"is damaged, which holds {name}"):
        restoring.restore(place(project), backup, project / "models", kept(project))
    file.unlink()
    with pytest.raises(ProjectError, match=f"is missing, which holds {name}"):
        restoring.restore(place(project), backup, project / "models", kept(project))
    assert not (project / "models/champion").exists()
    # Mended, the restoration goes on where it was.
    file.write_bytes(sound)
    restoring.restore(place(project), backup, project / "models", kept(project))
    Predictor(project / "models/v1")


def test_an_edited_list_is_refused(project):
    name, _ = take(project)
    file = project / f"backups/backups/{name}.json"
    file.write_text(file.read_text(encoding="utf-8").replace("v1", "v2"), encoding="utf-8")
    with pytest.raises(ProjectError, match="is not what was written"):
        backups.read(place(project), name)


def test_a_backup_that_was_interrupted_leaves_the_one_before(project, monkeypatch):
    first, _ = take(project)
    (project / "models/v1/note").write_text("new", encoding="utf-8")
    written = []

    def stop(self, name, content):
        written.append(name)
        raise OSError(28, "No space left on device", name)

    with monkeypatch.context() as patched:
        patched.setattr(stores.Local, "write", stop)
        with pytest.raises(OSError, match="No space left"):
            take(project)
    assert written
    assert backups.newest(place(project)) == first
    second, _ = take(project)
    assert backups.newest(place(project)) == second


def test_what_is_too_old_goes_and_takes_only_its_own_objects_along(project):
    extra = project / "models/v1/note"
    extra.write_text("of the first", encoding="utf-8")
    first, old = take(project, NOW - timedelta(days=91))
    extra.unlink()
    second, _ = take(project, NOW)
    assert backups.newest(place(project)) == second
    with pytest.raises(ProjectError, match="there is no backup"):
        backups.read(place(project), first)
    assert not (project / "backups/objects" / old.files["models/v1/note"]).exists()
    drills.rehearse(place(project), NOW)


def test_the_drill_measures_and_compares_with_the_contract(project, monkeypatch):
    monkeypatch.chdir(project)
    take(project)
    drill = drills.rehearse(place(project), NOW + timedelta(hours=2))
    assert drill.rpo_seconds == 7200
    assert drill.rto_seconds > 0
    assert drill.model == Predictor(project / "models/v1").metadata.digest
    assert drills.missed(drill) == []  # of a contract that promises nothing
    take(project, NOW + timedelta(hours=30))
    drill = drills.rehearse(place(project), NOW + timedelta(hours=31))
    assert drill.rpo_seconds == 30 * 3600, "the longest time without a backup"
    contract = project / "kpi-contract.yaml"
    text = contract.read_text(encoding="utf-8")
    promise = "nonfunctional: {recovery: {rto: PT30M, rpo: PT1H}, slos:"
    assert "nonfunctional: {slos:" in text
    contract.write_text(text.replace("nonfunctional: {slos:", promise), encoding="utf-8")
    assert drills.missed(drill) == ["rpo: 108,000 s, of 3,600 s"]


def test_the_command_leaves_evidence_and_fails_on_a_missed_promise(project, monkeypatch):
    monkeypatch.chdir(project)
    assert "run backup first" in run(project, "drill").stderr
    take(project)  # long ago, or to come: its age is compared as it is
    assert run(project, "drill").returncode == 0
    envelope = json.loads((project / "readiness/evidence/drill.json").read_text(encoding="utf-8"))
    assert envelope["checks"] == ["INF-08"]
    assert envelope["values"]["missed"] == []
