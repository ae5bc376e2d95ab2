"""Tables that nobody has described go from `data infer` to a prediction, without an edit to Python.

They come inside packages that the tests need: palmerpenguins, vega-datasets, bokeh-sampledata, and
scikit-learn, which the generated project has. The AI4I 2020 table is where a checkout has it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import yaml

from tables import SKLEARN, ai4i, cars, glass, penguins, titanic, weather, wine
from tools import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
    models = own.root / "models"  # of pumps too, where other tests trained one
    champion = (models / "champion").read_text(encoding="utf-8").strip()
    golden = json.loads((models / champion / "golden.json").read_text(encoding="utf-8"))
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
