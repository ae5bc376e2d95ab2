# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Scoring a file: nothing lost, nothing doubled, nothing half-written."""

import subprocess
import sys

import polars as pl
import pytest
from conftest import as_they_are, kill_when, run, start
from package import NAME, load

predict = load("ops.predictor").Predictor
registry = load("ops.registry")


def score(project, source="table.parquet", output="scored.parquet"):
    result = run(project, "score", source, output)
    assert result.returncode == 0, result.stderr
    return project / output


def test_every_row_is_kept_in_order_with_its_prediction(project, table, contract):
    scored = pl.read_parquet(score(project))
    kept = as_they_are(contract)
    assert scored.select(kept).equals(table.select(kept))
    model = predict(registry.champion(project / "models"))
    row = table.select(column.name for column in contract.inputs).row(1234, named=True)
    for name, value in model.reply([row])[0].items():
        assert scored[f"predicted_{name}"][1234] == pytest.approx(value, abs=1e-6)


def test_scoring_twice_gives_the_same_file(project):
    first = score(project, output="first.parquet").read_bytes()
    assert score(project, output="second.parquet").read_bytes() == first


def test_csv_and_parquet_get_the_same_predictions(project, table):
    table.write_csv(project / "table.csv")
    parquet = pl.read_parquet(score(project))
    csv = pl.read_csv(score(project, "table.csv", "scored.csv"))
    for name in (column for column in parquet.columns if column.startswith("predicted_")):
        assert csv[name].to_list() == pytest.approx(parquet[name].to_list())


def test_memory_does_not_grow_with_the_file(project, table):
    peaks = []
    arguments = ("score", "big.parquet", "big-scored.parquet")
    for copies in (100, 500):
        pl.concat([table] * copies).write_parquet(project / "big.parquet")
        program = (
            "import resource, runpy, sys\n"
            "try: runpy.run_module(sys.argv.pop(1), run_name='__main__')\n"
            "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
        )
        result = subprocess.run(
            [sys.executable, "-c", program, NAME.replace("-", "_"), *arguments],
            cwd=project,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr
        peaks.append(int(result.stderr.split()[-1]))
    assert peaks[1] < 2 * peaks[0], f"{peaks} for five times the rows"


def left(project):
    """The names of what is in the output's folder."""
    return sorted(path.name for path in (project / "out").iterdir())


def test_scoring_that_is_killed_leaves_no_output(project, table):
    pl.concat([table] * 500).write_parquet(project / "big.parquet")
    process = start(project, "score", "big.parquet", "out/scored.parquet")
    kill_when(process, lambda: list(project.glob("out/.tmp-*")))
    assert not (project / "out" / "scored.parquet").exists()
    assert run(project, "score", "table.parquet", "out/other.parquet").returncode == 0
    assert left(project) == ["other.parquet"], "the next one tidies up"


def test_what_a_living_writer_has_begun_is_left_alone(project):
    (project / "out").mkdir()
    program = (
        "import importlib, pathlib, sys\n"
        "files = importlib.import_module(f'{sys.argv[1]}.ops.files')\n"
        "with files.whole_file(pathlib.Path('out/slow')) as slow:\n"
        "    with files.whole_directory(pathlib.Path('out/large')):\n"
        "        print('begun', flush=True)\n"
        "        slow.write_text(sys.stdin.readline())\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, NAME.replace("-", "_")],
        cwd=project,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout.readline() == "begun\n"
        assert run(project, "score", "table.parquet", "out/fast.parquet").returncode == 0
        assert len(list((project / "out").glob(".tmp-*"))) == 2
        writer.communicate("whole")
    assert writer.returncode == 0
    assert left(project) == ["fast.parquet", "large", "slow"]


def test_bad_rows_are_named_and_keep_the_old_output(project, table, contract):
    old = score(project).read_bytes()
    column = next(c for c in contract.inputs if c.kind == "number")
    bad = table.with_row_index("row").with_columns(
        pl.when(pl.col("row") == 2_000)
        .then(float("inf"))
        .otherwise(pl.col(column.name))
        .alias(column.name)
    )
    bad.drop("row").write_parquet(project / "bad.parquet")
    result = run(project, "score", "bad.parquet", "scored.parquet")
    assert result.returncode == 1
    assert f"column {column.name} has a number that is not finite" in result.stderr
    assert "in 1 rows, first in row 2001" in result.stderr
    assert (project / "scored.parquet").read_bytes() == old


def test_a_column_that_scoring_would_overwrite_is_refused(project, table):
    table.with_columns(predicted_by=pl.lit("me")).write_parquet(project / "taken.parquet")
    result = run(project, "score", "taken.parquet", "o.parquet")
    assert result.returncode == 1
    assert "has a column predicted_by already" in result.stderr
    assert not (project / "o.parquet").exists()


def test_the_output_names_its_model_and_others_may_read_it(project):
    output = score(project)
    version = registry.champion(project / "models")
    digest = predict(version).metadata.digest
    assert set(pl.read_parquet(output)["predicted_by"]) == {f"v1 {digest[:12]}"}
    assert output.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("source", "output", "expected"),
    [
        ("none.parquet", "o.parquet", "there is no file none.parquet"),
        ("table.parquet", "o.xlsx", "must end in .csv or .parquet"),
        ("table.parquet", "table.parquet", "is the source"),
        ("settings.toml", "o.csv", ".toml is not .csv or .parquet"),
        ("data-contract.yaml.csv", "o.csv", "has no column"),
        ("table.parquet", "settings.toml/o.csv", "settings.toml"),
    ],
)
def test_wrong_files_are_refused(project, source, output, expected):
    (project / "data-contract.yaml.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    result = run(project, "score", source, output)
    assert result.returncode == 1
    assert expected in result.stderr
    assert "Traceback" not in result.stderr
