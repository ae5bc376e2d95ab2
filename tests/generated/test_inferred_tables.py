"""Tables that nobody has described go from `data infer` to a prediction, without an edit to Python.

They come inside packages that the tests need: palmerpenguins, vega-datasets, bokeh-sampledata, and
scikit-learn, which the generated project has. The AI4I 2020 table is where a checkout has it.
"""

from __future__ import annotations

import csv
import importlib.util
import json
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tools import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from projects import Project

AI4I = ROOT.parent / "shared" / "data" / "ai4i2020.csv"
RUN = """
import sys
from {package}.ops.cli import main
from {package}.ops.settings import settings
for line in sys.argv[1:]:
    settings.cache_clear()
    try:
        main([line])
    except SystemExit as end:
        if end.code:
            raise
"""
SKLEARN = """
import sys, polars, sklearn.datasets
found = sklearn.datasets.load_wine()
columns = {name: found.data[:, i] for i, name in enumerate(found.feature_names)}
polars.DataFrame({**columns, "Sorte": found.target}).write_parquet(sys.argv[1])
"""
KEPT_OF_RARE = {"Tabl": 2, "Con": 3, "Veh": 4}


def packaged(package: str, *path: str) -> Path:
    """A file inside an installed package, which is not imported."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0], *path)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(path: Path, rows: list[dict[str, str]], **form: str) -> None:
    encoding = form.pop("encoding", "utf-8")
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), **form)  # type: ignore[arg-type]
        writer.writeheader()
        writer.writerows(rows)


def penguins(folder: Path) -> list[str]:
    """Nulls, dates, booleans, a constant column, and names with units in brackets."""
    source = packaged("palmerpenguins", "data", "penguins-raw.csv")
    written(folder / "penguins.csv", rows_of(source))
    return ["penguins.csv"]


def titanic(folder: Path) -> list[str]:
    """Names of people, gaps, and rows sorted by what decided their fate."""
    written(
        folder / "titanic.csv", rows_of(packaged("bokeh_sampledata", "_data", "titanic_all.csv"))
    )
    return ["titanic.csv"]


def glass(folder: Path) -> list[str]:
    """Three classes of two, three and four rows, in a table that is sorted by class."""
    kept, left = [], dict(KEPT_OF_RARE)
    for row in rows_of(packaged("bokeh_sampledata", "_data", "forensic_glass.csv")):
        if left.get(row["type"], 1):
            kept.append(row)
            if row["type"] in left:
                left[row["type"]] -= 1
    written(folder / "glass.csv", kept)
    return ["glass.csv"]


def weather(folder: Path) -> list[str]:
    """As a German spreadsheet saves it: semicolons, decimal commas, latin-1, days first."""
    rows = []
    for row in rows_of(packaged("vega_datasets", "_data", "seattle-weather.csv")):
        year, month, day = row["date"].split("/")
        rows.append(
            {
                "Datum": f"{day}.{month}.{year}",
                "Höchste °C": row["temp_max"].replace(".", ","),
                "tiefste °C": row["temp_min"].replace(".", ","),
                "Regen?": "ja" if float(row["precipitation"]) else "nein",
                "Wind": row["wind"].replace(".", ","),
                "Wetter": row["weather"].replace("sun", "schön"),
            }
        )
    written(folder / "wetter.csv", rows, encoding="latin-1", delimiter=";")
    return ["wetter.csv"]


def cars(folder: Path) -> list[str]:
    """A table of a database, with text among its numbers."""
    rows = rows_of(packaged("bokeh_sampledata", "_data", "auto-mpg.csv"))
    database = sqlite3.connect(folder / "cars.db")
    database.execute(
        "create table cars (mpg real, cyl integer, hp, weight integer, origin, name text)"
    )
    names = ("mpg", "cyl", "hp", "weight", "origin", "name")
    # Every hundredth horsepower is a question mark, as in the original table.
    values = [[row[name] for name in names] for row in rows]
    for row in values[::100]:
        row[2] = "?"
    database.executemany("insert into cars values (?, ?, ?, ?, ?, ?)", values)
    database.commit()
    database.close()
    return [f"sqlite:///{folder / 'cars.db'}", "--table", "cars"]


def wine(_: Path) -> list[str]:
    """Parquet with classes that are numbers, and a name with a slash."""
    return ["wine.parquet"]


def ai4i(folder: Path) -> list[str]:
    """Causes of failure that nobody knows beforehand."""
    (folder / "ai4i.csv").write_text(AI4I.read_text(encoding="utf-8"), encoding="utf-8")
    return ["ai4i.csv"]


@dataclass(frozen=True)
class Case:
    """A table, and what infer must say of it."""

    make: Callable[[Path], list[str]]
    target: str
    problem: str
    roles: dict[str, str] = field(default_factory=dict)
    said: tuple[str, ...] = ()


CASES = [
    Case(
        penguins,
        "Species",
        "multiclass",
        {
            "Individual ID": "entity",
            "Date Egg": "time",
            "Region": "context",
            "Stage": "context",
            "Clutch Completion": "input",
            "Culmen Length (mm)": "input",
        },
    ),
    Case(
        titanic,
        "survived",
        "binary",
        {"name": "context", "sex": "input", "age": "input"},
        ("name: personal data?", "shuffle_rows"),
    ),
    Case(
        glass,
        "type",
        "multiclass",
        {"RI": "input"},
        ("too rare to be judged: Con (3 rows), Tabl (2 rows), Veh (4 rows)", "shuffle_rows"),
    ),
    Case(
        weather,
        "Höchste °C",
        "regression",
        {"Datum": "time", "Regen?": "input", "Wetter": "input"},
        ("the comma is read as decimal",),
    ),
    Case(cars, "mpg", "regression", {"hp": "input", "name": "context"}),
    Case(wine, "Sorte", "multiclass", {"od280/od315_of_diluted_wines": "input"}),
    Case(
        ai4i,
        "Machine failure",
        "binary",
        {"HDF": "context", "Torque [Nm]": "input"},
        ("HDF: its value 1 never comes without",),
    ),
]


def roles(project: Project) -> dict[str, str]:
    document = yaml.safe_load((project.root / "data-contract.yaml").read_text(encoding="utf-8"))
    found = {}
    for item in document["schema"][0]["properties"]:
        custom = {each["property"]: each["value"] for each in item.get("customProperties", [])}
        found[item["name"]] = custom.get("role", "input")
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.make.__name__)
@pytest.mark.xdist_group("default")
def test_a_table_of_ones_own_is_learned_without_an_edit(
    generated: Callable[[str], Project], copy_of: Callable[[Project], Project], case: Case
) -> None:
    if case.make is ai4i and not AI4I.exists():
        pytest.skip(f"needs the AI4I 2020 table at {AI4I}")
    project = generated("default")
    project.make(".venv/.installed")
    own = copy_of(project)
    python = str(own.root / ".venv/bin/python")
    if case.make is wine:
        assert own(python, "-c", SKLEARN, "wine.parquet").returncode == 0
    where = case.make(own.root)

    inferred = own.command("data", "infer", *where, "--target", case.target)
    assert inferred.returncode == 0, inferred.stdout
    assert f"{case.target} is {case.problem}" in inferred.stdout
    for said in case.said:
        assert said in inferred.stdout
    found = roles(own)
    assert {name: found[name] for name in case.roles} == case.roles

    run = RUN.format(package=own.package)
    learned = own(python, "-c", run, "train", "evaluate", "register")
    assert learned.returncode == 0, learned.stdout
    golden = json.loads((own.root / "models/v1/golden.json").read_text(encoding="utf-8"))
    reply = own.command("predict", json.dumps(golden["rows"][0]))
    assert reply.returncode == 0, reply.stdout
    answer = json.loads(reply.stdout)[0]
    assert set(answer) == set(golden["replies"][0])

    of_code = [f"src/{own.package}/{name}.py" for name in ("features", "sources", "model")]
    for check in (["check"], ["format", "--check"]):
        done = own(
            str(own.root / ".venv/bin/ruff"),
            *check,
            *of_code,
            "tests/test_features.py",
            "tests/test_sources.py",
        )
        assert done.returncode == 0, done.stdout
    if case.make in (penguins, weather):
        tests = ("tests/test_features.py", "tests/test_sources.py")
        tested = own(str(own.root / ".venv/bin/pytest"), "-q", *tests)
        assert tested.returncode == 0, tested.stdout
    if case.make is weather:
        answered = own.command("smoke")
        assert answered.returncode == 0, answered.stdout
