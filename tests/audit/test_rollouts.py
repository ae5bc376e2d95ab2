"""Measurements of a rollout end it as Argo Rollouts would: bad and missing ones abort it."""

from __future__ import annotations

import pytest

from poc2prod.audit.running.rollouts import End, Phase, end, measured


@pytest.mark.parametrize(
    ("metric", "result", "phase", "ends"),
    [
        ({"successCondition": "result[0] < 1"}, [0.5], Phase.SUCCESSFUL, End.PROMOTES),
        ({"successCondition": "result[0] < 1"}, [2.0], Phase.FAILED, End.ABORTS),
        ({"successCondition": "result[0] < 1"}, [], Phase.ERROR, End.ABORTS),
        ({"failureCondition": "result[0] > 1"}, [0.5], Phase.SUCCESSFUL, End.PROMOTES),
        (
            {"successCondition": "result[0] < 1", "failureCondition": "result[0] > 2"},
            [1.5],
            Phase.INCONCLUSIVE,
            End.PAUSES,
        ),
        (
            {"successCondition": "isNaN(result[0]) || result[0] < -1"},
            [float("nan")],
            Phase.SUCCESSFUL,
            End.PROMOTES,
        ),
        ({"successCondition": "!isNaN(result[0])"}, [float("nan")], Phase.FAILED, End.ABORTS),
        (
            {"successCondition": "result[0] < 1", "count": 3, "failureLimit": 2},
            [2.0],
            Phase.FAILED,
            End.ABORTS,
        ),
        (
            {"successCondition": "result[0] < 1", "count": 3, "failureLimit": 3},
            [2.0],
            Phase.FAILED,
            End.PROMOTES,
        ),
        (
            {"successCondition": "result[0] < 1", "failureLimit": -1, "interval": "1m"},
            [2.0],
            Phase.FAILED,
            End.PROMOTES,
        ),
        ({"successCondition": "__import__('os')"}, [1.0], Phase.ERROR, End.ABORTS),
        ({}, [1.0], Phase.SUCCESSFUL, End.PROMOTES),
    ],
)
def test_measurements_are_judged_as_argo_rollouts_does(
    metric: dict[str, object], result: list[float], phase: Phase, ends: End
) -> None:
    assert (measured(metric, result), end(metric, result)) == (phase, ends)
