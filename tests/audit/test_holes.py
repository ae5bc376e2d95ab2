"""SEC-03: a scan of this week, whose holes are young, and updates that come."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from audited import ENVELOPE, commit, context, write
from poc2prod.audit.catalogue import load
from poc2prod.audit.probes.security.holes import closed_in_time
from small_audits import contracted

if TYPE_CHECKING:
    from pathlib import Path

    from poc2prod.audit.outcome import Outcome

PATH = "readiness/evidence/scan.json"
HOLE = {
    "id": "GHSA-1",
    "package": "numpy",
    "version": "1",
    "severity": "high",
    "published": "2026-10-25",
    "fixed": ["2"],
}
FILES = {
    ".gitignore": "/readiness/evidence/\n",
    "requirements/serve.txt": "numpy==1 \\\n    --hash=sha256:0\n",
    "requirements/tools/x.txt": "numpy==1\nscipy==2\n",
    ".github/renovate.json5": "{}\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two pins without holes, scanned on the tenth, when they were committed."""
    contracted(tmp_path)
    scanned(tmp_path, commit(tmp_path, FILES))
    return tmp_path


def scanned(root: Path, sha: str | None = None, **values: Any) -> None:
    standing = root / PATH
    before = json.loads(standing.read_text()) if standing.exists() else {**ENVELOPE, "git_sha": sha}
    whole = {**before, "checks": ["SEC-03"], "values": {"packages": 2, "holes": [], **values}}
    write(root, {PATH: json.dumps(whole)})


def finished(root: Path) -> date:
    return date.fromisoformat(json.loads((root / PATH).read_text())["finished"][:10])


def judged(root: Path, days: int = 1) -> Outcome:
    day = date.fromordinal(finished(root).toordinal() + days)
    with context(root, on=day, about=load()["SEC-03"]) as found:
        return closed_in_time(found)


def test_a_scan_of_all_pins_without_an_old_hole_passes(root: Path) -> None:
    assert judged(root).status == "PASS", judged(root).message
    young = {**HOLE, "published": finished(root).isoformat()}
    spared = [
        young,
        {**HOLE, "fixed": []},
        {**HOLE, "severity": "moderate", "published": "2020-01-01"},
    ]
    scanned(root, holes=spared)
    assert judged(root).status == "PASS", judged(root).message


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"packages": 1}, "1 packages were asked about, of 2 pins"),
        ({"packages": None}, "None packages were asked about"),
        ({"holes": [{**HOLE, "published": "2020-01-01"}]}, "1 holes are open for too long: GHSA-1"),
        ({"holes": [{"id": "GHSA-1"}]}, "it lists a hole that can't be read"),
        ({"holes": None}, "it lists a hole that can't be read"),
    ],
)
def test_what_was_not_asked_or_is_old_fails(root: Path, values: dict[str, Any], says: str) -> None:
    scanned(root, **values)
    found = judged(root)
    assert (found.status, says in found.message) == ("FAIL", True), found.message


def test_a_hole_ages_after_the_scan_by_the_policy_of_the_contract(root: Path) -> None:
    day = finished(root).toordinal()
    scanned(root, holes=[{**HOLE, "published": date.fromordinal(day - 12).isoformat()}])
    assert judged(root, 2).status == "PASS"
    assert judged(root, 3).status == "FAIL"


def test_a_scan_of_last_week_and_no_scan_do_not_pass(root: Path) -> None:
    assert judged(root, 7).status == "PASS"
    assert judged(root, 9).status == "STALE"
    (root / PATH).write_text(json.dumps({}))
    assert judged_or_missing(root) != "PASS"
    (root / PATH).unlink()
    assert judged_or_missing(root) == "MISSING"


def judged_or_missing(root: Path) -> str:
    with context(root, on=date(2026, 11, 23), about=load()["SEC-03"]) as found:
        return str(closed_in_time(found).status)


def test_updates_have_to_come(root: Path) -> None:
    scanned(root, commit(root, {".github/renovate.json5": " \n"}))
    found = judged(root)
    assert (found.status, "nothing opens updates" in found.message) == ("FAIL", True)

    pipeline = "update:\n  script: [poc2prod update --defaults]\n"
    scanned(root, commit(root, {".gitlab-ci.yml": pipeline}))
    assert judged(root).status == "PASS", judged(root).message
