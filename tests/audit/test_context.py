from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from audited import check, commit, context, write
from poc2prod.audit.command import _now

if TYPE_CHECKING:
    from pathlib import Path


def test_what_one_check_has_read_no_other_reads_again(tmp_path: Path) -> None:
    write(tmp_path, {"kpi-contract.yaml": "kind: none\n"})
    with context(tmp_path) as whole:
        found = whole.about(check("ZZZ-01")).findings
        assert whole.about(check("ZZZ-02")).findings is found
        assert whole.findings is found


def test_what_audits_and_measurements_record_makes_no_tree_dirty(tmp_path: Path) -> None:
    commit(tmp_path, {"README.md": "hello\n"})
    write(tmp_path, {"readiness/evidence/a.json": "{}", "readiness/history.jsonl": "{}\n"})
    with context(tmp_path) as found:
        assert found.repository
        assert found.repository.edited == []
        assert len(found.repository.dirty) == 2
    write(tmp_path, {"readiness/waivers.yaml": "waivers: []\n"})
    with context(tmp_path) as found:
        assert found.repository
        assert found.repository.edited == ["readiness/waivers.yaml"]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-01", "2026-12-01T23:59:59+00:00"),
        ("2026-12-01T10:00", "2026-12-01T10:00:00+00:00"),
        ("2026-12-01T10:00+02:00", "2026-12-01T10:00:00+02:00"),
    ],
)
def test_an_audit_as_of_a_day_is_one_at_its_end(text: str, moment: str) -> None:
    assert _now(text).isoformat() == moment
