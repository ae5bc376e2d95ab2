"""DAT-09: the truth of predictions arrives, and soon enough."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from audited import ENVELOPE, context, write
from poc2prod.audit.catalogue import load
from poc2prod.audit.outcome import Outcome, Status
from poc2prod.audit.probes.data.truth import ground_truth_arrives
from small_audits import contracted

if TYPE_CHECKING:
    from pathlib import Path

VALUES = {"predictions": 200, "labels": 190, "joined_share": 0.9, "lag_seconds": 86_400}


def judged(root: Path, **values: Any) -> Outcome:
    said = {name: value for name, value in {**VALUES, **values}.items() if value is not None}
    envelope = {**ENVELOPE, "checks": ["DAT-09"], "dirty": True, "values": said}
    write(root, {"readiness/evidence/truth.json": json.dumps(envelope)})
    with context(root, about=load()["DAT-09"]) as found:
        return ground_truth_arrives(found, least=0.8)


def test_predictions_that_met_their_truth_pass(tmp_path: Path) -> None:
    found = judged(tmp_path)
    assert found.status is Status.PASS, found.message
    assert found.message == "90% of 200 predictions met their truth, 95 % of them within 86,400 s"
    assert (found.examined, found.value, found.threshold) == (200, 0.9, 0.8)


def test_no_evidence_is_missing(tmp_path: Path) -> None:
    with context(tmp_path, about=load()["DAT-09"]) as found:
        assert ground_truth_arrives(found, least=0.8).status is Status.MISSING


@pytest.mark.parametrize(
    ("values", "status", "said"),
    [
        ({"joined_share": 0.79}, Status.FAIL, "only 79% of predictions met their truth"),
        ({"joined_share": 1.1}, Status.FAIL, "more than all"),
        ({"labels": 100}, Status.FAIL, "more predictions met their truth than there are labels"),
        ({"lag_seconds": None}, Status.FAIL, "values lacks lag_seconds"),
        ({"labels": "many"}, Status.FAIL, "values lacks labels"),
        ({"labels": True}, Status.FAIL, "values lacks labels"),
        ({"predictions": 0}, Status.MISSING, "no prediction was due"),
    ],
)
def test_truth_that_is_late_or_made_up_is_named(
    tmp_path: Path, values: dict[str, Any], status: Status, said: str
) -> None:
    found = judged(tmp_path, **values)
    assert found.status is status, found.message
    assert said in found.message


def test_the_contract_says_how_late_it_may_be(tmp_path: Path) -> None:
    contracted(tmp_path)  # label_lag: P14D
    assert judged(tmp_path, lag_seconds=14 * 86_400).status is Status.PASS
    found = judged(tmp_path, lag_seconds=14 * 86_400 + 1)
    assert found.status is Status.FAIL
    assert "the contract allows 1,209,600" in found.message
