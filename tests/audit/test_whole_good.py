"""A project that was trained and gated, and whose people did their part, reaches L1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from containers import pinned
from poc2prod.audit.catalogue import load
from tools import require_tool

if TYPE_CHECKING:
    from pathlib import Path

    from audit.whole import Whole

pytestmark = pytest.mark.xdist_group("audit")


def test_a_trained_project_whose_people_did_their_part_reaches_level_1(
    whole: Whole, docker: str, tmp_path: Path
) -> None:
    require_tool("betterleaks")
    require_tool("promtool")
    require_tool("helm")
    whole = whole.copy(tmp_path)
    options = ("--profile", "release", "--allow-exec", "--level", "L1", "--format", "json")
    with pinned(docker, whole.project, tmp_path):
        whole.commit()
        done = whole.bench("audit", whole.root, *options)
    found = {r["id"]: f"{r['status']}: {r['message']}" for r in done.report["results"]}
    assert {n: said for n, said in found.items() if not said.startswith("PASS")} == {
        "DAT-08": "NA: applies where use_personal or persons_affected"
    }
    assert sorted(found) == sorted(load().checks)
    assert done.status == 0
    assert done.report["level"]["reached"] == "L1"
    assert done.report["project"]["dirty"] is False
