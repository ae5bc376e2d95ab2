"""An update with conflicts is continued, taken back or committed by hand."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from small import edited, write

if TYPE_CHECKING:
    from updating import Case

ANSWERS = ".poc2prod/answers.yaml"
OWNERSHIP = ".poc2prod/ownership.yaml"


def test_a_conflict_is_resolved_and_the_update_goes_on(case: Case) -> None:
    case.edit({"guide.md": edited(2), "run.sh": edited(2), "logo.bin": b"\0mine"})
    case.update(status=3)
    assert "resolve them, then run poc2prod update --continue" in case.refused("update")
    aside = ".poc2prod/rescued/v2.0.0/logo.bin.theirs"
    (case.root / "run.sh").unlink()

    left = case("update", "--continue")

    assert left.status == 3
    assert left.err.splitlines()[0] == f"{aside}: take from it what you need, then delete it"
    assert [line.partition(":")[0] for line in left.err.splitlines()[1:]] == [
        "guide.md, line 2",
        "guide.md, line 6",
    ]
    (case.root / aside).unlink()
    write(case.root, {"guide.md": "resolved\n"})
    done = case("update", "--continue")
    assert (done.status, done.err) == (0, "")
    assert "git commit -m 'Update from poc2prod 1.0.0 to 2.0.0'" in done.out
    assert "no update of pump-guard is waiting" in case.refused("update", "--continue")
    case.git("commit", "--quiet", "--message", "x")
    assert case.clean()
    assert not case.exists("run.sh")


def test_an_update_that_was_taken_back_does_not_wait(case: Case) -> None:
    case.edit({"guide.md": edited(2), "logo.bin": b"\0mine"})
    report = case.update(status=3)
    assert "An update has not ended" in case("status").out
    undo = report.splitlines()[-1].partition(": ")[2]
    subprocess.run(undo, shell=True, cwd=case.root, check=True)

    assert case.clean()
    assert "An update has not ended" not in case("status").out
    assert "is waiting" in case.refused("update", "--continue")
    case.update(status=3)


def test_an_update_that_was_committed_by_hand_does_not_wait(case: Case) -> None:
    case.edit({"guide.md": edited(2)})
    case.update(status=3)
    write(case.root, {"guide.md": "resolved\n"})
    case.commit()
    write(case.root, {"guide.md": "edited again\n"})

    assert "An update has not ended" not in case("status").out
    assert "is waiting" in case.refused("update", "--continue")
    assert "not committed" in case("update").err


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"phase": "waiting"}', "\0", "null"])
def test_a_record_that_is_not_readable_is_named(case: Case, content: str) -> None:
    write(case.root, {".git/poc2prod/update.json": content})

    assert ".git/poc2prod/update.json, is not readable" in case.refused("update")
    case.refused("update", "--continue")
    assert "An update has not ended" in case("status").out
