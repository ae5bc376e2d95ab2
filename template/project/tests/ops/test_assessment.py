# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""Slices and perturbations, on tables that one can check by hand."""

import math

import numpy as np
import polars as pl
import pytest
from package import load

Column = load("ops.columns").Column
Metadata = load("ops.bundle").Metadata
ModelQuality = load("ops.kpi.quality").ModelQuality
ProjectError = load("ops.errors").ProjectError
assess = load("ops.assessment").assess
robustness = load("ops.robustness")

METADATA = Metadata.model_construct(problem="regression", made_from={"entity": "pump", "seed": 7})
PLANTS = ["A"] * 40 + ["B"] * 40 + ["C"] * 5


def frame(**more):
    """Plant A is 1 off, B 3, C 9; the baseline 5."""
    off = np.select([np.array(PLANTS) == "A", np.array(PLANTS) == "B"], [1.0, 3.0], 9.0)
    label = np.arange(85.0)
    columns = {"row": range(85), "entity": [f"p{i % 10}" for i in range(85)], "label": label}
    columns.update({"slice/plant": PLANTS, "model/value": label + off, "baseline/value": label + 5})
    return pl.DataFrame({**columns, **more})


def asked(**more):
    gates = [{"id": "MQ-1", "metric": "mae", "op": "lte", "value": 9.0}]
    return ModelQuality.model_validate({"gates": gates, **more})


SLICES = [{"id": "SL-1", "by": "plant", "gate": "MQ-1", "value": 2.0, "min_support": 10}]


def test_each_slice_has_its_rows_value_interval_and_gap():
    a, b, c = assess(frame(), METADATA, asked(slices=SLICES)).slices
    assert (a["slice"], a["support"], a["value"], a["gap"]) == ("A", 40, 1.0, 0.0)
    assert (b["slice"], b["support"], b["value"], b["gap"]) == ("B", 40, 3.0, 2.0)
    assert a["interval"] == pytest.approx((1.0, 1.0)), "every row is as far off"
    assert (c["support"], c["value"], c["judged"]) == (5, 9.0, False)
    assert math.isnan(c["gap"]), "a slice that is too small is no yardstick"


def test_the_worst_variant_of_a_perturbation_counts():
    label = np.arange(85.0)
    changed = {"RB-1/speed/value": label + 4, "RB-1/flow/value": label + 7}
    tests = [{"id": "RB-1", "perturbation": "p", "gate": "MQ-1", "max_drop": 1.0}]
    clean = (40 * 1 + 40 * 3 + 5 * 9) / 85
    (found,) = assess(frame(**changed), METADATA, asked(robustness=tests)).robustness
    assert (found["variant"], found["value"]) == ("flow", 7.0)
    assert found["drop"] == pytest.approx(7 - clean, abs=1e-5)
    changed["RB-1/speed/value"] = label * math.nan
    (found,) = assess(frame(**changed), METADATA, asked(robustness=tests)).robustness
    assert found["variant"] == "speed", "nothing is worse than what can't be measured"


def test_what_is_lost_of_a_metric_that_should_be_high_is_a_drop_too():
    changed = {"RB-1/all/value": np.arange(85.0) + 30}
    tests = [{"id": "RB-1", "perturbation": "p", "gate": "MQ-1", "max_drop": 1.0}]
    gates = [{"id": "MQ-1", "metric": "r2", "op": "gte", "value": 0.0}]
    found = assess(frame(**changed), METADATA, asked(gates=gates, robustness=tests))
    lost = found.metrics["model"]["r2"] - found.robustness[0]["value"]
    assert found.robustness[0]["drop"] == pytest.approx(lost, abs=1e-5)
    assert lost > 0.5


def test_entities_are_drawn_where_there_are_some():
    found = assess(frame(), METADATA, asked()).bootstrap
    assert (found.unit, found.units) == ("pump", 10)
    without = Metadata.model_construct(problem="regression", made_from={"entity": None, "seed": 7})
    found = assess(frame().drop("entity"), without, asked()).bootstrap
    assert (found.unit, found.units) == ("row", 85)


@pytest.mark.parametrize(
    ("quality", "expected"),
    [
        ({"gates": [{"id": "MQ-1", "metric": "m", "op": "gte", "value": 0.0}]}, "no metric m"),
        ({"slices": [SLICES[0] | {"by": "site"}]}, "no slice/site for SL-1"),
        (
            {"robustness": [{"id": "RB-9", "perturbation": "p", "gate": "MQ-1", "max_drop": 1.0}]},
            "has no RB-9",
        ),
    ],
)
def test_what_cannot_be_measured_is_named(quality, expected):
    with pytest.raises(ProjectError, match=expected):
        assess(frame(), METADATA, asked(**quality))


SPEED = Column(name="speed", kind="number", required=True, minimum=0.0, maximum=12.0)
COUNT = Column(name="count", kind="integer")
TEXT = Column(name="text", kind="string")
TRAINING = {
    "speed": np.array([8.0, 10.0, 12.0] * 10),
    "count": np.array([1.0, 2.0, 3.0] * 10),
    "text": np.array(["x"] * 30, dtype=object),
}
INPUTS = {
    "speed": np.full(20_000, 11.0),
    "count": np.full(20_000, 1.0),
    "text": np.full(20_000, "x", dtype=object),
}


def perturbed(name, seed=7):
    found = robustness.sensors((SPEED, COUNT, TEXT), TRAINING)
    return dict(robustness.perturb(name, INPUTS, found, seed))


def test_a_dropped_value_is_missing_where_it_may_be_and_else_the_median():
    changed = perturbed("sensor_dropout_10pct")["all"]
    assert set(changed["speed"]) == {10.0, 11.0}
    assert (changed["speed"] == 10).mean() == pytest.approx(0.1, abs=0.01)
    assert np.isnan(changed["count"]).mean() == pytest.approx(0.1, abs=0.01)
    assert (changed["text"] == "x").all()


def test_noise_follows_training_and_keeps_to_the_contract():
    changed = perturbed("sensor_noise_5pct")["all"]
    assert (changed["speed"] - 11).std() == pytest.approx(0.05 * np.std([8, 10, 12]), rel=0.05)
    assert changed["speed"].max() <= 12
    assert (changed["count"] == changed["count"].round()).all()


def test_one_sensor_after_the_other_is_offset():
    changed = perturbed("sensor_offset_half_sd")
    assert set(changed) == {"speed", "count"}
    assert changed["speed"]["speed"][0] == pytest.approx(11 + 0.5 * np.std([8, 10, 12]))
    assert changed["speed"]["count"][0] == 1
    assert INPUTS["speed"][0] == 11, "the inputs themselves stay"


def test_the_same_seed_perturbs_alike():
    one, again = perturbed("sensor_noise_5pct"), perturbed("sensor_noise_5pct")
    other = perturbed("sensor_noise_5pct", seed=8)
    assert (one["all"]["speed"] == again["all"]["speed"]).all()
    assert (one["all"]["speed"] != other["all"]["speed"]).any()


def test_a_perturbation_that_cannot_be_is_named():
    with pytest.raises(ProjectError, match="there is no perturbation x; there are sensor_dropout"):
        perturbed("x")
    with pytest.raises(ProjectError, match="needs an input that is a number"):
        dict(robustness.perturb("sensor_noise_5pct", INPUTS, [], 7))
