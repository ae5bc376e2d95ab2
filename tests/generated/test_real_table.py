"""The generated project learns a real table that its template has never seen.

The table is the AI4I 2020 predictive maintenance data (CC BY 4.0), which this repository does not
ship: `../shared/data/ai4i2020.csv` holds it where it is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tools import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from projects import Project

TABLE = ROOT.parent / "shared" / "data" / "ai4i2020.csv"
MODES = ("TWF", "HDF", "PWF", "OSF", "RNF")

FEATURES = '''
"""The machine of the AI4I table."""

import numpy as np


def build(inputs):
    features = {name: values for name, values in inputs.items() if name != "Type"}
    features["type"] = np.select([inputs["Type"] == name for name in "LMH"], [0.0, 1.0, 2.0])
    features["heat"] = inputs["Process temperature [K]"] - inputs["Air temperature [K]"]
    if "Torque [Nm]" in inputs:
        features["power"] = inputs["Torque [Nm]"] * inputs["Rotational speed [rpm]"]
        features["strain"] = inputs["Torque [Nm]"] * inputs["Tool wear [min]"]
    return features
'''
GATES: dict[str, list[dict[str, Any]]] = {
    "binary": [
        {"id": "MQ-1", "metric": "average_precision", "op": "gte", "value": 0.5, "vs_baseline": 0.1}
    ],
    # Two of the modes happen by chance, so no model beats another by much.
    "multiclass": [
        {"id": "MQ-1", "metric": "macro_f1", "op": "gte", "value": 0.4, "vs_baseline": -1.0}
    ],
    "regression": [{"id": "MQ-1", "metric": "r2", "op": "gte", "value": 0.5, "vs_baseline": 0.01}],
}


def number(name: str) -> dict[str, Any]:
    return {"name": name, "logicalType": "number", "required": True}


def role(**properties: str) -> list[dict[str, str]]:
    return [{"property": name, "value": value} for name, value in properties.items()]


def contract(problem: str) -> dict[str, Any]:
    columns = [
        {"name": "Type", "logicalType": "string", "required": True},
        *map(number, ["Air temperature [K]", "Process temperature [K]"]),
        *map(number, ["Rotational speed [rpm]", "Torque [Nm]", "Tool wear [min]"]),
    ]
    if problem == "regression":
        target = columns.pop(4)
    else:
        boolean = {"name": "Machine failure", "logicalType": "boolean", "required": True}
        mode = {"name": "mode", "logicalType": "string", "required": True}
        target = boolean if problem == "binary" else mode
    target["customProperties"] = role(role="target", problem=problem)
    return {"schema": [{"name": "ai4i", "properties": [*columns, target]}]}


def with_mode(table: str) -> str:
    """Add the failure mode to the table's lines, as one column."""
    header, *lines = table.splitlines()
    names = header.split(",")
    rows = [f"{header},mode"]
    for line in lines:
        row = dict(zip(names, line.split(","), strict=True))
        rows.append(f"{line},{next((mode for mode in MODES if row[mode] == '1'), 'none')}")
    return "\n".join(rows) + "\n"


OF_PROBLEM = ("bootstrap", "corruption", "scoring", "skew", "tampering", "training", "validation")
"""The tests of the machinery in which it matters what is predicted."""


@pytest.mark.skipif(not TABLE.exists(), reason=f"needs the AI4I 2020 table at {TABLE}")
@pytest.mark.parametrize("problem", ["binary", "multiclass", "regression"])
@pytest.mark.xdist_group("default")
def test_it_learns_and_serves_a_table_of_a_teams_own(
    generated: Callable[[str], Project], copy_of: Callable[[Project], Project], problem: str
) -> None:
    project = generated("default")
    project.make(".venv/.installed")
    own = copy_of(project)
    (own.root / "data").mkdir(exist_ok=True)
    (own.root / "data/ai4i.csv").write_text(with_mode(TABLE.read_text()), encoding="utf-8")
    (own.root / "settings.toml").write_text('data = "data/ai4i.csv"\n', encoding="utf-8")
    (own.root / "data-contract.yaml").write_text(yaml.safe_dump(contract(problem)))
    kpis = yaml.safe_load((own.root / "kpi-contract.yaml").read_text())
    # It has no plants, machines or times, and what pumps lose without a sensor says nothing of it.
    kpis["model_quality"] = {"gates": GATES[problem]}
    (own.root / "kpi-contract.yaml").write_text(yaml.safe_dump(kpis))
    (own.root / "src" / own.package / "features.py").write_text(FEATURES, encoding="utf-8")

    for command in ("train", "evaluate", "register", "smoke"):
        done = own.command(command)
        assert done.returncode == 0, done.stdout
    scored = own.command("score", "data/ai4i.csv", "build/scored.csv")
    assert "10,000 rows" in scored.stdout
    every = ["tests/ops"] if problem == "binary" else [f"tests/ops/test_{n}.py" for n in OF_PROBLEM]
    pytest_ = str(own.root / ".venv/bin/pytest")
    tested = own(pytest_, "-q", *every, "-k", "not (memory or killed or load or life)")
    assert tested.returncode == 0, tested.stdout
