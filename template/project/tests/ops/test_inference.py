# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""infer reads tables as they come, proposes what they are, and writes over nobody's work."""

import json
import shutil

import numpy as np
import polars as pl
import pytest
import yaml
from conftest import run
from package import NAME, ROOT, load

code = load("ops.data.inference.code")
opening = load("ops.data.inference.opening")
spelling = load("ops.data.inference.spelling").spelling
writing = load("ops.data.inference.writing")
ProjectError = load("ops.errors").ProjectError
PACKAGE = NAME.replace("-", "_")
FILES = (
    "data-contract.yaml",
    "kpi-contract.yaml",
    "settings.toml",
    "tests/test_features.py",
    "tests/test_sources.py",
)
CODE = ("features.py", "model.py", "sources.py")


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """This project's own files alone, as if the template had just written them."""
    paths = [*FILES, *(f"src/{PACKAGE}/{name}" for name in CODE)]
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    (tmp_path / ".poc2prod").mkdir()
    monkeypatch.chdir(tmp_path)
    written = {path: writing.digest(tmp_path / path) for path in paths}
    (tmp_path / ".poc2prod/manifest.json").write_text(json.dumps(written), encoding="utf-8")
    (tmp_path / "settings.toml").write_text('data = "x.csv" # of ours\n', encoding="utf-8")
    written["settings.toml"] = writing.digest(tmp_path / "settings.toml")
    (tmp_path / ".poc2prod/manifest.json").write_text(json.dumps(written), encoding="utf-8")
    return tmp_path


def table(rows=200):
    random = np.random.default_rng(5)
    size = random.random(rows)
    return pl.DataFrame(
        {
            "size (m²)": size,
            "colour": np.array(["red", "green", "blue"])[random.integers(0, 3, rows)],
            "id": np.arange(rows),
            "site": ["Köln"] * rows,
            "email": [f"person{i}@example.org" for i in range(rows)],
            "bad": np.where(size + random.random(rows) > 1.1, "yes", "no"),
        }
    )


def roles(project):
    document = yaml.safe_load((project / "data-contract.yaml").read_text(encoding="utf-8"))
    found = {}
    for item in document["schema"][0]["properties"]:
        custom = {each["property"]: each["value"] for each in item.get("customProperties", [])}
        found[item["name"]] = custom.get("role", "input")
    return found


@pytest.mark.parametrize(
    ("texts", "kind", "more"),
    [
        (["1", "-2", "30"], "integer", {}),
        (["1.5", "2e3", ".5"], "number", {}),
        (["1.0", "2.0"], "number", {}),
        (["1.234,5", "2,25"], "number", {"numerals": "comma"}),
        (["1,234", "12"], "integer", {"numerals": "thousands"}),
        (["007", "123"], "string", {}),
        (["123456789012345678901", "5"], "string", {}),
        (["Ja", "nein"], "boolean", {"words": {"Ja": "true", "nein": "false"}}),
        (["TRUE", "False"], "boolean", {"words": {}}),
        (["2024-02-29", "2023-01-01"], "timestamp", {"time": None}),
        (["29.02.2024", "01.01.2023"], "timestamp", {"time": "%d.%m.%Y"}),
        (["12/31/2024", "1/1/2023"], "timestamp", {"time": "%m/%d/%Y"}),
        (["2024-01-01T10:00:00Z", "2024-01-01T10:00:00+02:00"], "timestamp", {"time": None}),
        (["3.5", "NA", "-", None], "number", {"missing": ("-", "NA")}),
        (["none", "some", "NA"], "string", {"missing": ("NA",)}),
        ([*map(str, range(60)), "broken"], "integer", {"missing": ("broken",)}),
        ([*map(str, range(6)), "a", "b"], "string", {"missing": ()}),
        ([" 1", "2 "], "integer", {"padded": True}),
    ],
)
def test_text_is_recognised_by_all_of_its_values(texts, kind, more):
    found = spelling(pl.Series(texts))
    assert found.kind == kind
    assert {name: getattr(found, name) for name in more} == more


