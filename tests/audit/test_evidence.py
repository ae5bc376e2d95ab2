from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from audited import ENVELOPE, catalogue, check, commit, context, write
from poc2prod.audit.probes.integrity.records import evidence_authentic
from poc2prod.audit.records.evidence import FOLDER, Envelope
from poc2prod.audit.records.scrutiny import judged

if TYPE_CHECKING:
    from pathlib import Path

    from poc2prod.audit.outcome import Outcome

OF = check("MDL-02", kinds=("measured",), paths=("/src/", "/kpi-contract.yaml"), max_age=30)
PATH = f"{FOLDER}/evaluation.json"
FILES = {
    "src/train.py": "train()\n",
    "README.md": "hello\n",
    ".gitignore": "data/\nmodels/\n/readiness/evidence/\n",
    "data/rows.csv": "a,b\n1,2\n",
    "models/model.bin": "weights\n",
}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def file(path: str) -> dict[str, str]:
    return {"path": path, "sha256": digest(FILES[path])}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose commit of 1 November was measured on the tenth."""
    envelope(tmp_path, git_sha=commit(tmp_path, FILES))
    return tmp_path


def envelope(root: Path, **changes: Any) -> None:
    standing = root / PATH
    before = json.loads(standing.read_text()) if standing.exists() else {}
    whole = {
        **ENVELOPE,
        "inputs": [file("src/train.py"), file("data/rows.csv")],
        "subject": {"model": file("models/model.bin")},
        **before,
        **changes,
    }
    write(root, {PATH: json.dumps(whole)})


def audited(root: Path, on: date = date(2026, 11, 23)) -> Outcome:
    with context(root, OF, on=on) as found:
        outcome = evidence_authentic(found)
        relied = judged(found, OF)
        status = "PASS" if isinstance(relied, Envelope) else relied.status
        assert status == outcome.status, relied  # what a check relies on is judged alike
        return outcome


def test_an_untouched_envelope_passes(root: Path) -> None:
    outcome = audited(root)
    assert (outcome.status, outcome.examined) == ("PASS", 1), outcome.message
    assert outcome.evidence[0].sha256 == digest((root / PATH).read_text())


def test_no_envelope_is_missing(tmp_path: Path) -> None:
    commit(tmp_path, FILES)
    assert audited(tmp_path).status == "MISSING"


def test_a_change_elsewhere_keeps_evidence_fresh(root: Path) -> None:
    commit(root, {"README.md": "hello again\n"}, on="2026-11-11")
    assert audited(root).status == "PASS"


def test_a_change_of_what_it_is_about_makes_it_stale(root: Path) -> None:
    commit(root, {"src/new.py": "new()\n"}, on="2026-11-11")
    outcome = audited(root)
    assert outcome.status == "STALE"
    assert "src/new.py has changed since, which MDL-02 is about" in outcome.message


def test_an_edit_that_is_not_committed_makes_it_stale_too(root: Path) -> None:
    write(root, {"src/new.py": "new()\n"})
    assert audited(root).status == "STALE"
    envelope(root, dirty=True)  # then the edit may have been there: its digests tell
    assert audited(root).status == "PASS"


def test_an_approval_of_the_contract_keeps_evidence_fresh(root: Path) -> None:
    contract = {"path": "kpi-contract.yaml", "sha256": digest("a: b\n")}
    head = commit(root, {contract["path"]: "a: b\n"}, on="2026-11-02")
    envelope(root, git_sha=head, inputs=[contract])
    commit(root, {contract["path"]: "a: b\napprovals: [c]\n"}, on="2026-11-11")
    assert audited(root).status == "PASS"
    commit(root, {contract["path"]: "a: c\napprovals: [c]\n"}, on="2026-11-12")
    assert audited(root).status == "STALE"


@pytest.mark.parametrize("path", ["data/rows.csv", "src/train.py"])
def test_a_change_of_an_input_makes_it_stale(root: Path, path: str) -> None:
    write(root, {path: "changed\n"})
    outcome = audited(root)
    assert outcome.status == "STALE"
    assert path in outcome.message


def test_evidence_grows_old(root: Path) -> None:
    assert audited(root, date(2026, 12, 9)).status == "PASS"
    outcome = audited(root, date(2026, 12, 11))
    assert outcome.status == "STALE"
    assert "31 days old, and MDL-02 takes 30" in outcome.message


def test_another_subject_is_not_what_was_measured(root: Path) -> None:
    write(root, {"models/model.bin": "other weights\n"})
    outcome = audited(root)
    assert outcome.status == "FAIL"
    assert "models/model.bin is not the model that was measured" in outcome.message


def test_a_subject_that_is_not_here_can_not_be_checked(root: Path) -> None:
    (root / "models/model.bin").unlink()
    assert audited(root).status == "UNKNOWN"


def test_a_digest_that_the_commit_never_had_fails(root: Path) -> None:
    commit(root, {"src/train.py": "better()\n"}, on="2026-11-11")
    assert audited(root).status == "STALE"
    better = {"path": "src/train.py", "sha256": digest("better()\n")}
    envelope(root, inputs=[better])  # as if it had been measured already
    outcome = audited(root)
    assert outcome.status == "FAIL"
    assert "src/train.py was not what it says at" in outcome.message


LIES = {
    "finished first": ({"finished": "2026-11-10T08:00:00+00:00"}, "before it started"),
    "in the future": ({"finished": "2026-11-24T01:00:00+00:00"}, "which is to come"),
    "before the commit": ({"started": "2026-10-30T09:00:00+00:00"}, "before"),
    "unknown commit": ({"git_sha": "0" * 40}, "is no commit that this one descends from"),
    "no commit, yet clean": ({"git_sha": None}, "names none"),
}


@pytest.mark.parametrize(("changes", "reason"), LIES.values(), ids=LIES)
def test_what_can_not_have_been_fails(root: Path, changes: dict[str, Any], reason: str) -> None:
    envelope(root, **changes)
    outcome = audited(root)
    assert outcome.status == "FAIL"
    assert reason in outcome.message


def test_what_was_made_before_the_first_commit_is_stale(root: Path) -> None:
    envelope(root, git_sha=None, dirty=True)
    assert audited(root).status == "STALE"


def test_a_commit_of_another_line_of_history_fails(root: Path) -> None:
    (root / ".git/HEAD").write_text("ref: refs/heads/other\n")
    commit(root, on="2026-11-11")
    assert audited(root).status == "FAIL"


def test_a_history_that_was_cut_off_is_asked_for(root: Path) -> None:
    head = commit(root, {"README.md": "hello again\n"}, on="2026-11-11")
    (root / ".git/shallow").write_text(f"{head}\n")
    outcome = audited(root)
    assert outcome.status == "UNKNOWN"
    assert "fetch-depth: 0" in outcome.message


def test_without_git_a_commit_can_not_be_looked_up(root: Path) -> None:
    (root / ".git").rename(root / "git")
    assert audited(root).status == "UNKNOWN"


def test_the_newest_envelope_of_a_check_is_the_one_that_counts(root: Path) -> None:
    old = json.loads((root / PATH).read_text())
    old |= {"finished": "2026-11-10T09:01:00+00:00", "subject": {"model": file("README.md")}}
    old["subject"]["model"]["sha256"] = "0" * 64
    write(root, {f"{FOLDER}/old.json": json.dumps(old)})
    assert audited(root).status == "PASS"


def test_envelopes_of_a_dirty_tree_are_named(root: Path) -> None:
    envelope(root, dirty=True)
    with context(root) as found:
        assert found.evidence.dirty == (PATH,)
        assert evidence_authentic(found).status == "PASS"


def test_the_catalogue_waives_no_evidence() -> None:
    assert catalogue()["AUD-03"].waivable is False
