"""What `poc2prod status` says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bundles import MAIN
from small import edited, write

if TYPE_CHECKING:
    from updating import Case


def test_status_of_a_project_that_is_behind(case: Case) -> None:
    found = json.loads(case("status", "--json").out)

    assert (found["version"], found["newest"], found["unfinished"]) == ("1.0.0", "2.0.0", False)
    assert found["managed"] == {"edited": [], "missing": []}
    assert [release["version"] for release in found["newer"]] == ["2.0.0"]
    assert found["answers"]["latency"] == "interactive"
    text = case("status").out
    assert text.startswith("pump-guard: poc2prod 1.0.0, and 2.0.0 is there\n")
    assert "Two is better than one." in text


def test_status_after_an_update(case: Case) -> None:
    case.update()

    assert case("status").out.startswith("pump-guard: poc2prod 2.0.0, up to date\n")
    found = json.loads(case("status", "--json").out)
    assert (found["newer"], found["managed"]) == ([], {"edited": [], "missing": []})


@pytest.mark.parametrize(
    ("commit", "standing"),
    [
        ("v9.0.0", "poc2prod 9.0.0, newer than this poc2prod (2.0.0): upgrade it"),
        ("v0.1.0-3-gabc", "poc2prod v0.1.0-3-gabc, which is no release, so it can't be updated"),
        ("[1]", "poc2prod [1], which is no release"),
    ],
)
def test_status_of_what_is_no_release_here(case: Case, commit: str, standing: str) -> None:
    answers = case.read(".poc2prod/answers.yaml").replace("v1.0.0", commit)
    write(case.root, {".poc2prod/answers.yaml": answers})

    assert standing in case("status").out
    assert json.loads(case("status", "--json").out)["newer"] == []


def test_status_lists_edited_and_missing_managed_files(case: Case) -> None:
    write(case.root, {"guide.md": edited(2), ".poc2prod/answers.yaml": "_commit: v1.0.0\n"})
    assert json.loads(case("status", "--json").out)["managed"] == {
        "edited": [".poc2prod/answers.yaml", "guide.md"],
        "missing": [],
    }
    (case.root / "guide.md").unlink()
    (case.root / "guide.md").mkdir()

    assert "Missing managed files\n  guide.md\n" in case("status").out
    assert "Edited managed files\n  .poc2prod/answers.yaml\n" in case("status").out


def test_status_needs_neither_network_nor_git_nor_a_terminal(case: Case) -> None:
    shutil.rmtree(case.root / ".git")
    offline = ["unshare", "-n"]
    if not shutil.which("unshare") or subprocess.run([*offline, "true"], check=False).returncode:
        offline = []
    files = map(str, (case.bundle.file, case.bundle.history))
    result = subprocess.run(
        [*offline, sys.executable, "-c", MAIN, *files, "status"],
        cwd=case.root,
        env={**case.environment, "PATH": "/usr/bin/nothing" if not offline else os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    assert "1.0.0" in result.stdout


def test_an_update_needs_no_temporary_folder_of_the_users(case: Case) -> None:
    case.environment["TMPDIR"] = "/nowhere"

    case.update()
