"""KPI-06: whoever loosens an approved contract raises its version and has it approved anew."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from approvals import RECALL, SIGNED, WHOLE, approved, judged
from audited import commit, write
from poc2prod.audit.context import CONTRACT
from poc2prod.audit.contract.texts import Text
from poc2prod.audit.records.history import FILE, SCHEMA

if TYPE_CHECKING:
    from pathlib import Path

    from poc2prod.audit.outcome import Outcome


def test_what_was_never_approved_has_nothing_to_loosen(tmp_path: Path) -> None:
    commit(tmp_path, {CONTRACT: WHOLE})
    assert judged(tmp_path, "KPI-06").status == "NA"
    commit(tmp_path, {CONTRACT: approved(WHOLE, *SIGNED)})
    assert judged(tmp_path, "KPI-06").status == "PASS"


def test_loosening_raises_the_version_and_is_approved_anew(tmp_path: Path) -> None:
    commit(tmp_path, {CONTRACT: approved(WHOLE, *SIGNED)})
    loose = WHOLE.replace(RECALL, RECALL.replace("0.8", "0.75"))

    def outcome(text: str) -> Outcome:
        commit(tmp_path, {CONTRACT: text}, on="2026-11-10")
        return judged(tmp_path, "KPI-06")

    for text in (loose, approved(loose, *SIGNED)):  # an approval alone is not enough
        found = outcome(text)
        assert found.status == "FAIL"
        assert "loosened (major): model_quality.gates.MQ-RECALL.value: 0.8 → 0.75" in found.message
        assert "must be 2.0.0, and is 1.2.0" in found.message
    raised = loose.replace("version: 1.2.0", "version: 2.0.0")
    found = outcome(raised)
    assert found.status == "FAIL"
    assert "business and operations approved the text of" in found.message
    assert outcome(approved(raised, SIGNED[0])).status == "FAIL"
    assert outcome(approved(raised, *SIGNED)).status == "PASS"


def test_tightening_asks_for_a_version_alone(tmp_path: Path) -> None:
    commit(tmp_path, {CONTRACT: approved(WHOLE, *SIGNED)})
    tight = WHOLE.replace(RECALL, RECALL.replace("0.8", "0.85"))
    commit(tmp_path, {CONTRACT: tight})
    assert judged(tmp_path, "KPI-06").status == "FAIL"
    commit(tmp_path, {CONTRACT: tight.replace("version: 1.2.0", "version: 1.3.0")})
    assert judged(tmp_path, "KPI-06").status == "PASS"


def test_a_record_of_what_git_has_lost_fails(tmp_path: Path) -> None:
    commit(tmp_path, {CONTRACT: WHOLE})
    record = {"schema": SCHEMA, "contract_sha256": Text(WHOLE.encode()).digest}
    write(tmp_path, {FILE: json.dumps(record) + "\n"})
    commit(tmp_path, {CONTRACT: WHOLE.replace(RECALL, RECALL.replace("0.8", "0.7"))})
    assert judged(tmp_path, "KPI-06").status == "NA"
    write(tmp_path, {FILE: json.dumps(record | {"contract_sha256": "0" * 64}) + "\n"})
    outcome = judged(tmp_path, "KPI-06")
    assert outcome.status == "FAIL"
    assert f"{FILE}:1 knows a contract that git does not" in outcome.message


def test_a_slice_of_no_gate_is_no_error_of_the_audit(tmp_path: Path) -> None:
    commit(tmp_path, {CONTRACT: approved(WHOLE, *SIGNED)})
    commit(
        tmp_path, {CONTRACT: WHOLE.replace("by: site, gate: MQ-RECALL", "by: site, gate: MQ-NO")}
    )
    outcome = judged(tmp_path, "KPI-06")
    assert outcome.status == "FAIL"
    assert "MQ-NO" in outcome.message
