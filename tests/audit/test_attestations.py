from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from audited import ADA, BOB, EVE, TODAY, check, commit, context, write
from poc2prod.audit.context import CONTRACT
from poc2prod.audit.records.attestations import FILE, digest_of

if TYPE_CHECKING:
    from poc2prod.audit.outcome import Outcome

CONTRACT_TEXT = Path(__file__).parents[1].joinpath("whole_contract.yaml").read_text("utf-8")
SUBJECT = "docs/training.md"
OF = check(
    "ORG-02",
    role="product owner",
    kinds=("attested",),
    documents=("/docs/training.md",),
    max_age=180,
)
MAJOR = check("ORG-03", "major", role="product owner", documents=("/docs/training.md",))
GOOD = {
    "check": "ORG-02",
    "statement": "All users were trained with these pages in October",
    "by": ADA,
    "role": "product owner",
    "on": "2026-11-05",
    "expires": "2027-05-04",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose training pages Bob wrote."""
    commit(tmp_path, {CONTRACT: CONTRACT_TEXT, SUBJECT: "# How to use it\n"}, by=BOB)
    return tmp_path


def attested(root: Path, *changes: dict[str, Any], roles: tuple[str, ...] = ()) -> Outcome:
    with context(root, OF, MAJOR) as found:
        digest = digest_of(found, OF)
    entries = [{**GOOD, "subject_digest": digest, **change} for change in changes]
    plain = [{key: value for key, value in entry.items() if value is not None} for entry in entries]
    write(root, {FILE: yaml.safe_dump({"attestations": plain})})
    return judged(root, roles=roles)


def judged(root: Path, on: date = TODAY, roles: tuple[str, ...] = ()) -> Outcome:
    with context(root, OF, MAJOR, on=on) as found:
        return found.attestations.judged("ORG-02", roles)


def test_what_a_named_person_states_of_what_others_wrote_holds(root: Path) -> None:
    outcome = attested(root, {})
    assert (outcome.status, outcome.examined) == ("PASS", 1), outcome.message
    assert outcome.message == f"attested by {ADA} (product owner)"


def test_what_nobody_states_is_missing(root: Path) -> None:
    assert judged(root).status == "MISSING"
    assert attested(root, {"check": "ORG-03"}).status == "MISSING"


def test_an_edit_of_what_was_attested_makes_it_stale(root: Path) -> None:
    attested(root, {})
    write(root, {SUBJECT: "# How to use it now\n"})
    outcome = judged(root)
    assert outcome.status == "STALE"
    with context(root, OF) as found:
        assert f"subject_digest is {digest_of(found, OF)} now" in outcome.message


def test_the_last_day_counts(root: Path) -> None:
    attested(root, {})
    assert judged(root, date(2027, 5, 4)).status == "PASS"
    assert judged(root, date(2027, 5, 5)).status == "STALE"


@pytest.mark.parametrize("key", ["on", "expires"])
def test_a_malformed_date_counts_as_expired(root: Path, key: str) -> None:
    assert attested(root, {key: "2027-02-31"}).status == "STALE"


WRONG = {
    "by a stranger": ({"by": "zoe@plant.eu"}, "is not named in the ownership"),
    "by nobody": ({"by": "team"}, "is not named in the ownership"),
    "by its author": ({"by": BOB}, "wrote docs/training.md last"),
    "in another role": ({"role": "SRE"}, "SRE can't attest it: product owner can"),
    "too short": ({"statement": "fine"}, "less than 30"),
    "too long": ({"expires": "2027-05-05"}, "it lasts 181 days, and may last 180"),
    "of tomorrow": ({"on": "2026-11-24"}, "a day to come"),
    "unknown key": ({"note": "x"}, "there is no key note"),
    **{f"no {key}": ({key: None}, f"{key} is missing") for key in GOOD if key != "check"},
    "no digest": ({"subject_digest": None}, "subject_digest is missing"),
}


@pytest.mark.parametrize(("change", "reason"), WRONG.values(), ids=WRONG)
def test_a_wrong_attestation_is_worth_nothing(
    root: Path, change: dict[str, Any], reason: str
) -> None:
    outcome = attested(root, change)
    assert outcome.status == "FAIL"
    assert reason in outcome.message


def test_who_wrote_it_may_attest_what_blocks_nothing(root: Path) -> None:
    attested(root, {"check": "ORG-03", "by": BOB})
    with context(root, OF, MAJOR) as found:
        assert found.attestations.judged("ORG-03").status == "PASS"


def test_without_history_no_author_is_known(root: Path) -> None:
    (root / ".git").rename(root / "git")
    assert attested(root, {}).status == "UNKNOWN"


def test_all_roles_that_are_asked_for_must_attest(root: Path) -> None:
    outcome = attested(root, {}, roles=("product owner", "SRE"))
    assert outcome.status == "MISSING"
    assert "by SRE" in outcome.message


def test_a_good_attestation_is_not_spoilt_by_an_old_one(root: Path) -> None:
    old = {"on": "2026-09-01", "expires": "2026-10-01", "by": EVE}
    assert attested(root, old, {}).status == "PASS"


@pytest.mark.parametrize("text", ["", "[", "attestations: x\n", "attestations: [1]\n", "\0"])
def test_a_list_that_is_none_attests_nothing(root: Path, text: str) -> None:
    write(root, {FILE: text})
    assert judged(root).status in ("FAIL", "MISSING")