def test_a_day_that_may_be_a_month_is_said():
    assert "look" in spelling(pl.Series(["01/02/2024", "03/04/2024"])).remarks[0]


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("\ufeffa;b\n1,5;ä\n2;ö\n".encode(), {"a": ["1.5", "2"], "b": ["ä", "ö"]}),
        ("a\tb\n1\tä\n2\tö\n".encode("latin-1"), {"a": ["1", "2"], "b": ["ä", "ö"]}),
        (b",x,\n1,2,3\n", {"column_1": ["1"], "x": ["2"], "column_3": ["3"]}),
        (b'a|b\n"x|y"|2\n', {"a": ["x|y"], "b": ["2"]}),
        (b'"a ""b""","two\nlines"\n1,2\n', {"a 'b'": ["1"], "two lines": ["2"]}),
        (b"when,x\n31.12.2024,1\n01.02.2024,NA\n", {
            "when": ["2024-12-31T00:00:00", "2024-02-01T00:00:00"], "x": ["1", None]}),
    ],
)  # fmt: skip
def test_files_are_read_as_they_are_written(tmp_path, raw, wanted):
    (tmp_path / "t.csv").write_bytes(raw)
    found = opening.from_file(tmp_path / "t.csv", 100, tmp_path)
    assert found.frame.to_dict(as_series=False) == wanted
    # Its tests go with it: here of what is not in its place yet.
    names = {}
    exec(found.tests, names)  # noqa: S102 - infer wrote it
    names["read"] = lambda path: load("ops.data.inference.sourcing").opened(found.sources, path)
    names["test_text_is_spelled_as_the_contract_reads_it"](tmp_path)
    names["test_parquet_is_read_alike"](tmp_path)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"a,b,a\n1,2,3\n", "the column a is there twice"),
        (b"1,2\n3,4\n", "the first line holds numbers"),
        (b"a,b\n", "no row below its header"),
        (b"a,b\n1,2\n3,4,5\n", "cannot be read"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(fresh, raw, said):
    (fresh / "t.csv").write_bytes(raw)
    done = run(fresh, "data", "infer", "t.csv", "--target", "a")
    assert done.returncode == 1
    assert said in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_each_column_gets_a_role_and_doubts_are_said(fresh):
    table().write_csv(fresh / "t.csv")
    done = run(fresh, "data", "infer", "t.csv", "--target", "bad")
    assert done.returncode == 0, done.stderr
    assert roles(fresh) == {
        "size (m²)": "input",
        "colour": "input",
        "id": "context",
        "site": "context",
        "email": "context",
        "bad": "target",
    }
    assert "email: personal data? (contact, by its name)" in done.stdout
    assert 'data = "t.csv" # of ours' in (fresh / "settings.toml").read_text(encoding="utf-8")
    written = (fresh / "src" / PACKAGE / "features.py").read_text(encoding="utf-8")
    assert 'VALUES = {"colour": ["blue", "green", "red"]}' in written


def test_what_gives_the_target_away_is_no_input(fresh):
    known = table().with_columns(
        copy=pl.col("bad").replace({"yes": "X", "no": "Y"}),
        after=pl.when(pl.col("bad") == "yes").then(pl.col("size (m²)") + 5).otherwise(0.0),
    )
    known.write_parquet(fresh / "t.parquet")
    done = run(fresh, "data", "infer", "t.parquet", "--target", "bad")
    assert done.returncode == 0, done.stderr
    found = roles(fresh)
    assert (found["copy"], found["after"], found["size (m²)"]) == ("context", "context", "input")
    assert "copy: a copy of the target" in done.stdout


def test_files_that_somebody_changed_are_kept(fresh):
    table().write_csv(fresh / "t.csv")
    own = "# our own words\n" + (fresh / "data-contract.yaml").read_text(encoding="utf-8")
    (fresh / "data-contract.yaml").write_text(own, encoding="utf-8")
    before = {path: path.read_bytes() for path in fresh.rglob("*") if path.is_file()}
    done = run(fresh, "data", "infer", "t.csv", "--target", "bad")
    assert done.returncode == 1
    assert "data-contract.yaml would lose what you wrote: --force" in done.stderr
    assert {path: path.read_bytes() for path in fresh.rglob("*") if path.is_file()} == before

    assert run(fresh, "data", "infer", "t.csv", "--target", "bad", "--force").returncode == 0
    assert (fresh / "data-contract.yaml.before").read_text(encoding="utf-8") == own
    # What infer itself wrote is nobody's work.
    assert run(fresh, "data", "infer", "t.csv", "--target", "colour").returncode == 0


def test_another_folder_takes_the_proposal(fresh):
    table().write_csv(fresh / "t.csv")
    before = (fresh / "data-contract.yaml").read_bytes()
    done = run(fresh, "data", "infer", "t.csv", "--target", "bad", "--output", "build/proposed")
    assert done.returncode == 0, done.stderr
    assert (fresh / "data-contract.yaml").read_bytes() == before
    assert (fresh / "build/proposed/data-contract.yaml").is_file()


def test_a_write_that_fails_half_way_changes_nothing(fresh, monkeypatch):
    paths = [fresh / "settings.toml", fresh / "data-contract.yaml"]
    before = [path.read_bytes() for path in paths]
    real = writing.write_text

    def full(path, text):
        if path == paths[1]:
            raise OSError(28, "No space left on device", str(path))
        real(path, text)

    monkeypatch.setattr(writing, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        writing.write(dict.fromkeys(paths, "new\n"), keep=paths)
    assert [path.read_bytes() for path in paths] == before
    assert not writing.INFERRED.exists()
    assert not list(fresh.rglob("*.before"))


@pytest.mark.parametrize("value", [["a"], {"x": ['"', "'", "ä" * 60, "b" * 50]}, [1.5, None], []])
def test_written_literals_are_what_they_say(value):
    names = {}
    exec(code.assigned("A", value), names)  # noqa: S102 - that is what it is for
    assert names["A"] == value
