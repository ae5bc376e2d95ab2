"""Snapshots on a real S3-compatible server, and rows of a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from projects import Project
from tools import require_tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.xdist_group("default")

STORES = Path(__file__).parent / "stores.txt"
SETTINGS = """
snapshots = "s3://plant/snapshots"
quarantine = "s3://plant/quarantine"
backups = "s3://plant/backups"
label_horizon_hours = 168

[sources.sensors]
location = "s3://plant/incoming/*.parquet"
"""
BAD = """
import polars, sys
row = polars.read_parquet(sys.argv[1]).head(1)
row.select(polars.all().cast(polars.String) + "?").write_parquet(sys.argv[2])
"""
POSTGRES = '''
"""Rows of PostgreSQL, with types and times of its own."""

import os

import sqlalchemy as sa
from conftest import run
from ingesting import hours, ingest, manifest, quarantined, small, table

SETTINGS = """
max_rejected_share = 0.5
[sources.plant]
url_env = "PLANT_DB"
table = "works.readings"
watermark = "changed"
"""


def test_postgres(tmp_path, monkeypatch):
    engine = sa.create_engine(os.environ["PLANT_DB"])

    def execute(statement):
        with engine.begin() as connection:
            connection.execute(sa.text(statement))

    def insert(first, last, x="h"):
        execute(
            "INSERT INTO works.readings SELECT 'm1', timestamptz '2026-03-01T01:00+01' +"
            f" h * interval '1 hour', {x}, h % 2 = 1, timestamp '2026-03-01T00:00' + h * interval"
            f" '1 hour 3.5 seconds' FROM generate_series({first}, {last}) h"
        )

    execute("CREATE SCHEMA works")
    execute(
        "CREATE TABLE works.readings (machine varchar, time timestamptz, x numeric(9, 3),"
        " y boolean, changed timestamp)"
    )
    plant = small(tmp_path / "plant", SETTINGS)
    insert(0, 49)
    ingest(plant)
    assert hours(table(plant)) == [*range(50)]
    assert table(plant)["x"].to_list() == [float(h) for h in range(50)]
    assert table(plant)["y"].to_list() == [h % 2 == 1 for h in range(50)]
    assert "nothing new" in ingest(plant).stdout
    insert(50, 59)
    insert(60, 61, "-h")
    ingest(plant)
    assert hours(table(plant)) == [*range(60)]
    assert quarantined(plant)["x"].to_list() == ["-60.000", "-61.000"]
    assert manifest(plant).counts.rows_in == 12
    before = manifest(plant).id
    assert "nothing new" in ingest(plant).stdout
    assert manifest(plant).id == before
    engine.dispose()

    monkeypatch.setenv("PLANT_DB", "postgresql+psycopg://plant:hidden@127.0.0.1:1/postgres")
    result = run(plant, "ingest")
    assert result.returncode == 1
    assert "error: works.readings of the source plant: " in result.stderr.splitlines()[-1]
    assert "hidden" not in result.stderr
'''


@pytest.fixture
def extended(
    generated: Callable[[str], Project], copy_of: Callable[[Project], Project]
) -> Iterator[Project]:
    """A project with the packages that a team would add, apart from those it shares."""
    default = generated("default")
    default.make("data/readings.parquet")
    project = copy_of(default)
    extra = project.root / "extra"
    done = project(
        require_tool("uv"),
        *("pip", "install", "--quiet", "--python", str(project.root / ".venv/bin/python")),
        *("--require-hashes", "--target", str(extra), "--requirements", str(STORES)),
    )
    assert done.returncode == 0, done.stdout
    path = os.pathsep.join([str(project.root / "src"), str(extra)])
    yield Project(project.root, {**project.environment, "PYTHONPATH": path})
    shutil.rmtree(extra)


@contextmanager
def s3(folder: Path) -> Iterator[dict[str, str]]:
    """Serve the folders in `folder` as buckets; yield the variables that lead there."""
    port = free_port()
    server = subprocess.Popen(
        [
            *(require_tool("rclone"), "--config", os.devnull, "serve", "s3", str(folder)),
            *("--auth-key", "KEYID,SECRET", "--addr", f"127.0.0.1:{port}"),
        ],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait(lambda: connects(port), server)
        yield {
            "AWS_ACCESS_KEY_ID": "KEYID",
            "AWS_SECRET_ACCESS_KEY": "SECRET",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        }
    finally:
        server.terminate()
        server.wait()


@contextmanager
def postgres() -> Iterator[str]:
    """Start a server that forgets everything; yield its URL."""
    places = map(str, Path("/usr/lib/postgresql").glob("*/bin"))
    os.environ["PATH"] = os.pathsep.join([os.environ["PATH"], *places])
    initdb, server = require_tool("initdb"), require_tool("postgres")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="postgres-") as home:
        user = None
        if os.geteuid() == 0:  # which it refuses to run as
            user = "nobody"
            shutil.chown(home, user)
        options = ("-D", f"{home}/data")
        made = ("-U", "plant", "--auth=trust", "--no-sync")
        subprocess.run(
            [initdb, *options, *made], check=True, capture_output=True, user=user, cwd=home
        )
        off = ("-c", "unix_socket_directories=", "-c", "fsync=off")
        running = subprocess.Popen(
            [server, *options, "-p", str(port), "-h", "127.0.0.1", *off],
            user=user,
            cwd=home,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait(lambda: connects(port), running)
            yield f"postgresql+psycopg://plant@127.0.0.1:{port}/postgres"
        finally:
            running.terminate()
            running.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def connects(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def wait(ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    while not ready():
        assert process.poll() is None, process.args
        time.sleep(0.02)


def test_snapshots_in_s3_are_trained_on_and_verified(extended: Project, tmp_path: Path) -> None:
    bucket = tmp_path / "s3/plant"
    (bucket / "incoming").mkdir(parents=True)
    data = extended.root / "data"
    (data / "readings.parquet").rename(bucket / "incoming/a.parquet")
    shutil.rmtree(data)
    done = extended(
        *(str(extended.root / ".venv/bin/python"), "-c", BAD),
        *(str(bucket / "incoming/a.parquet"), str(bucket / "incoming/b.parquet")),
    )
    assert done.returncode == 0, done.stdout
    (extended.root / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    with s3(tmp_path / "s3") as variables:
        plant = Project(extended.root, {**extended.environment, **variables})
        with subprocess.Popen(
            [str(plant.root / ".venv/bin/python"), "-m", plant.package, "ingest"],
            cwd=plant.root,
            env=plant.environment,
            stderr=subprocess.DEVNULL,
        ) as killed:
            wait((bucket / "snapshots/parts").exists, killed)
            killed.kill()
        assert not (bucket / "snapshots/head").exists()
        run(plant, "ingest")
        assert "nothing new" in run(plant, "ingest")
        for command in ("train", "evaluate", "register"):
            run(plant, command)
        assert not data.exists(), "nothing is kept here but copies, in build/"
        assert "all whole" in run(plant, "lineage")
        run(plant, "backup")

    (rejected,) = (bucket / "quarantine").iterdir()
    for lost in ("snapshots", "quarantine"):
        shutil.rmtree(bucket / lost)
    for lost in ("models", "build/parts"):
        shutil.rmtree(extended.root / lost)
    with s3(tmp_path / "s3") as variables:  # another server, which knows that they are gone
        plant = Project(extended.root, {**extended.environment, **variables})
        run(plant, "drill")
        run(plant, "restore")
        assert rejected.is_file()
        assert "all whole" in run(plant, "lineage")

    shutil.rmtree(bucket / "backups/objects")
    with s3(tmp_path / "s3") as variables:
        plant = Project(extended.root, {**extended.environment, **variables})
        assert "is missing" in run(plant, "drill", status=1)


def run(project: Project, *command: str, status: int = 0) -> str:
    done = project.command(*command)
    assert done.returncode == status, done.stdout
    return done.stdout


def test_rows_of_postgres_are_read_once(extended: Project) -> None:
    (extended.root / "tests/ops/test_postgres.py").write_text(POSTGRES, encoding="utf-8")
    with postgres() as url:
        plant = Project(extended.root, {**extended.environment, "PLANT_DB": url})
        tested = plant(str(plant.root / ".venv/bin/pytest"), "-q", "tests/ops/test_postgres.py")
        assert tested.returncode == 0, tested.stdout
