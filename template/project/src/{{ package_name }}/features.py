"""Yours: turns the inputs of the data contract into what the model sees.

The same function runs in training, in batch scoring and in the service, so it is plain NumPy on
whole columns: no table library, no state, no look at other rows.
"""

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray


def build(inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Compute the model's features.

    Args:
        inputs: one array of shape (rows,) per input of data-contract.yaml; numbers, integers and
            booleans as float64 with NaN for a missing value, text as str objects.

    Returns:
        One numeric array of shape (rows,) per feature. Their order is the model's column order.
    """
    speed = inputs["speed_rpm"] / 1000
    head = inputs["discharge_pressure_bar"] - inputs["suction_pressure_bar"]
    return {
        "running_hours": inputs["running_hours"],
        # The affinity laws: flow goes with speed, head with its square. What is left is wear.
        "flow_coefficient": inputs["flow_m3_h"] / speed,
        "head_coefficient": head / speed**2,
        "current_coefficient": inputs["motor_current_a"] / speed**2,
        "bearing_rise_c": inputs["bearing_temperature_c"] - inputs["ambient_temperature_c"],
        "vibration_mm_s": inputs["vibration_mm_s"],
        "vibration_trend_mm_s": inputs["vibration_trend_mm_s"],
        "seal_leak_ml_h": inputs["seal_leak_ml_h"],
    }
