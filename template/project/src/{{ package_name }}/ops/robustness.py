# Managed by poc2prod; extend in kpi-contract.yaml, which asks for what is in PERTURBATIONS.
"""Inputs that are worse than those of training: what sensors do once nobody watches them.

It works on any table: a sensor is an input that is a number, and training says what it usually
shows. Values stay within the data contract, because the service refuses all others.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import LARGEST_NUMBER, Column
from .errors import ProjectError

Inputs = Mapping[str, NDArray[Any]]
ALL = "all"


@dataclass(frozen=True)
class Sensor:
    """A numeric input, with the median and the standard deviation that it has in training."""

    column: Column
    median: float
    deviation: float

    def limit(self, values: NDArray[Any]) -> NDArray[Any]:
        """Keep values within the data contract."""
        if self.column.kind == "integer":
            values = np.round(values)
        low, high = self.column.minimum, self.column.maximum
        limited: NDArray[Any] = np.clip(
            values,
            -LARGEST_NUMBER if low is None else low,
            LARGEST_NUMBER if high is None else high,
        )
        return limited


def sensors(columns: tuple[Column, ...], training: Inputs) -> list[Sensor]:
    """Find the inputs that are numbers and were there in training."""
    found = []
    for column in columns:
        values = training[column.name]
        if column.kind in ("number", "integer") and not np.isnan(values).all():
            found.append(Sensor(column, float(np.nanmedian(values)), float(np.nanstd(values))))
    return found


def _dropout(
    inputs: Inputs, found: list[Sensor], random: np.random.Generator
) -> Iterator[tuple[str, Inputs]]:
    """Of each sensor 10 % of the values are missing; the median, where none may be missing."""
    changed = dict(inputs)
    for sensor in found:
        values = inputs[sensor.column.name]
        gone = random.random(len(values)) < 0.1
        substitute = sensor.median if sensor.column.required else np.nan
        changed[sensor.column.name] = np.where(gone, substitute, values)
    yield ALL, changed


def _noise(
    inputs: Inputs, found: list[Sensor], random: np.random.Generator
) -> Iterator[tuple[str, Inputs]]:
    """Each sensor has noise of 5 % of its standard deviation more."""
    changed = dict(inputs)
    for sensor in found:
        values = inputs[sensor.column.name]
        noise = random.normal(0, 0.05 * sensor.deviation, len(values))
        changed[sensor.column.name] = sensor.limit(values + noise)
    yield ALL, changed


def _offset(
    inputs: Inputs, found: list[Sensor], random: np.random.Generator
) -> Iterator[tuple[str, Inputs]]:
    """One sensor after the other shows half a standard deviation too much; the worst counts."""
    del random
    for sensor in found:
        shifted = sensor.limit(inputs[sensor.column.name] + 0.5 * sensor.deviation)
        yield sensor.column.name, {**inputs, sensor.column.name: shifted}


PERTURBATIONS: dict[
    str, Callable[[Inputs, list[Sensor], np.random.Generator], Iterator[tuple[str, Inputs]]]
] = {
    "sensor_dropout_10pct": _dropout,
    "sensor_noise_5pct": _noise,
    "sensor_offset_half_sd": _offset,
}


def perturb(
    name: str, inputs: Inputs, found: list[Sensor], seed: int
) -> Iterator[tuple[str, Inputs]]:
    """Change inputs as a perturbation says.

    Returns:
        Its variants, each with the name of the sensor or "all", and the changed inputs.

    Raises:
        ProjectError: there is no such perturbation, or nothing to perturb.
    """
    if name not in PERTURBATIONS:
        raise ProjectError(
            f"kpi-contract.yaml: there is no perturbation {name}; there are"
            f" {', '.join(PERTURBATIONS)}"
        )
    if not found:
        raise ProjectError(f"kpi-contract.yaml: {name} needs an input that is a number")
    return PERTURBATIONS[name](inputs, found, np.random.default_rng(seed))
