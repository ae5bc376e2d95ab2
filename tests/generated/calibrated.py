"""Runs in a generated project: ingests what plants send, with and without their calibrations."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, "simulator")
pumps: Any = importlib.import_module("pumps")
pl: Any = importlib.import_module("polars")

SIZE = {"plants": 4, "pumps": 3, "days": 30, "every_hours": 4, "seed": 7}
US = {
    "flow_m3_h": "gpm",
    "suction_pressure_bar": "psi",
    "discharge_pressure_bar": "psi",
    "bearing_temperature_c": "degF",
    "ambient_temperature_c": "degF",
    "vibration_mm_s": "in/s",
    "vibration_trend_mm_s": "in/s",
}


def calibrations(column: str, unit: str) -> list[dict[str, Any]]:
    """What corrects each plant but the first, as the contract says it."""
    from_unit = importlib.import_module(f"{sys.argv[1]}.ops.data.units").affine
    found = []
    for plant in range(1, SIZE["plants"]):
        gain, offset = pumps.calibration(plant, SIZE["seed"])[column]
        sent = US.get(column, unit) if plant % 2 else unit
        factor, shift = from_unit(sent, unit)
        # It sends gain * x + offset, which is factor * that + shift in the column's unit.
        scale = 1 / (factor * gain)
        wrong = -(shift / factor + offset) / gain
        found.append({"source": "ABCD"[plant], "unit": sent, "scale": scale, "offset": wrong})
    return found


def rounding(column: str, unit: str) -> float:
    """How far off a value may be, in the column's unit: what is sent has four decimals."""
    affine = importlib.import_module(f"{sys.argv[1]}.ops.data.units").affine
    coarsest: float = max(
        affine(each["unit"], unit)[0] * each["scale"] for each in calibrations(column, unit)
    )
    return 1e-4 * max(1.0, coarsest)


def units() -> dict[str, str]:
    """The unit of each column that plants measure, as the contract says."""
    document = yaml.safe_load(Path("data-contract.yaml").read_text(encoding="utf-8"))
    measured = pumps.calibration(1, SIZE["seed"])
    return {
        column["name"]: one["value"]
        for column in document["schema"][0]["properties"]
        if column["name"] in measured
        for one in column["customProperties"]
        if one["property"] == "unit"
    }


def calibrate(contract: Path) -> None:
    """Write the calibrations into the contract."""
    document = yaml.safe_load(contract.read_text(encoding="utf-8"))
    for column in document["schema"][0]["properties"]:
        own = {one["property"]: one["value"] for one in column.get("customProperties", ())}
        if column["name"] in pumps.calibration(1, SIZE["seed"]):
            value = calibrations(column["name"], own["unit"])
            column["customProperties"].append({"property": "calibration", "value": value})
    contract.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")


def main() -> None:
    """Simulate, ingest, and print how far each column is from right, as a share of its rounding."""
    what = sys.argv[2]
    if what == "simulate":
        pumps.write(pumps.simulate(**SIZE, as_sent=True), Path("data/readings.parquet"))
    elif what == "calibrate":
        calibrate(Path("data-contract.yaml"))
    else:
        right = pumps.simulate(**SIZE).sort("pump", "time")
        rows = pl.read_parquet("data/snapshots/parts/*.parquet").sort("pump", "time")
        away = {
            name: float((rows[name] - right[name]).abs().max()) / rounding(name, unit)
            for name, unit in units().items()
        }
        print(json.dumps({"rows": [rows.height, right.height], "away": away}))


if __name__ == "__main__":
    main()
