# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""A table in parts: nothing lost, nothing twice, whoever does it and whatever happens to them."""

import json
import os
import pkgutil
import shutil
import signal
import time

import polars as pl
import pytest
from conftest import as_they_are, run, start
from package import load

ENGINES = [module.name for module in pkgutil.iter_modules(load("ops.data.engines").__path__)]
ROWS = 500


@pytest.fixture
def parts(project, table, monkeypatch):
    """The table as a directory of six files, one of them CSV; workers: this process alone."""
    monkeypatch.setenv("OPS_ENGINE", "single")
    monkeypatch.setenv("OPS_WORKERS", "1")
    source = project / "parts"
    (source / "more").mkdir(parents=True)
    for number in range(5):
        table.slice(number * ROWS, ROWS).write_parquet(source / f"{number}.parquet")
    table.slice(5 * ROWS, ROWS).write_csv(source / "more" / "5.csv")
    return source


def score(project, *arguments):
    result = run(project, "score", "parts", "out", *arguments)
    assert result.returncode == 0, result.stderr
    return files(project / "out")


def files(output):
    """What readers find."""
    return {
        path.relative_to(output).as_posix(): path.read_bytes()
        for path in sorted(output.rglob("*"))
        if path.is_file() and ".tmp" not in path.parts
    }


def refusal(project, *arguments):
    result = run(project, *arguments)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1 or "partitions" in result.stderr
    return result.stderr


def spoil(path, column, value):
    """Give a column a wrong value in the tenth row."""
    frame = pl.read_parquet(path).with_row_index("row")
    wrong = pl.when(pl.col("row") == 9).then(value).otherwise(pl.col(column)).alias(column)
    frame.with_columns(wrong).drop("row").write_parquet(path)


def number_of(contract):
    return next(column.name for column in contract.inputs if column.kind == "number")


def test_every_row_is_scored_once_as_in_one_file(project, parts, table):
    score(project)
    kept = [pl.read_parquet(project / f"out/kept/{number}.parquet") for number in range(5)]
    assert run(project, "score", "table.parquet", "whole.parquet").returncode == 0
    assert pl.concat(kept).equals(pl.read_parquet(project / "whole.parquet").head(5 * ROWS))
    assert pl.read_csv(project / "out/kept/more/5.csv").height == ROWS
    manifest = json.loads((project / "out/manifest.json").read_text(encoding="utf-8"))
    assert (manifest["rows"], manifest["kept"], manifest["rejected"]) == (6 * ROWS, 6 * ROWS, 0)


def test_an_ending_in_capitals_is_written_as_what_it_says(project, parts, monkeypatch):
    sources, usual = load("sources"), project / "usual.csv"
    (parts / "more/5.csv").rename(usual)
    shutil.copy(usual, parts / "5.CSV")
    read = sources.read
    monkeypatch.setattr(sources, "read", lambda p: read(usual if p.suffix == ".CSV" else p))
    score(project)
    assert pl.read_csv(project / "out/kept/5.CSV").height == ROWS


def test_a_row_that_breaks_the_contract_is_set_aside_with_the_reason(project, parts, contract):
    name = number_of(contract)
    spoil(parts / "2.parquet", name, float("inf"))
    score(project)
    rejected = pl.read_parquet(project / "out/rejected/2.parquet")
    (because,) = rejected["rejected_because"]
    assert name in because
    assert "not finite" in because
    kept = as_they_are(contract)
    assert rejected.select(kept).equals(pl.read_parquet(parts / "2.parquet")[9].select(kept))
    assert pl.read_parquet(project / "out/kept/2.parquet").height == ROWS - 1
    # Mended, it is scored, and the rejected row is gone.
    spoil(parts / "2.parquet", name, pl.col(name).first())
    assert "rejected/2.parquet" not in score(project)


def test_text_that_is_no_number_is_set_aside_as_it_was(project, parts, contract):
    name = number_of(contract)
    frame = pl.read_csv(parts / "more/5.csv", infer_schema=False)
    frame.with_columns(pl.Series(name, ["eleven", *frame[name][1:]])).write_csv(
        parts / "more/5.csv"
    )
    score(project)
    rejected = pl.read_csv(project / "out/rejected/more/5.csv", infer_schema=False)
    assert rejected[name].to_list() == ["eleven"]
    assert rejected["rejected_because"].to_list() == [f"{name}: a value that is no number"]


def test_too_many_rejected_rows_end_the_run(project, parts, contract, monkeypatch):
    name = number_of(contract)
    spoil(parts / "2.parquet", name, float("inf"))
    monkeypatch.setenv("OPS_MAX_REJECTED_SHARE", "0.0019")
    message = refusal(project, "score", "parts", "out")
    assert "1 of 500 rows are rejected, more than 0.19%" in message
    assert f"because {name}: a number that is not finite" in message
    assert "out/kept/2.parquet" not in files(project / "out")
    assert not (project / "out/manifest.json").exists()
    monkeypatch.setenv("OPS_MAX_REJECTED_SHARE", "0.002")
    score(project)


