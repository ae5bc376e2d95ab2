from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest
import yaml

from audited import ENVELOPE, TODAY, WAIVER, check, commit, context, result, write
from poc2prod.audit import scoring
from poc2prod.audit.engine import Audit
from poc2prod.audit.records.waivers import FILE
from poc2prod.audit.reports.document import document, exit_code

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run
    from poc2prod.audit.engine import Result

FINE = result(check("AUD-03", step=0), "PASS")
OTHER = check("ZZZ-02")
WAIVED = check("ZZZ-01", version=2)


def audited(root: Path, *results: Result, on: date = TODAY, dirty: bool = False) -> Audit:
    with context(root, WAIVED, OTHER, on=on) as found:
        waivers = found.waivers
        judged = tuple(waivers.applied([FINE, *results]))
        _ = found.evidence
        return Audit(found, "pr", judged, ("ZZZ-99",), waivers, "0" * 40, dirty)


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        (["PASS", "PASS"], 0),
        (["PASS", "NA"], 0),
        (["STALE", "PASS"], 4),
        (["STALE", "STALE"], 4),
        (["STALE", "FAIL"], 1),
        (["PASS", "MISSING"], 1),
        (["STALE", "ERROR"], 3),
    ],
)
def test_only_what_is_late_gives_four(tmp_path: Path, statuses: list[str], code: int) -> None:
    results = [result(each, status) for each, status in zip((WAIVED, OTHER), statuses, strict=True)]
    assert exit_code(audited(tmp_path, *results), "L1") == code


def test_what_shuts_no_level_up_to_the_target_does_not_count(tmp_path: Path) -> None:
    late, later = result(OTHER, "STALE"), result(check("ZZZ-03", kinds=("measured",)), "FAIL")
    assert exit_code(audited(tmp_path, late, later), "L1") == 4
    assert exit_code(audited(tmp_path, late, later), "L2") == 1


def test_a_stale_minor_does_not_hide_what_fails(tmp_path: Path) -> None:
    minor = result(check("ZZZ-03", "minor"), "STALE")
    assert exit_code(audited(tmp_path, minor), "L1") == 0
    assert exit_code(audited(tmp_path, minor, result(OTHER)), "L1") == 1


def test_an_expired_waiver_is_told_from_a_failure_and_is_loud(tmp_path: Path) -> None:
    write(tmp_path, {FILE: yaml.safe_dump({"waivers": [WAIVER]})})
    failure = result(WAIVED)
    assert exit_code(audited(tmp_path, failure), "L1") == 0
    late = audited(tmp_path, failure, on=date(2026, 12, 1))
    assert exit_code(late, "L1") == 4
    report = document(late, "L1")
    assert report["exit"] == 4
    assert report["level"]["unmet"] == ["ZZZ-01 FAIL: it is broken"]
    (shown,) = report["waivers"]
    assert (shown["standing"], shown["why"]) == ("expired", "it expired 2026-11-30")
    json.dumps(report)


def test_a_void_waiver_is_no_late_one(tmp_path: Path) -> None:
    write(tmp_path, {FILE: yaml.safe_dump({"waivers": [{**WAIVER, "check_version": 1}]})})
    assert exit_code(audited(tmp_path, result(WAIVED), on=date(2026, 12, 1)), "L1") == 1


def test_four_waived_blockers_are_one_too_many_even_if_one_is_late(tmp_path: Path) -> None:
    checks = [check(f"ZZZ-1{number}", version=2) for number in range(4)]
    entries = [{**WAIVER, "id": each.id, "check": each.id} for each in checks]
    entries[0]["expires"] = "2026-11-10"
    write(tmp_path, {FILE: yaml.safe_dump({"waivers": entries})})
    with context(tmp_path, *checks) as found:
        judged = tuple(found.waivers.applied([FINE, *map(result, checks)]))
        _ = found.evidence
        audit = Audit(found, "pr", judged, ("ZZZ-99",), found.waivers, "0" * 40, dirty=False)
    assert exit_code(audit, "L1") == 1


def test_above_l1_neither_tree_nor_evidence_may_be_dirty(tmp_path: Path) -> None:
    passing = [result(check(name), "PASS") for level in ("L2",) for name in scoring._PASSES[level]]
    assert exit_code(audited(tmp_path, *passing), "L2") == 0
    dirty = audited(tmp_path, *passing, dirty=True)
    assert scoring.unmet(dirty, "L1") == []
    assert scoring.unmet(dirty, "L2") == ["files differ from the commit: commit them"]
    path = "readiness/evidence/a.json"
    write(tmp_path, {path: json.dumps(ENVELOPE | {"dirty": True})})
    unclean = audited(tmp_path, *passing)
    assert scoring.unmet(unclean, "L1") == []
    assert scoring.unmet(unclean, "L2") == [f"{path} is of a dirty tree: measure again"]
    assert unclean._replace(dirty=False).unclean == (path,)


def test_an_audit_ends_with_what_its_report_says(tmp_path: Path, poc2prod: Run) -> None:
    commit(tmp_path, {FILE: yaml.safe_dump({"waivers": [WAIVER | {"check": "KPI-99"}]})})
    done = poc2prod("audit", tmp_path, "--format", "json", "--as-of", "2026-11-23")
    report = json.loads(done.stdout)
    assert done.returncode == report["exit"] == 1  # an unknown id is no wrong usage: 2
    found = {each["id"]: each for each in report["results"]}
    assert found["AUD-02"]["status"] == "FAIL"
    assert "there is no check KPI-99; did you mean KPI-0" in found["AUD-02"]["message"]
    assert report["waivers"][0]["standing"] == "void"
