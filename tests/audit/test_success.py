from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from poc2prod.audit.outcome import Status
from poc2prod.audit.tiers import tier
from small_audits import CONTRACT, answered, contracted, edited, judged

if TYPE_CHECKING:
    from pathlib import Path


def test_a_contract_that_says_all_passes(tmp_path: Path) -> None:
    contracted(tmp_path)
    assert judged(tmp_path, "KPI-01").status is Status.PASS


def test_no_contract_is_missing(tmp_path: Path) -> None:
    assert judged(tmp_path, "KPI-01").status is Status.MISSING


def test_a_contract_that_contradicts_itself_fails_in_its_line(tmp_path: Path) -> None:
    contracted(tmp_path)
    edited(tmp_path / CONTRACT, "linked_gates: [MQ-RECALL]", "linked_gates: [MQ-GONE]")
    outcome = judged(tmp_path, "KPI-01")
    assert outcome.status is Status.FAIL
    assert "MQ-GONE is declared nowhere" in outcome.message
    assert outcome.locations[0].line == 22


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("review_by: 2099-03-01", "review_by: unknown"),
        ("eve@plant.eu", "eve@example.com"),
        ("eve@plant.eu", "eve@mail.example.org"),
        ("eve@plant.eu", "eve@plant.invalid"),
        ("source: CMMS report 17", "source: TODO"),
        ("team: Plant IT", "team: Your team"),
        ("decider: Head of Maintenance", "decider: '???'"),
    ],
)
def test_what_only_people_know_is_a_stub_until_they_write_it(
    tmp_path: Path, old: str, new: str
) -> None:
    contracted(tmp_path)
    edited(tmp_path / CONTRACT, old, new)
    outcome = judged(tmp_path, "KPI-01")
    assert outcome.status is Status.STUB
    lines = (tmp_path / CONTRACT).read_text("utf-8").splitlines()
    assert new in lines[outcome.locations[0].line - 1]


def test_a_tier_below_what_the_contract_itself_asks_for_fails(tmp_path: Path) -> None:
    contracted(tmp_path)
    edited(tmp_path / CONTRACT, "risk_tier: high", "risk_tier: low")
    outcome = judged(tmp_path, "KPI-01")
    assert outcome.status is Status.FAIL
    assert outcome.message == (
        "kpi-contract.yaml:3: risk_tier is low, and must be medium because privacy.personal_data"
        " is true"
    )
    edited(tmp_path / CONTRACT, "risk_tier: low", "risk_tier: medium")
    assert judged(tmp_path, "KPI-01").status is Status.PASS


def test_a_tier_below_what_the_answers_give_fails(tmp_path: Path) -> None:
    contracted(tmp_path)
    edited(tmp_path / CONTRACT, "risk_tier: high", "risk_tier: medium")
    answered(tmp_path, safety_related="true")
    assert judged(tmp_path, "KPI-01").status is Status.FAIL


def test_a_contract_that_declares_no_tier_has_that_of_its_facts(tmp_path: Path) -> None:
    contracted(tmp_path)
    edited(tmp_path / CONTRACT, ", risk_tier: high", "")
    outcome = judged(tmp_path, "KPI-01")
    assert outcome.message == "kpi-contract.yaml is valid and complete for tier medium"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, "low"),
        ({"availability": 0.995}, "low"),
        ({"availability": 0.999}, "medium"),
        ({"availability": "0.999"}, "low"),
        ({"availability": True}, "low"),
        ({"persons_affected": True}, "medium"),
        ({"personal_data": True}, "medium"),
        ({"revenue_critical": True}, "medium"),
        ({"persons_affected": True, "decision": "automated"}, "high"),
        ({"decision": "automated"}, "low"),
        ({"safety_related": True}, "high"),
        ({"act_class": "high-risk"}, "high"),
        ({"safety_related": "yes please"}, "low"),
    ],
)
def test_the_tier_follows_from_the_answers(answers: dict[str, object], expected: str) -> None:
    assert tier(answers) == expected


SERVICE, BATCH = {"latency": "interactive"}, {"latency": "batch"}


