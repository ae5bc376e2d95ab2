# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""What is measured, and what the gates make of it, on numbers that one can check by hand."""

import math

import numpy as np
import pytest
from package import load

Metadata = load("ops.bundle").Metadata
Gate = load("ops.kpi").Gate
measure = load("ops.metrics").measure
predictor = load("ops.predictor")

BINARY = Metadata.model_construct(problem="binary", classes=("no", "yes"), threshold=0.25)


def test_an_alarm_is_the_positive_class_from_its_threshold_on():
    output = np.array([[0.75, 0.25], [0.9, 0.1], [0.6, 0.4]], np.float32)
    said = predictor.interpret(output, BINARY)
    assert said["probability"].tolist() == pytest.approx([0.25, 0.1, 0.4])
    assert said["alarm"].tolist() == [True, False, True]


def test_the_metrics_of_a_binary_table():
    said = {
        "probability": np.array([0.9, 0.8, 0.3, 0.1]),
        "alarm": np.array([True, False, False, False]),
    }
    got = measure(np.array(["yes", "yes", "no", "no"]), said, BINARY)
    assert (got["recall"], got["precision"], got["alarm_rate"]) == (0.5, 1.0, 0.25)
    assert (got["roc_auc"], got["average_precision"]) == (1.0, 1.0)
    assert got["brier"] == pytest.approx((0.01 + 0.04 + 0.09 + 0.01) / 4)


def test_a_longer_label_than_any_that_happened_is_wrong():
    classes = ("fail", "fail_hard", "ok")
    output = np.array([[0.1, 0.8, 0.1]] * 2 + [[0.1, 0.1, 0.8]] * 2, np.float32)
    metadata = Metadata.model_construct(problem="multiclass", classes=classes)
    happened = np.array(["fail", "fail", "ok", "ok"])
    got = measure(happened, predictor.interpret(output, metadata), metadata)
    assert got["balanced_accuracy"] == 0.5


def test_the_threshold_is_the_lowest_that_is_precise_enough():
    threshold = load("ops.training").lowest_threshold
    probability, positive = np.array([0.1, 0.2, 0.4, 0.8]), np.array([False, False, True, True])
    assert threshold(probability, positive, 0.9) == 0.4
    assert threshold(probability, positive, 0.6) == 0.2
    assert threshold(probability, ~positive, 0.9) == 0.8, "none is, so only the surest alarms"


@pytest.mark.parametrize(
    ("op", "value", "better", "model", "baseline", "passed"),
    [
        ("gte", 0.5, None, 0.5, 0.9, True),
        ("gte", 0.5, None, 0.49, 0.1, False),
        ("lte", 0.5, None, 0.5, 0.1, True),
        ("lte", 0.5, None, 0.51, 0.9, False),
        ("gte", 0.0, 0.25, 0.75, 0.5, True),
        ("gte", 0.0, 0.25, 0.5, 0.75, False),
        ("lte", 9.0, 0.25, 0.5, 0.75, True),
        ("lte", 9.0, 0.25, 0.75, 0.5, False),
        ("gte", 0.5, None, math.nan, 0.1, False),
        ("lte", 0.5, None, math.nan, 0.1, False),
        ("gte", 0.5, 0.1, 0.9, math.nan, False),
    ],
)
def test_a_gate_judges_in_its_direction(op, value, better, model, baseline, passed):
    gate = Gate(id="MQ-1", metric="m", op=op, value=value, vs_baseline=better)
    verdict = gate.judge({"m": model}, {"m": baseline})
    assert verdict["passed"] is passed
    assert (verdict["reason"] is None) is passed