def test_what_is_done_is_left_alone_and_what_is_damaged_is_done_again(project, parts):
    first = score(project)
    before = {path: path.stat().st_ino for path in (project / "out").rglob("*.parquet")}
    assert score(project) == first
    assert {path: path.stat().st_ino for path in (project / "out").rglob("*.parquet")} == before

    damaged, gone = project / "out/kept/1.parquet", project / "out/kept/3.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    gone.unlink()
    (project / "out/records/4.parquet.json").write_text("{", encoding="utf-8")
    assert score(project) == first


def test_another_source_or_model_is_scored_again(project, parts, table, contract):
    kept = as_they_are(contract)
    score(project)
    table.slice(7, ROWS).write_parquet(parts / "0.parquet")
    score(project)
    assert (
        pl.read_parquet(project / "out/kept/0.parquet")
        .select(kept)
        .equals(table.select(kept).slice(7, ROWS))
    )
    shutil.copytree(project / "models/v1", project / "models/v2")
    (project / "models/champion").write_text("v2\n", encoding="utf-8")
    score(project)
    assert set(pl.read_parquet(project / "out/kept/1.parquet")["predicted_by"].str.head(3)) == {
        "v2 "
    }


def test_a_large_file_is_cut(project, parts, table, contract, monkeypatch):
    monkeypatch.setenv("OPS_PARTITION_ROWS", "1400")
    result = run(project, "score", "table.parquet", "out")
    assert result.returncode == 0, result.stderr
    kept = sorted((project / "out/kept").iterdir())
    assert [path.name for path in kept] == [f"table.0000{number}.parquet" for number in range(3)]
    same = as_they_are(contract)
    assert pl.concat(map(pl.read_parquet, kept)).select(same).equals(table.select(same))


def test_parts_of_an_earlier_run_are_not_mixed_with_this_ones(project, parts):
    score(project)
    (parts / "0.parquet").rename(parts / "new.parquet")
    assert "out/kept/0.parquet is of no partition of this run" in refusal(
        project, "score", "parts", "out"
    )
    assert sorted(name for name in score(project, "--prune") if name.startswith("kept/")) == [
        *(f"kept/{number}.parquet" for number in range(1, 5)),
        "kept/more/5.csv",
        "kept/new.parquet",
    ]


def test_validation_casts_what_it_keeps(project, parts, table, contract):
    name = number_of(contract)
    spoil(parts / "2.parquet", name, None)
    result = run(project, "data", "validate", "parts/[0-4].parquet", "valid")
    assert result.returncode == 0, result.stderr
    required = next(column.required for column in contract.inputs if column.name == name)
    assert (f"1 rows: {name}: a missing value" in result.stdout) == required
    rows = sum(pl.read_parquet(path).height for path in (project / "valid/kept").iterdir())
    assert rows == 5 * ROWS - required


@pytest.mark.parametrize("engine", ENGINES)
def test_a_worker_that_is_killed_loses_nothing(project, parts, table, engine, monkeypatch):
    # Larger, so that there is time to kill a worker.
    for path in parts.glob("*.parquet"):
        pl.concat([pl.read_parquet(path)] * 100).write_parquet(path)
    expected = score(project)
    shutil.rmtree(project / "out")

    monkeypatch.setenv("OPS_ENGINE", engine)
    monkeypatch.setenv("OPS_WORKERS", "2")
    with (project / "log").open("w") as log:
        process = start(project, "score", "parts", "out", log=log)
        victim = working(process, project / "out/.tmp")
        os.kill(int(victim.name.split("-")[0]), signal.SIGKILL)
        process.wait()
    said = (project / "log").read_text(encoding="utf-8")
    assert process.returncode == 0, said
    assert victim.exists(), "it was done before it could be killed"
    assert "Traceback" not in said
    assert files(project / "out") == expected


def test_a_run_that_is_killed_is_continued(project, parts, monkeypatch):
    expected = score(project)
    shutil.rmtree(project / "out")
    process = start(project, "score", "parts", "out")
    while not (project / "out/records/0.parquet.json").exists():
        time.sleep(0.002)
    process.kill()
    process.wait()
    assert not (project / "out/manifest.json").exists()
    assert score(project) == expected


def working(process, directory):
    """Wait for the directory in which a worker is busy."""
    while process.poll() is None:
        if directory.exists() and (there := list(directory.iterdir())):
            return there[-1]
        time.sleep(0.002)
    raise AssertionError("it ended before it could be killed")


@pytest.mark.parametrize(
    ("source", "output", "expected"),
    [
        ("none", "out", "there is no CSV or Parquet file at none"),
        ("runs/*/golden.json", "out", "there is no CSV or Parquet file at runs/*/golden.json"),
        ("models", "out", "predictions.parquet has no column"),
        ("parts/*.txt", "out", "there is no CSV or Parquet file at parts/*.txt"),
        ("parts", "parts", "is inside of the output"),
        ("table.parquet", "out.txt", "must end in .csv or .parquet"),
        ("parts", "out.csv", "parts is a directory: name one for the output too"),
        ("parts/*.parquet", "out.csv", "there is no file parts/*.parquet"),
    ],
)
def test_wrong_sources_are_refused(project, parts, source, output, expected):
    assert expected in refusal(project, "score", source, output)
