# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Ingestion that is killed anywhere and run again brings every row once; nothing hurts it."""

import fcntl
import shutil
import signal
import threading

import numpy as np
import pytest
from conftest import run
from ingesting import deliver, hours, ingest, manifest, quarantined, small, table
from killing import Ingests
from package import load

WANTED = [*range(100, 110), *range(1, 40), *range(40, 70)]


@pytest.fixture(scope="module")
def ingests():
    with Ingests() as running:
        yield running


@pytest.fixture(scope="module")
def half_done(tmp_path_factory):
    """A project with a snapshot, and files that are new since: one of them has a bad row."""
    directory = small(tmp_path_factory.mktemp("plants") / "half")
    deliver(directory, "0.csv", range(100, 110))
    ingest(directory)
    deliver(directory, "a.csv", range(0, 40), x=-1)
    deliver(directory, "b.csv", range(40, 70))
    return directory


@pytest.fixture(scope="module")
def done(half_done, tmp_path_factory):
    """It, ingested without any accident."""
    directory = tmp_path_factory.mktemp("plants") / "done"
    shutil.copytree(half_done, directory)
    ingest(directory)
    assert hours(table(directory)) == WANTED
    return directory


def recovered(directory, done, ingests):
    """Run it again, and compare with what no accident gives."""
    ((status, _),) = ingests(directory)
    assert status == 0
    assert manifest(directory).id == manifest(done).id
    assert hours(table(directory)) == WANTED
    assert quarantined(directory).equals(quarantined(done))
    assert not list(directory.rglob(".tmp-*"))


def copy(half_done, tmp_path, name):
    directory = tmp_path / str(name)
    shutil.copytree(half_done, directory)
    return directory


def counted(half_done, tmp_path, ingests):
    ((status, seen),) = ingests(copy(half_done, tmp_path, "counted"), line=-1)
    assert status == 0
    return seen


def test_killed_at_twenty_random_points_no_row_is_lost_and_none_is_there_twice(
    half_done, done, ingests, tmp_path
):
    lines = counted(half_done, tmp_path, ingests)["line"]
    assert lines > 200
    chance = np.random.default_rng(20)
    heads = set()
    for point in (1 + chance.choice(lines, 20, replace=False)).tolist():
        directory = copy(half_done, tmp_path, point)
        assert ingests(directory, line=point)[0][0] == -signal.SIGKILL
        heads.add(manifest(directory).id)
        recovered(directory, done, ingests)
    assert heads == {manifest(half_done).id, manifest(done).id}, "before and after the head"


def test_killed_before_a_file_operation(half_done, done, ingests, tmp_path):
    events = counted(half_done, tmp_path, ingests)["event"]
    assert events > 30
    for point in range(1, events + 1, 8):
        directory = copy(half_done, tmp_path, point)
        assert ingests(directory, event=point)[0][0] == -signal.SIGKILL
        recovered(directory, done, ingests)


def test_killed_in_the_middle_of_any_write(half_done, done, ingests, tmp_path):
    writes = counted(half_done, tmp_path, ingests)["write"]
    assert writes == 5, "two parts, one in quarantine, the manifest, the head"
    for point in range(1, writes + 1):
        directory = copy(half_done, tmp_path, point)
        assert ingests(directory, write=point)[0][0] == -signal.SIGKILL
        assert manifest(directory).id == manifest(half_done).id
        recovered(directory, done, ingests)


def test_killed_again_and_again_on_the_way(half_done, done, ingests, tmp_path):
    directory = copy(half_done, tmp_path, "often")
    for point in (30, 10, 60, 90, 20, 120):
        ingests(directory, line=point)
    recovered(directory, done, ingests)


def test_two_at_once_give_one_result(half_done, done, ingests, tmp_path):
    directory = copy(half_done, tmp_path, "both")
    assert [status for status, _ in ingests(directory, directory, directory)] == [0, 0, 0]
    recovered(directory, done, ingests)
    assert len(list((directory / "data/snapshots/manifests").iterdir())) == 2


def test_one_waits_for_the_other(half_done, tmp_path):
    directory = copy(half_done, tmp_path, "waiting")
    said = []
    with (directory / "data/snapshots/.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        other = threading.Thread(target=lambda: said.append(run(directory, "ingest")))
        other.start()
        other.join(0.5)
        assert other.is_alive()
        before = manifest(directory).id
    other.join()
    assert manifest(directory).id != before
    assert "Another ingest is running" in said[0].stderr


def test_one_that_was_overtaken_begins_again(half_done, done, tmp_path, monkeypatch):
    directory = copy(half_done, tmp_path, "overtaken")
    snapshots = load("ops.data.snapshots").Snapshots
    commit, tries = snapshots.commit, []

    def late(self, new, before):
        if not tries:  # another writer, which has no lock in object storage
            shutil.copytree(done / "data", directory / "data", dirs_exist_ok=True)
        tries.append(before)
        return commit(self, new, before)

    monkeypatch.setattr(snapshots, "commit", late)
    assert "nothing new" in ingest(directory).stdout
    assert len(tries) == 1
    assert manifest(directory).id == manifest(done).id


@pytest.mark.parametrize("limit", [200, 1000])
def test_a_full_disk_is_one_clear_error_and_loses_nothing(
    half_done, done, ingests, tmp_path, limit
):
    directory = copy(half_done, tmp_path, limit)
    ((status, _),) = ingests(directory, limit=limit, log=str(tmp_path / "log"))
    said = (tmp_path / "log").read_text(encoding="utf-8").strip().splitlines()
    assert status == 1
    assert said[-1].startswith("error: data/"), said
    assert not any("Traceback" in line for line in said)
    assert manifest(directory).id == manifest(half_done).id
    recovered(directory, done, ingests)


def test_a_place_that_cannot_be_is_one_clear_error(half_done, tmp_path):
    directory = copy(half_done, tmp_path, "no-folder")
    text = (directory / "settings.toml").read_text(encoding="utf-8")
    (directory / "settings.toml").write_text(f'quarantine = "settings.toml/x"\n{text}')
    result = run(directory, "ingest")
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("error: settings.toml/x")
    assert manifest(directory).id == manifest(half_done).id