def test_a_service_whose_promises_all_have_alerts_passes(tmp_path: Path) -> None:
    contracted(tmp_path)
    answered(tmp_path, **SERVICE)
    outcome = judged(tmp_path, "KPI-04")
    assert (outcome.status, outcome.examined) == (Status.PASS, 3)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (
            "    - {id: NF-AVAIL, kind: availability, objective: 0.995, window: P30D}\n",
            "",
            "an SLO of kind availability",
        ),
        ("quantile: 0.99", "quantile: 0.5", "latency with a quantile of 0.99 or more"),
        ("kind: throughput_rps", "kind: model_age_seconds", "a limit of kind throughput_rps"),
    ],
)
def test_a_service_that_lacks_a_promise_fails(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    contracted(tmp_path)
    edited(tmp_path / CONTRACT, "abort_on: [NF-AVAIL, ", "abort_on: [")
    edited(tmp_path / CONTRACT, old, new)
    answered(tmp_path, **SERVICE)
    outcome = judged(tmp_path, "KPI-04")
    assert outcome.status is Status.FAIL
    assert named in outcome.message


LIMIT = "    - {id: NF-LOAD, kind: throughput_rps, value: 50}\n"


def test_a_promise_that_nothing_measures_fails_until_evidence_has_its_figure(
    tmp_path: Path,
) -> None:
    contracted(tmp_path)
    cost = "    - {id: NF-COST, kind: cost_per_1k_predictions, value: 2}\n"
    edited(tmp_path / CONTRACT, LIMIT, LIMIT + cost)
    answered(tmp_path, **SERVICE)
    outcome = judged(tmp_path, "KPI-04")
    assert outcome.status is Status.FAIL
    assert "nothing measures NF-COST" in outcome.message

    file = tmp_path / "readiness/evidence/cost.json"
    file.parent.mkdir(parents=True)
    for poor in (
        "[" * 100_000,
        '{"checks": ["KPI-01"], "values": {"NF-COST": 1}}',
        '{"checks": ["KPI-04"], "values": {"NF-COST": "cheap"}}',
        '{"checks": ["KPI-04"], "values": {"NF-COST": NaN}}',
        '{"checks": "KPI-04", "values": {"NF-COST": 1}}',
        '{"checks": ["KPI-04"], "values": 1}',
    ):
        file.write_text(poor, "utf-8")
        assert judged(tmp_path, "KPI-04").status is Status.FAIL, poor
    file.write_text('{"checks": ["KPI-04"], "values": {"NF-COST": 1.2}}', "utf-8")
    assert judged(tmp_path, "KPI-04").status is Status.PASS


def test_a_batch_job_promises_a_deadline_that_evidence_measures(tmp_path: Path) -> None:
    contracted(tmp_path)
    answered(tmp_path, **BATCH)
    assert "a limit of kind batch_seconds" in judged(tmp_path, "KPI-04").message
    deadline = "    - {id: NF-DEADLINE, kind: batch_seconds, value: 14400}\n"
    edited(tmp_path / CONTRACT, LIMIT, deadline)
    assert "nothing measures NF-DEADLINE" in judged(tmp_path, "KPI-04").message
    file = tmp_path / "readiness/evidence/score.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"checks": ["KPI-04"], "values": {"NF-DEADLINE": 812.5}}', "utf-8")
    assert judged(tmp_path, "KPI-04").status is Status.PASS


def test_promises_can_be_judged_only_for_a_known_way_of_serving(tmp_path: Path) -> None:
    assert judged(tmp_path, "KPI-04").status is Status.MISSING
    contracted(tmp_path)
    assert judged(tmp_path, "KPI-04").status is Status.UNKNOWN


def test_an_empty_contract_promises_nothing(tmp_path: Path) -> None:
    (tmp_path / CONTRACT).touch()
    answered(tmp_path, **SERVICE)
    for check in ("KPI-01", "KPI-04"):
        assert judged(tmp_path, check).status is Status.FAIL


def test_a_review_is_overdue_as_of_a_day(tmp_path: Path) -> None:
    contracted(tmp_path)
    assert judged(tmp_path, "KPI-01", datetime(2099, 3, 1, tzinfo=UTC)).status is Status.PASS
    assert judged(tmp_path, "KPI-01", datetime(2099, 3, 2, tzinfo=UTC)).status is Status.STALE
