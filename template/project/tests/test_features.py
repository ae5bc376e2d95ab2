"""Yours: what features.py promises."""

import numpy as np
import pytest
from package import load

build = load("features").build
READING = {
    "running_hours": 3120.0,
    "speed_rpm": 1480.0,
    "flow_m3_h": 96.5,
    "suction_pressure_bar": 1.8,
    "discharge_pressure_bar": 6.9,
    "motor_current_a": 41.2,
    "bearing_temperature_c": 58.3,
    "ambient_temperature_c": 21.5,
    "vibration_mm_s": 2.4,
    "seal_leak_ml_h": 4.2,
    "vibration_trend_mm_s": 0.1,
}


def features(**changes):
    reading = {**READING, **changes}
    built = build({name: np.array([value]) for name, value in reading.items()})
    return {name: column.item() for name, column in built.items()}


def test_a_faster_pump_with_the_same_wear_has_the_same_coefficients():
    slow = features()
    fast = features(
        speed_rpm=2 * 1480.0,
        flow_m3_h=2 * 96.5,
        discharge_pressure_bar=1.8 + 4 * (6.9 - 1.8),
        motor_current_a=4 * 41.2,
    )
    for name in ("flow_coefficient", "head_coefficient", "current_coefficient"):
        assert fast[name] == pytest.approx(slow[name])


def test_a_hot_day_is_no_hot_bearing():
    day, night = features(), features(bearing_temperature_c=48.3, ambient_temperature_c=11.5)
    assert day["bearing_rise_c"] == pytest.approx(night["bearing_rise_c"])


def test_a_missing_reading_leaves_only_its_own_features_empty():
    built = features(vibration_mm_s=float("nan"))
    assert [name for name, value in built.items() if np.isnan(value)] == ["vibration_mm_s"]
