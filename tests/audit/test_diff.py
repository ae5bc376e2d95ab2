from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from audited import commit, write
from poc2prod.audit.reports.diff import CLASSES, Entry, Snapshot, compare

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

KINDS = {
    ("PASS", "FAIL"): "regressed",
    ("PASS", "STUB"): "regressed",
    ("PASS", "MISSING"): "regressed",
    ("PASS", "UNKNOWN"): "regressed",
    ("PASS", "ERROR"): "regressed",
    ("FAIL", "ERROR"): "regressed",
    ("WAIVED", "ERROR"): "regressed",
    ("STALE", "FAIL"): "regressed",
    ("PASS", "WAIVED"): "regressed",
    ("FAIL", "PASS"): "improved",
    ("WAIVED", "PASS"): "improved",
    ("ERROR", "FAIL"): "improved",
    ("FAIL", "STALE"): "improved",
    ("PASS", "STALE"): "stale",
    ("FAIL", "WAIVED"): "granted",
    ("WAIVED", "FAIL"): "expired",
    ("WAIVED", "STALE"): "expired",
    ("MISSING", "FAIL"): "changed",
    ("NA", "FAIL"): "applicable",
    ("NA", "PASS"): "applicable",
    ("PASS", "NA"): "inapplicable",
    ("PASS", "PASS"): None,
}


def classed(old: Entry | None, new: Entry | None, left: str = "") -> str | None:
    before = Snapshot("old", {"ZZZ-01": old} if old else {}, frozenset([left]))
    after = Snapshot("new", {"ZZZ-01": new} if new else {})
    return next((move.kind for move in compare(before, after)), None)


@pytest.mark.parametrize(("old", "new"), KINDS)
def test_a_change_of_status_has_one_class(old: str, new: str) -> None:
    assert classed(Entry(old), Entry(new)) == KINDS[old, new]


def test_checks_come_and_go_and_change_their_meaning() -> None:
    assert classed(None, Entry("FAIL")) == "new"
    assert classed(Entry("PASS"), None) == "retired"
    assert classed(Entry("PASS"), Entry("FAIL", version=2)) == "tightened"
    assert classed(Entry("PASS", value=0.9), Entry("PASS", value=0.8)) == "moved"


def test_what_a_profile_left_out_is_not_compared() -> None:
    assert classed(None, Entry("FAIL"), left="ZZZ-01") is None


def test_what_regressed_is_told_first() -> None:
    pairs = [(old, new) for (old, new), kind in KINDS.items() if kind]
    before = Snapshot("old", {f"A{n:02}": Entry(old) for n, (old, _) in enumerate(pairs)})
    after = Snapshot("new", {f"A{n:02}": Entry(new) for n, (_, new) in enumerate(pairs)})
    kinds = [move.kind for move in compare(before, after)]
    assert kinds == sorted(kinds, key=list(CLASSES).index)
    assert kinds[0] == "regressed"


def report(status: str, **more: Any) -> str:
    result = {"id": "ZZZ-01", "status": status, "version": 1, "value": None, "message": "so"} | more
    return json.dumps({"schema": "poc2prod/audit/v1", "results": [result], "not_run": []})


def test_two_reports_are_compared(tmp_path: Path, poc2prod: Run) -> None:
    write(tmp_path, {"a.json": report("PASS"), "b.json": report("FAIL")})
    done = poc2prod("audit", "diff", "a.json", "b.json")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == "Regressed\n  ZZZ-01: PASS → FAIL: so\n"
    done = poc2prod("audit", "diff", "b.json", "a.json", "--json")
    assert done.returncode == 0
    (change,) = json.loads(done.stdout)["changes"]
    assert (change["class"], change["check"]) == ("improved", "ZZZ-01")
    same = poc2prod("audit", "diff", "a.json", "a.json")
    assert (same.returncode, same.stdout) == (0, "a.json and a.json do not differ\n")


def test_two_days_and_commits_of_the_history_are_compared(tmp_path: Path, poc2prod: Run) -> None:
    def line(day: str, sha: str, status: str) -> str:
        checks = {"ZZZ-01": {"status": status, "version": 1}}
        record = {"date": f"{day}T10:00:00+00:00", "commit": sha, "checks": checks, "not_run": []}
        return json.dumps({"schema": "poc2prod/history/v1", **record}) + "\n"

    text = line("2026-11-01", "a" * 40, "FAIL") + line("2026-11-02", "b" * 40, "PASS")
    write(tmp_path, {"readiness/history.jsonl": text})
    assert poc2prod("audit", "diff", "2026-11-01", "bbbbbbb").stdout.startswith("Improved\n")
    assert poc2prod("audit", "diff", "2026-11-02", "aaaaaaa").returncode == 1
    done = poc2prod("audit", "diff", "2026-11-01", "2026-10-01")
    assert done.returncode == 2
    assert "2026-10-01 is neither a JSON report nor a commit" in done.stderr


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"schema": "poc2prod/audit/v1"}', report("GREEN"), "\0", "[" * 100_000],
)
def test_what_is_no_report_is_refused(tmp_path: Path, poc2prod: Run, text: str) -> None:
    write(tmp_path, {"a.json": text})
    done = poc2prod("audit", "diff", "a.json", "a.json")
    assert done.returncode == 2
    assert "a.json is no JSON report of an audit" in done.stderr


def test_both_commands_say_what_they_do(poc2prod: Run) -> None:
    text = poc2prod("audit", "--help").stdout
    assert text.startswith("Usage: poc2prod audit [OPTIONS] [")
    assert "poc2prod audit diff OLD NEW" in text
    text = poc2prod("audit", "diff", "--help").stdout
    assert text.startswith("Usage: poc2prod audit diff [OPTIONS] ")
    assert "1 something regressed" in text
    assert "audit diff" in poc2prod("--help").stdout


def test_a_folder_named_diff_can_be_audited(tmp_path: Path, poc2prod: Run) -> None:
    commit(tmp_path / "diff", {"a.txt": "a\n"})
    assert poc2prod("audit", "./diff").stdout.startswith("diff\ncommit ")
    assert poc2prod("audit", "--profile", "fast", "diff").stdout.startswith("diff\ncommit ")
