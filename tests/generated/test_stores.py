"""Snapshots on a real S3-compatible server, and rows of a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from projects import Project
from servers import postgres, s3, wait
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

        (part,) = (bucket / "snapshots/parts").iterdir()
        content = part.read_bytes()
        part.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        said = run(plant, "lineage", status=1)
        assert f"BROKEN     part s3://plant/snapshots/parts/{part.name}" in said
        part.write_bytes(content)
        (manifest,) = (bucket / "snapshots/manifests").iterdir()
        whole = manifest.read_bytes()
        manifest.write_bytes(whole.replace(b'"rows"', b'"rowS"'))
        assert "BROKEN   snapshot s3://plant" in run(plant, "lineage", status=1)
        manifest.write_bytes(whole)

        wrong = {**plant.environment, "AWS_SECRET_ACCESS_KEY": "WRONG"}
        refused = Project(plant.root, wrong).command("ingest")
        assert refused.returncode == 1
        assert "error: s3://plant/" in refused.stdout.splitlines()[-1]
        assert "Traceback" not in refused.stdout
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
