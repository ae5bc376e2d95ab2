# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Lineage leads from a model to its sources, and a flipped byte anywhere on the way is found."""

import json
import subprocess

import numpy as np
import polars as pl
import pytest
from conftest import run
from package import load

GIT = ("git", "-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")


@pytest.fixture
def chained(project, contract):
    """A project with a row in quarantine, a second snapshot, and a model of that."""
    needed = next(column.name for column in contract.columns if column.required)
    holes = pl.when(pl.int_range(pl.len()) > 0).then(pl.col(needed)).alias(needed)
    table = pl.read_parquet(project / "table.parquet").with_columns(holes)
    table.write_parquet(project / "table.parquet")
    for command in ("train", "evaluate", "register"):
        result = run(project, command)
        assert result.returncode == 0, result.stderr
    return project


def lines(project, model="champion"):
    result = run(project, "lineage", model)
    return result.returncode, result.stdout


def test_it_prints_the_chain_from_the_model_to_the_source(chained):
    status, said = lines(chained)
    assert status == 0, said
    kinds = [line.split()[1] for line in said.splitlines()[:-1]]
    assert {"alias", "model", "evaluation", "code", "configuration", "snapshot"} < set(kinds)
    assert {"head", "parent", "part", "quarantine", "source"} < set(kinds)
    order = [kinds.index(kind) for kind in ("model", "code", "snapshot", "source", "parent")]
    assert order == sorted(order)
    assert said.splitlines()[-1].endswith(" links, all whole")


def kept(project):
    folders = ("models/v2", "data/snapshots", "data/quarantine")
    found = [file for folder in folders for file in (project / folder).rglob("*")]
    wanted = [file for file in found if file.is_file() and file.name != ".lock"]
    return [*wanted, project / "models/champion"]


def test_a_flipped_byte_in_any_file_is_found(chained):
    chance = np.random.default_rng(6)
    everything = kept(chained)
    assert len(everything) > 12
    for file in everything:
        content = file.read_bytes()
        spots = {0, len(content) - 1, len(content) // 2, int(chance.integers(len(content)))}
        for spot in spots:
            flipped = bytearray(content)
            flipped[spot] ^= 1 << int(chance.integers(8))
            file.write_bytes(flipped)
            status, said = lines(chained, "v2")
            assert status == 1, (file, spot, said)
            assert "BROKEN" in said or "error" in said
        file.write_bytes(content)
    assert lines(chained, "v2")[0] == 0


def test_a_file_that_is_gone_is_found(chained):
    for file in kept(chained):
        content = file.read_bytes()
        file.unlink()
        status, said = lines(chained, "v2")
        assert status == 1 or file.name in ("head", "champion"), (file, said)
        file.write_bytes(content)


def test_what_became_of_the_sources_is_said_and_breaks_nothing(chained):
    (chained / "table.parquet").write_bytes(b"other")
    status, said = lines(chained)
    assert (status, "it changed since" in said) == (0, True)
    (chained / "table.parquet").unlink()
    status, said = lines(chained)
    assert (status, "it is not there any more" in said) == (0, True)


def commit(project):
    (project / ".gitignore").write_text("/runs/\n/models/\n/data/\n/build/\n", encoding="utf-8")
    for command in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "-m", "Start")):
        subprocess.run([*GIT, *command], cwd=project, check=True)


def test_configuration_is_compared_with_the_commit_that_trained(project):
    commit(project)
    assert run(project, "train").returncode == 0
    model = candidate_of_today(project)
    assert "ok" in line(project, model, "code")
    (project / "settings.toml").write_text('data = "table.parquet"\nseed = 8\n')
    assert line(project, model, "configuration settings.toml").startswith("ok")
    document = json.loads((project / model / "model.json").read_bytes())
    document["made_from"]["settings_sha256"] = "0" * 64
    (project / model / "model.json").write_text(json.dumps(document))
    load("ops.bundle").seal(project / model)
    found = line(project, model, "configuration settings.toml")
    assert found.startswith("BROKEN")
    assert "it is not what commit" in found


def candidate_of_today(project):
    return max((project / "runs").glob("[0-9]*")).relative_to(project).as_posix()


def line(project, model, what):
    said = lines(project, model)[1]
    (found,) = [line for line in said.splitlines() if f" {what} " in line]
    return found
