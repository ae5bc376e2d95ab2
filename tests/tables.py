"""Public tables that come inside Python packages, written as a team might have them."""

from __future__ import annotations

import csv
import importlib.util
import sqlite3
from pathlib import Path

from tools import ROOT

AI4I = ROOT.parent / "shared" / "data" / "ai4i2020.csv"
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
