"""KPI-05: others than those who wrote the contract approved its text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from approvals import RECALL, SIGNED, WHOLE, ZOE, approved, judged
from audited import ADA, BOB, EVE, commit, write
from poc2prod.audit.context import CONTRACT
from poc2prod.audit.contract.texts import Text

if TYPE_CHECKING:
    from pathlib import Path

DAN = "dan@plant.eu"


def test_a_text_that_others_approved_passes(tmp_path: Path) -> None:
    commit(tmp_path, {CONTRACT: WHOLE})
    commit(tmp_path, {CONTRACT: approved(WHOLE, *SIGNED)}, by=ADA, on="2026-11-08")
    outcome = judged(tmp_path)
    assert (outcome.status, outcome.examined) == ("PASS", 3), outcome.message


def test_approvals_need_no_commit_but_their_text_does(tmp_path: Path) -> None:
    commit(tmp_path, {CONTRACT: WHOLE})
    write(tmp_path, {CONTRACT: approved(WHOLE, *SIGNED)})
    assert judged(tmp_path).status == "PASS"
    edited = WHOLE.replace("alarm when", "an alarm when")
    write(tmp_path, {CONTRACT: approved(edited, *SIGNED)})
    outcome = judged(tmp_path)
    assert outcome.status == "UNKNOWN"
    assert "not committed" in outcome.message


def test_who_approves_it_last_may_say_that_it_is_no_draft_any_more(tmp_path: Path) -> None:
    block = (
        "metadata:\n  name: pump-failure\n  version: 1.2.0\n  status: draft\n  risk_tier: high\n"
    )
    lines = [block.rstrip() if "metadata:" in line else line for line in WHOLE.splitlines()]
    text = "\n".join(lines) + "\n"
    commit(tmp_path, {CONTRACT: text})
    final = approved(text.replace("status: draft", "status: approved"), *SIGNED)
    commit(tmp_path, {CONTRACT: final}, by=ZOE, on="2026-11-08")
    outcome = judged(tmp_path)
    assert outcome.status == "PASS", outcome.message
    more = text.replace("status: draft", "status: approved").replace(RECALL, RECALL[:-1] + "9")
    commit(tmp_path, {CONTRACT: approved(more, *SIGNED)}, by=ZOE, on="2026-11-06")
    assert judged(tmp_path).status == "FAIL"


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n\n# signed\napprovals:\n  - {b: 1}\n  - b: 2\n\nc: 3\n",
        "a: 1\n\n\napprovals: [{b: 1},\n  {b: 2}]\n# end\n\n\nc: 3\n",
        "a: 1\n\n\napprovals:\n\n\n\n\nc: 3\n",
    ],
)
def test_neither_approvals_nor_what_says_nothing_count_as_its_text(text: str) -> None:
    lines = text.split("\n")
    assert [lines[number - 1] for number in sorted(Text(text.encode()).spoken())] == [
        "a: 1",
        "c: 3",
    ]


def test_nobody_has_approved_a_fresh_contract(tmp_path: Path) -> None:
    assert judged(tmp_path).status == "MISSING"
    commit(tmp_path, {CONTRACT: WHOLE})
    assert judged(tmp_path).status == "MISSING"


def test_an_edit_voids_what_was_approved(tmp_path: Path) -> None:
    text = approved(WHOLE, *SIGNED)
    commit(tmp_path, {CONTRACT: text})
    commit(tmp_path, {CONTRACT: text.replace(RECALL, RECALL.replace("0.8", "0.7"))})
    assert judged(tmp_path).status == "STALE"
    commit(tmp_path, {CONTRACT: f"# a remark\n{text}"})  # is no edit of what it says
    assert judged(tmp_path).status == "PASS"


WRONG = {
    "a role is missing": (SIGNED[:2], "FAIL", "lacks the approval of compliance"),
    "one is of tomorrow": ((*SIGNED[:2], ("compliance", ZOE, "2026-11-24")), "FAIL", "to come"),
    "one precedes the text": (
        (*SIGNED[:2], ("compliance", ZOE, "2026-10-31")),
        "FAIL",
        "is of 2026-10-31, and the text of 2026-11-01",
    ),
    "one is of elsewhere": (
        (*SIGNED[:2], ("compliance", "zoe@plant.eu.evil.io", "2026-11-07")),
        "FAIL",
        "who is not of plant.eu",
    ),
    "one is nobody's": (
        (*SIGNED[:2], ("compliance", "zoe@example.com", "2026-11-07")),
        "FAIL",
        "nobody's address",
    ),
    "one person has two roles": (
        (*SIGNED[:2], ("compliance", "ADA@plant.eu", "2026-11-07")),
        "FAIL",
        "for business and for compliance",
    ),
    "the author approved it": (
        (*SIGNED[:2], ("compliance", "Bob@plant.eu", "2026-11-07")),
        "FAIL",
        "approved it and wrote lines of it",
    ),
}


@pytest.mark.parametrize(("approvals", "status", "reason"), WRONG.values(), ids=WRONG)
def test_an_approval_is_no_rubber_stamp(
    tmp_path: Path, approvals: Any, status: str, reason: str
) -> None:
    commit(tmp_path, {CONTRACT: WHOLE}, by=BOB)
    commit(tmp_path, {CONTRACT: approved(WHOLE, *approvals)}, by=ADA, on="2026-11-08")
    outcome = judged(tmp_path)
    assert outcome.status == status
    assert reason in outcome.message


@pytest.mark.parametrize(
    ("tier", "status"), [("low", "PASS"), ("medium", "PASS"), ("high", "FAIL")]
)
def test_a_high_tier_asks_for_compliance_too(tmp_path: Path, tier: str, status: str) -> None:
    text = WHOLE.replace("risk_tier: high", f"risk_tier: {tier}")
    for line in ("human_oversight", "privacy"):
        assert line in text
    commit(tmp_path, {CONTRACT: text})
    commit(tmp_path, {CONTRACT: approved(text, *SIGNED[:2])}, by=ADA, on="2026-11-08")
    assert judged(tmp_path).status == status


def test_who_wrote_what_was_approved_before_may_approve_what_others_changed(
    tmp_path: Path,
) -> None:
    commit(tmp_path, {CONTRACT: WHOLE}, by=DAN)
    commit(tmp_path, {CONTRACT: approved(WHOLE, *SIGNED)}, by=ADA, on="2026-11-07")
    newer = WHOLE.replace(RECALL, RECALL.replace("0.8", "0.85"))
    day = "2026-11-20"
    signed = (("business", DAN, day), ("operations", EVE, day), ("compliance", ZOE, day))
    commit(tmp_path, {CONTRACT: newer}, by=BOB, on="2026-11-19")
    write(tmp_path, {CONTRACT: approved(newer, *signed)})
    assert judged(tmp_path).status == "PASS"
    write(tmp_path, {CONTRACT: approved(newer, ("business", BOB, day), *signed[1:])})
    assert judged(tmp_path).status == "FAIL"


def test_every_author_since_the_last_approval_counts(tmp_path: Path) -> None:
    first = WHOLE.replace(RECALL, RECALL.replace("0.8", "0.85"))
    commit(tmp_path, {CONTRACT: WHOLE}, by=DAN)
    commit(tmp_path, {CONTRACT: first}, by=ZOE, on="2026-11-02")
    last = first.replace("alarm when", "an alarm when")
    commit(tmp_path, {CONTRACT: last}, by=BOB, on="2026-11-03")
    write(tmp_path, {CONTRACT: approved(last, *SIGNED)})
    outcome = judged(tmp_path)
    assert outcome.status == "FAIL"
    assert ZOE in outcome.message


def test_the_generator_is_no_author(tmp_path: Path) -> None:
    from poc2prod.audit.files.tree import normalised

    manifest = {CONTRACT: normalised(WHOLE)}
    commit(tmp_path, {CONTRACT: WHOLE, ".poc2prod/manifest.json": json.dumps(manifest)}, by=ZOE)
    newer = WHOLE.replace(RECALL, RECALL.replace("0.8", "0.85"))
    commit(tmp_path, {CONTRACT: newer}, by=BOB, on="2026-11-03")
    write(tmp_path, {CONTRACT: approved(newer, *SIGNED)})
    assert judged(tmp_path).status == "PASS"
    (tmp_path / ".poc2prod/manifest.json").unlink()
    assert judged(tmp_path).status == "FAIL"


def test_a_mailmap_makes_nobody_another(tmp_path: Path) -> None:
    commit(tmp_path, {CONTRACT: WHOLE, ".mailmap": f"Dan <{DAN}> <{ZOE}>\n"}, by=ZOE)
    write(tmp_path, {CONTRACT: approved(WHOLE, *SIGNED)})
    assert judged(tmp_path).status == "FAIL"


@pytest.mark.parametrize("name", ["KPI-05", "KPI-06"])
def test_without_the_history_nothing_is_known(tmp_path: Path, name: str) -> None:
    write(tmp_path, {CONTRACT: approved(WHOLE, *SIGNED)})
    assert judged(tmp_path, name).status == "UNKNOWN"
    head = commit(tmp_path)
    (tmp_path / ".git/shallow").write_text(f"{head}\n")
    outcome = judged(tmp_path, name)
    assert outcome.status == "UNKNOWN"
    assert "fetch-depth: 0" in outcome.message


@pytest.mark.parametrize("name", ["KPI-05", "KPI-06"])
@pytest.mark.parametrize("text", ["", "[", "\0", "a: b\n", "approvals: [1]\n", "x" * 70_000])
def test_what_is_no_contract_fails(tmp_path: Path, name: str, text: str) -> None:
    commit(tmp_path, {CONTRACT: text})
    assert judged(tmp_path, name).status == "FAIL"
