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

pytestmark = pytest.mark.xdist_group("default")

CHEAP = ("MDL-02", "SEC-02", "AUD-01", "AUD-04")
"""The executed checks that take no longer than a second or two."""


def test_every_check_is_broken_once() -> None:
    assert sorted(each.check for each in BREAKS.values()) == sorted(load().checks)


@pytest.mark.parametrize("name", BREAKS)
def test_exactly_one_check_turns_red_where(name: str, whole: Whole, tmp_path: Path) -> None:
    broken, what = whole.copy(tmp_path), BREAKS[name]
    what.does(broken)
    static = load()[what.check].profile == "fast"
    found = broken.audit() if static else broken.audit(what.check, *_cheap())
    said = {n: f"{r.status}: {r.outcome.message}" for n, r in found.items()}
    red = {n: r.status for n, r in found.items() if r.status is not Status.PASS}
    assert red == {what.check: what.status, **what.also}, said
    assert what.says in said[what.check]


def _cheap() -> tuple[str, ...]:
    require_tool("betterleaks")
    require_tool("helm")
    return CHEAP
