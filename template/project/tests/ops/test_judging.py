# Managed by poc2prod; extend in tests of your own, beside tests/ops/.
"""What the contract makes of what was measured, on numbers that one can check by hand."""

import math

import numpy as np
import pytest
from package import load

Assessment = load("ops.assessment").Assessment
Bootstrap = load("ops.bootstrap").Bootstrap
Metadata = load("ops.bundle").Metadata
ModelQuality = load("ops.kpi.quality").ModelQuality
judging = load("ops.judging")

ORIGIN = {"entity": None, "time": "time", "seed": 7}
LEADING = "average_precision"
WIDE = np.linspace(-0.2, 0.2, 1_001)  # 95 % of it: 0.19 to either side


def judged(gate, model, baseline=0.0, champion=None, noise=WIDE, rows=10, rarest=3, **more):
    """Judge a model with one metric; its draws vary, and the others' vary with them."""
    metrics = {"model": model, "baseline": baseline, "champion": champion}
    metrics = {name: {LEADING: v} for name, v in metrics.items() if v is not None}
    found = Assessment(
        rows=rows,
        rarest=rarest,
        bootstrap=Bootstrap(np.arange(10), "row", 10, 1_001, 7),
        metrics=metrics,
        draws={name: {LEADING: values[LEADING] + noise} for name, values in metrics.items()},
        slices=more.pop("found_slices", []),
        robustness=more.pop("found_robustness", []),
    )
    gates = [{"id": "MQ-1", "metric": LEADING, **gate}]
    quality = ModelQuality.model_validate({"gates": gates, **more})
    metadata = Metadata.model_construct(problem="binary", made_from=ORIGIN)
    return [v for v in judging.judge(found, metadata, quality) if not _of_no_interest(v)]


def _of_no_interest(verdict):
    return verdict["id"] == "EVALUATION" and verdict["passed"]


@pytest.mark.parametrize(
    ("gate", "model", "baseline", "champion", "passed"),
    [
        ({"op": "gte", "value": 0.5}, 0.5, 0.4, None, True),
        ({"op": "gte", "value": 0.5}, 0.49, 0.1, None, False),
        ({"op": "lte", "value": 0.5, "vs_baseline": -9.0}, 0.5, 0.1, None, True),
        ({"op": "lte", "value": 0.5, "vs_baseline": -9.0}, 0.51, 0.9, None, False),
        ({"op": "gte", "value": 0.0, "vs_baseline": 0.1}, 0.3, 0.2, None, True),
        ({"op": "gte", "value": 0.0, "vs_baseline": 0.25}, 0.5, 0.75, None, False),
        ({"op": "lte", "value": 9.0, "vs_baseline": 0.25}, 0.5, 0.75, None, True),
        ({"op": "lte", "value": 9.0, "vs_baseline": 0.25}, 0.75, 0.5, None, False),
        ({"op": "gte", "value": 0.5}, math.nan, 0.1, None, False),
        ({"op": "lte", "value": 0.5}, math.nan, 0.1, None, False),
        ({"op": "gte", "value": 0.5, "vs_baseline": 0.1}, 0.9, math.nan, None, False),
        # Without vs_baseline it must still be better than the baseline, and as good is not better.
        ({"op": "gte", "value": 0.5}, 0.6, 0.6, None, False),
        ({"op": "gte", "value": 0.5, "vs_baseline": 0.0}, 0.6, 0.6, None, True),
        ({"op": "gte", "value": 0.5}, 0.6, math.nan, None, False),
        # The draws of the model spread by 0.19, those of a difference not at all.
        ({"op": "gte", "value": 0.5, "bound": "ci95_lower"}, 0.68, 0.1, None, False),
        ({"op": "gte", "value": 0.5, "bound": "ci95_lower"}, 0.70, 0.1, None, True),
        ({"op": "gte", "value": 0.5, "bound": "ci95_upper"}, 0.32, 0.1, None, True),
        ({"op": "gte", "value": 0.5, "bound": "ci95_upper"}, 0.30, 0.1, None, False),
        (
            {"op": "lte", "value": 0.5, "bound": "ci95_upper", "vs_baseline": -9.0},
            *(0.32, 0.1, None, False),
        ),
        (
            {"op": "gte", "value": 0.0, "bound": "ci95_lower", "vs_baseline": 0.1},
            *(0.8, 0.7, None, True),
        ),
        # Worse than the champion, by no more than is allowed or by more.
        ({"op": "gte", "value": 0.5, "vs_champion": -0.01}, 0.79, 0.1, 0.80, True),
        ({"op": "gte", "value": 0.5, "vs_champion": -0.01}, 0.78, 0.1, 0.80, False),
        ({"op": "gte", "value": 0.5, "vs_champion": 0.0}, 0.79, 0.1, 0.80, False),
        (
            {"op": "lte", "value": 0.5, "vs_champion": -0.01, "vs_baseline": 0.0},
            *(0.12, 0.2, 0.1, False),
        ),
        ({"op": "gte", "value": 0.5, "vs_champion": 0.1}, 0.79, 0.1, None, True),
    ],
)
def test_a_gate_judges_in_its_direction(gate, model, baseline, champion, passed):
    verdicts = judged(gate, model, baseline, champion)
    missed = judging.blockers(verdicts)
    assert (not missed) is passed, missed
    for verdict in verdicts:
        assert (verdict["reason"] is None) is (verdict["passed"] is True)


