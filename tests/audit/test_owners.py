from __future__ import annotations

import shutil
import subprocess
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import yaml

from audited import context
from poc2prod.audit.catalogue import load
from poc2prod.audit.outcome import Status
from poc2prod.audit.records.attestations import FILE, digest_of
from small import write
from small_audits import CONTRACT, NOW, committed, contracted, edited, judged

if TYPE_CHECKING:
    from pathlib import Path

ADA, BOB = "ada@plant.eu", "bob@plant.eu"
OWNERS = ".github/CODEOWNERS"


def day(ago: int) -> str:
    return (NOW - timedelta(days=ago)).date().isoformat()


def change(root: Path, author: str, ago: int, file: str = "src/x.py", message: str = "x") -> None:
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(f"# {author} {ago}\n")
    committed(root, author, day(ago), message)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of two people who both work on it."""
    contracted(tmp_path)
    edited(tmp_path / CONTRACT, "handover: 2026-01-31", "handover: 2099-01-31")
    write(tmp_path, {OWNERS: f"* {ADA}\n/src/ {ADA} {BOB}\n"})
    change(tmp_path, ADA, 30)
    change(tmp_path, BOB, 20)
    return tmp_path


def test_owners_who_work_on_it_pass(project: Path) -> None:
    outcome = judged(project, "ORG-01")
    assert outcome.message == "3 files have owners, and 2 people maintain them"
    assert (outcome.status, outcome.examined) == (Status.PASS, 3)


def test_what_nobody_owns_fails(project: Path) -> None:
    write(project, {OWNERS: f"/src/ {ADA} {BOB}\n/.github/ {ADA}\n/src/x.py\n"})
    change(project, ADA, 1, "README.md")
    outcome = judged(project, "ORG-01")
    assert outcome.status is Status.FAIL
    assert outcome.message == f"{OWNERS} names no owner of README.md and 2 more"
    assert [str(place) for place in outcome.locations] == ["README.md", CONTRACT, "src/x.py"]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ("# nobody\n", Status.STUB),
        ("* owner@example.com\n", Status.STUB),
        ("* @todo\n", Status.STUB),
        ("* ada\n", Status.FAIL),
        (f"* {ADA} eve@plant.eu\n", Status.FAIL),
        (f"* {ADA} @ada\n", Status.PASS),
        (f"* {ADA} @eve\n", Status.UNKNOWN),
        (f"* {ADA} @plant/reliability\n", Status.UNKNOWN),
        ("* @a\n" * 1_000_000, Status.FAIL),
    ],
)
def test_owners_must_be_people_who_are_there(project: Path, content: str, status: Status) -> None:
    write(project, {OWNERS: content})
    assert judged(project, "ORG-01").status is status


@pytest.mark.parametrize("place", ["CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"])
def test_codeowners_may_be_elsewhere(project: Path, place: str) -> None:
    (project / place).parent.mkdir(exist_ok=True)
    (project / OWNERS).rename(project / place)
    committed(project, ADA, day(1))
    assert judged(project, "ORG-01").status is Status.PASS


def test_no_codeowners_is_missing(project: Path) -> None:
    (project / OWNERS).unlink()
    assert judged(project, "ORG-01").status is Status.MISSING


def test_an_accountable_who_is_a_placeholder_is_a_stub(project: Path) -> None:
    edited(project / CONTRACT, "email: ada@plant.eu", "email: owner@example.com")
    assert judged(project, "ORG-01").status is Status.STUB


def test_an_owner_who_left_fails_as_of_a_day(project: Path) -> None:
    for number in range(3):
        change(project, "eve@plant.eu", 5 - number)
    assert judged(project, "ORG-01").status is Status.PASS
    outcome = judged(project, "ORG-01", NOW + timedelta(days=155))
    assert outcome.message == f"{OWNERS}:1: {ADA} committed and reviewed nothing for 180 days"


def test_a_review_shows_that_an_owner_is_there(project: Path) -> None:
    change(project, "eve@plant.eu", 3, message=f"x\n\nReviewed-by: Ada <{ADA}>")
    change(project, "eve@plant.eu", 2)
    assert judged(project, "ORG-01", NOW + timedelta(days=155)).status is Status.PASS


def test_one_maintainer_is_too_few_and_machines_are_none(project: Path) -> None:
    change(project, "renovate[bot]@users.noreply.github.com", 2)
    outcome = judged(project, "ORG-01", NOW + timedelta(days=155))
    assert outcome.status is Status.FAIL
    assert "1 of at least 2 maintainers" in outcome.message


def test_what_was_committed_after_the_day_of_the_audit_does_not_count(project: Path) -> None:
    assert "0 of at least" in judged(project, "ORG-01", NOW - timedelta(days=40)).message


def test_one_author_of_nearly_all_that_is_critical_fails(project: Path) -> None:
    for number in range(8):
        change(project, ADA, 10, message=str(number))
    outcome = judged(project, "ORG-01")
    assert outcome.status is Status.FAIL
    assert (outcome.value, outcome.threshold) == (0.9, 0.8)
    change(project, BOB, 9)
    assert judged(project, "ORG-01").status is Status.FAIL
    change(project, BOB, 8, "README.md")
    assert judged(project, "ORG-01").status is Status.FAIL, "the README is not critical"
    change(project, BOB, 8, "deploy/Dockerfile")
    assert judged(project, "ORG-01").status is Status.PASS


def test_a_hand_over_that_is_due_must_have_happened(project: Path) -> None:
    edited(project / CONTRACT, "handover: 2099-01-31", "handover: 2026-11-30")
    outcome = judged(project, "ORG-01")
    assert outcome.status is Status.FAIL
    assert "kpi-contract.yaml:11: the hand-over was due on 2026-11-30" in outcome.message
    assert judged(project, "ORG-01", NOW - timedelta(days=1)).status is Status.PASS


def test_what_a_named_person_attests_needs_no_commit(project: Path) -> None:
    edited(project / CONTRACT, "handover: 2099-01-31", "handover: 2026-11-30")
    write(project, {OWNERS: f"* {ADA}\n/src/ {ADA} @plant/operations\n"})
    change(project, BOB, 9)
    assert judged(project, "ORG-01").status is Status.FAIL

    def attest(statement: str) -> Status:
        with context(project, on=NOW.date()) as here:
            digest = digest_of(here, load()["ORG-01"])
        entry = {
            "check": "ORG-01",
            "statement": statement,
            "by": ADA,
            "role": "head of engineering",
            "on": day(5),
            "expires": day(-60),
            "subject_digest": digest,
        }
        write(project, {FILE: yaml.safe_dump({"attestations": [entry]})})
        return judged(project, "ORG-01").status

    assert attest("The handover took place on 30 November") is Status.UNKNOWN
    assert attest("The handover took place; @plant/operations answers") is Status.PASS
    change(project, BOB, 2, OWNERS)
    assert judged(project, "ORG-01").status is Status.FAIL, "it was about another text"


def test_a_history_that_is_cut_or_not_there_tells_nothing(project: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    command = ["git", "clone", "--quiet", "--depth", "1", project.as_uri(), str(clone)]
    subprocess.run(command, check=True)
    outcome = judged(clone, "ORG-01")
    assert outcome.status is Status.UNKNOWN
    assert "fetch-depth: 0" in outcome.message
    shutil.rmtree(clone / ".git")
    assert judged(clone, "ORG-01").status is Status.UNKNOWN
