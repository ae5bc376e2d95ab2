from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from audited import check, commit, result, write
from poc2prod.audit.files.tree import Tree, UnreadableError
from poc2prod.audit.records.history import FILE, _check, lines

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

ANSWERS = "_commit: 0.2.0\nproject_name: pump\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A committed project of the least that is one."""
    root = tmp_path / "pump"
    files = {".poc2prod/answers.yaml": ANSWERS, "readiness/waivers.yaml": "waivers: []\n"}
    commit(root, files)
    return root


def test_a_record_is_one_line_and_status_shows_the_last(root: Path, poc2prod: Run) -> None:
    assert "Readiness" not in poc2prod("status", root).stdout
    for number in (1, 2):
        done = poc2prod("audit", root, "--record", "--quiet")
        assert done.returncode == 1, done.stderr  # the level is not met, and that is recorded
        assert f"recorded in {root / FILE}" in done.stderr
        assert len(lines(Tree(root))) == number
    data = lines(Tree(root))[-1].data
    assert data["commit"] == commit_of(root)
    assert data["checks"]["AUD-02"] == {"status": "PASS", "version": 1}
    assert data["checks"]["KPI-01"]["status"] == "MISSING"
    assert {"engine", "catalogue_sha256", "answers_sha256", "contract_sha256"} <= set(data)
    shown = poc2prod("status", root).stdout.splitlines()[1]
    assert shown.startswith("Readiness ")
    assert shown.endswith(f"level none, audited {data['date'][:10]} at {data['commit'][:12]}")
    audit = json.loads(poc2prod("status", root, "--json").stdout)["audit"]
    assert audit["commit"] == data["commit"]


def commit_of(root: Path) -> str:
    return (root / ".git" / (root / ".git/HEAD").read_text()[5:].strip()).read_text().strip()


def test_a_dirty_tree_is_not_recorded(root: Path, poc2prod: Run) -> None:
    write(root, {"new.txt": ""})
    done = poc2prod("audit", root, "--record", "--quiet")
    assert done.returncode == 1
    assert "files differ from the commit" in done.stderr
    assert not (root / FILE).exists()


def test_without_a_commit_nothing_is_recorded(tmp_path: Path, poc2prod: Run) -> None:
    done = poc2prod("audit", tmp_path, "--record", "--quiet")
    assert done.returncode == 1
    assert "there is no commit" in done.stderr


def test_another_day_is_not_recorded(root: Path, poc2prod: Run) -> None:
    done = poc2prod("audit", root, "--record", "--as-of", "2026-12-01")
    assert done.returncode == 2
    assert "leave --as-of out" in done.stderr


def test_a_link_is_not_written_through(root: Path, tmp_path: Path, poc2prod: Run) -> None:
    (tmp_path / "elsewhere").write_text("mine\n")
    (root / FILE).symlink_to(tmp_path / "elsewhere")
    done = poc2prod("audit", root, "--record", "--quiet")
    assert done.returncode == 1
    assert "is no plain file" in done.stderr
    assert (tmp_path / "elsewhere").read_text() == "mine\n"


def test_a_last_line_without_an_end_is_kept_whole(root: Path, poc2prod: Run) -> None:
    first = {"schema": "poc2prod/history/v1", "checks": {}, "not_run": []}
    write(root, {FILE: json.dumps(first)})
    poc2prod("audit", root, "--record", "--quiet")
    assert [line.number for line in lines(Tree(root))] == [1, 2]


@pytest.mark.parametrize("text", ["[]\n", "{}\n", "{\n", "\0\n", "[" * 100_000, "9" * 5000])
def test_a_history_that_is_none_is_said_to_be(root: Path, poc2prod: Run, text: str) -> None:
    write(root, {FILE: text})
    with pytest.raises(UnreadableError, match=f"{FILE}:1"):
        lines(Tree(root))
    assert "its last line is no record" in poc2prod("status", root).stdout


def test_a_value_that_json_does_not_know_is_a_word() -> None:
    found = result(check("ZZZ-01"))
    outcome = found.outcome._replace(value=float("nan"))
    assert _check(found._replace(outcome=outcome))["value"] == "nan"