def test_the_interval_of_a_difference_counts_where_the_bound_asks():
    gate = {"op": "gte", "value": 0.0, "vs_baseline": 0.1, "bound": "ci95_lower"}
    shaky = judged(gate, 0.8, 0.65)
    assert not judging.blockers(shaky), "both draws move together"

    class Apart(Assessment):
        def lead(self, metric, other):
            estimate, _ = super().lead(metric, other)
            return estimate, (estimate - 0.1, estimate + 0.1)

    found = Apart(10, 3, Bootstrap(np.arange(10), "row", 10, 9, 7), {}, {})
    found.metrics.update(model={LEADING: 0.8}, baseline={LEADING: 0.65})
    found.draws.update(model={LEADING: WIDE + 0.8}, baseline={LEADING: WIDE})
    quality = ModelQuality.model_validate({"gates": [{"id": "MQ-1", "metric": LEADING, **gate}]})
    metadata = Metadata.model_construct(problem="binary", made_from=ORIGIN)
    (reason,) = judging.blockers(judging.judge(found, metadata, quality))
    assert "better than the baseline's 0.65 by 0.05, lower end, must be at least 0.1" in reason


def test_a_refusal_names_the_gate_the_value_and_the_bound():
    (reason,) = judging.blockers(judged({"op": "gte", "value": 0.9}, 0.625))
    assert reason == f"MQ-1: {LEADING} is 0.625, must be at least 0.9"
    gate = {"op": "gte", "value": 0.5, "vs_champion": -0.01}
    (reason,) = judging.blockers(judged(gate, 0.7, champion=0.75))
    assert reason == (
        f"MQ-1: {LEADING} is 0.7, better than the champion's 0.75 by -0.05, must be at least -0.01"
    )


def test_a_warning_is_reported_and_refuses_nothing():
    verdicts = judged({"op": "gte", "value": 0.9, "severity": "warning"}, 0.5)
    assert not judging.blockers(verdicts)
    assert [verdict["passed"] for verdict in verdicts] == [False, True]


def test_without_a_champion_there_is_nothing_to_judge():
    verdicts = judged({"op": "gte", "value": 0.1, "vs_champion": 0.1}, 0.5)
    (unjudged,) = (verdict for verdict in verdicts if verdict["passed"] is None)
    assert unjudged["reason"] == "not judged: there is no champion to compare with"


@pytest.mark.parametrize(
    ("evaluation", "expected"),
    [
        ({"min_rows": 10, "min_positives": 3, "split": "temporal"}, None),
        ({"min_rows": 11}, "EVALUATION: held-out rows is 10, must be at least 11"),
        ({"min_positives": 4}, "EVALUATION: rows of the rarest class is 3, must be at least 4"),
        ({"split": "grouped"}, "EVALUATION: no entity is held out"),
    ],
)
def test_too_little_to_evaluate_on_is_refused(evaluation, expected):
    verdicts = judged({"op": "gte", "value": 0.1}, 0.5, evaluation=evaluation)
    missed = judging.blockers(verdicts)
    assert missed[0].startswith(expected) if expected else not missed


def item(name, value, support=300, gap=0.0):
    return {"id": "SL-1", "slice": name, "support": support, "metric": LEADING} | {
        "value": value, "judged": support >= 200, "gap": gap, "interval": (math.nan, math.nan),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([item("A", 0.6), item("B", 0.55, gap=0.05)], []),
        ([item("A", 0.6), item("B", 0.4, gap=0.2)], ["of plant B is 0.4", "best and the worst"]),
        (
            [item("A", 0.9), item("B", 0.6, gap=0.3)],
            ["between the best and the worst plant is 0.3"],
        ),
        ([item("A", 0.6), item("B", 0.1, support=199, gap=math.nan)], []),
        ([item("A", 0.6), item("B", math.nan, gap=math.nan)], ["of plant B is nan", "is nan"]),
    ],
)
def test_slices_are_judged_where_they_are_large_enough(items, expected):
    slices = [{"id": "SL-1", "by": "plant", "gate": "MQ-1", "value": 0.5, "max_gap": 0.1}]
    gate = {"op": "gte", "value": 0.1}
    missed = judging.blockers(judged(gate, 0.6, slices=slices, found_slices=items))
    assert len(missed) == len(expected)
    assert all(part in reason for part, reason in zip(expected, missed, strict=True))


@pytest.mark.parametrize(("drop", "passed"), [(0.05, True), (0.051, False), (math.nan, False)])
def test_robustness_has_a_limit(drop, passed):
    tests = [{"id": "RB-1", "perturbation": "p", "gate": "MQ-1", "max_drop": 0.05}]
    measured = [{"id": "RB-1", "variant": "speed", "drop": drop}]
    gate = {"op": "gte", "value": 0.1}
    missed = judging.blockers(judged(gate, 0.6, robustness=tests, found_robustness=measured))
    assert (not missed) is passed
    assert passed or f"RB-1: {LEADING} lost to p of speed is {drop:g}" in missed[0]
