from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from audited import ENVELOPE, commit, context, write
from poc2prod.audit.catalogue import load
from poc2prod.audit.probes.infrastructure.recovery import drilled
from small_audits import CONTRACT, contracted, edited

if TYPE_CHECKING:
    from pathlib import Path

    from poc2prod.audit.outcome import Outcome

PATH = "readiness/evidence/drill.json"
MEASURED = {"rto_seconds": 4.2, "rpo_seconds": 60, "rows": 900, "model": "ab" * 32}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project that promises half an hour and five minutes, and held a drill on the tenth."""
    contracted(tmp_path)
    measured(tmp_path, commit(tmp_path, {".gitignore": "/readiness/evidence/\n"}))
    return tmp_path


def measured(root: Path, sha: str | None = None, **values: Any) -> None:
    standing = root / PATH
    before = json.loads(standing.read_text()) if standing.exists() else {**ENVELOPE, "git_sha": sha}
    whole = {**before, "checks": ["INF-08"], "values": {**MEASURED, **values}}
    write(root, {PATH: json.dumps(whole)})


def judged(root: Path, on: date = date(2026, 11, 23)) -> Outcome:
    with context(root, on=on, about=load()["INF-08"]) as found:
        return drilled(found)


def test_a_drill_within_the_promise_passes(root: Path) -> None:
    outcome = judged(root)
    assert (outcome.status, outcome.value, outcome.threshold) == ("PASS", 4.2, 1800.0)


@pytest.mark.parametrize(
    ("values", "status", "says"),
    [
        ({"rto_seconds": 1801}, "FAIL", "rto_seconds is 1801, of 1800"),
        ({"rpo_seconds": 301}, "FAIL", "rpo_seconds is 301, of 300"),
        ({"rpo_seconds": -1}, "FAIL", "rpo_seconds is -1"),
        ({"rto_seconds": "fast"}, "FAIL", "rto_seconds is nan"),
        ({"rto_seconds": True}, "FAIL", "rto_seconds is nan"),
        ({"rows": 0, "model": None}, "MISSING", "neither rows nor a model"),
    ],
)
def test_what_does_not_keep_it_does_not_pass(
    root: Path, values: dict[str, Any], status: str, says: str
) -> None:
    measured(root, **values)
    outcome = judged(root)
    assert (outcome.status, says in outcome.message) == (status, True), outcome.message


def test_a_drill_of_last_season_is_stale(root: Path) -> None:
    assert judged(root, date(2027, 2, 7)).status == "PASS"
    assert judged(root, date(2027, 2, 8)).status == "STALE"


def test_without_a_drill_or_a_promise_it_is_missing(root: Path) -> None:
    (root / PATH).unlink()
    assert judged(root).status == "MISSING"
    edited(
        root / CONTRACT,
        "  recovery: {rto: PT30M, rpo: PT5M, rollback_drill: {every: P90D, max_duration: PT5M}}\n",
        "",
    )
    outcome = judged(root)
    assert outcome.status == "MISSING"
    assert "nothing is promised" in outcome.message


def test_an_envelope_that_says_nothing_is_no_proof(root: Path) -> None:
    write(root, {PATH: "{}"})
    assert judged(root).status != "PASS"
