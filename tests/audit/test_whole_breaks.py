"""For each check: break exactly what it guards in a good project, and exactly it turns red."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from audit.breaks import BREAKS
from poc2prod.audit.catalogue import load
from poc2prod.audit.outcome import Status
from tools import require_tool

if TYPE_CHECKING:
    from pathlib import Path

    from audit.whole import Whole

pytestmark = pytest.mark.xdist_group("audit")

CHEAP = ("MDL-02", "SEC-02", "AUD-01", "AUD-04")
"""The executed checks that take no longer than a second or two."""


def test_every_check_is_broken_once() -> None:
    elsewhere = {"DAT-08"}  # no people are in this project's data: test_data_personal breaks it
    broken = [each.check for each in BREAKS.values()]
    assert sorted(broken) == sorted(load().checks.keys() - elsewhere)


@pytest.mark.parametrize("name", BREAKS)
def test_exactly_one_check_turns_red_where(name: str, whole: Whole, tmp_path: Path) -> None:
    broken, what = whole.copy(tmp_path), BREAKS[name]
    what.does(broken)
    static = load()[what.check].profile == "fast"
    found = broken.audit() if static else broken.audit(what.check, *_cheap())
    said = {n: f"{r.status}: {r.outcome.message}" for n, r in found.items()}
    assert [name for name, r in found.items() if r.status is Status.NA] == ["DAT-08"]
    red = {n: r.status for n, r in found.items() if r.status not in (Status.PASS, Status.NA)}
    assert red == {what.check: what.status, **what.also}, said
    assert what.says in said[what.check]


def test_commands_that_do_nothing_pass_nothing(whole: Whole, tmp_path: Path) -> None:
    broken = whole.copy(tmp_path)
    for name, first in (("ingest", '    with step("Ingest"):\n'), ("lineage", "    links = list(")):
        broken.edit(broken.code(f"ops/commands/{name}.py"), first, f"    return\n{first}")
    broken.commit()
    found = broken.audit("DAT-02", "DAT-03", "DAT-04")
    said = {name: found[name].outcome.message for name in ("DAT-02", "DAT-03", "DAT-04")}
    assert said["DAT-02"] == "ingest ends with status 0 and leaves no snapshot"
    assert said["DAT-03"].startswith("ingest leaves nothing")
    assert "does not lead to" in said["DAT-04"]
    assert {found[name].status for name in said} == {Status.FAIL}


def _cheap() -> tuple[str, ...]:
    require_tool("betterleaks")
    require_tool("helm")
    return CHEAP
