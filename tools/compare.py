"""Compare a template with a release of it, and both with the history's entry "next"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from poc2prod.effects import PROJECT, rendered
from poc2prod.git import git
from poc2prod.questions import load, settable
from poc2prod.releases import NEXT, Changes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TEMPLATE = ("copier.yml", "template")
"""What a release consists of."""


def files(root: Path) -> dict[str, bytes]:
    """Return path → contents of the template in the work tree `root`, without what git ignores."""
    which = ("--cached", "--others", "--exclude-standard")
    listed = git("ls-files", "-z", *which, "--", *TEMPLATE, cwd=root).split("\0")
    return {name: (root / name).read_bytes() for name in listed if (root / name).is_file()}


def unrecorded(old: Path, new: Path, changes: Changes | None) -> str:
    """Compare the templates in the work trees `old` and `new` with the history's entry "next".

    Returns:
        What to write there; "" where it is right.
    """
    before, after = files(old), files(new)
    if changes is None:
        return "" if before == after else f"- version: {NEXT}\n"
    lines = []
    for prefix, was, will_be, added, removed, renamed in (
        ("", _paths(before), _paths(after), changes.added, changes.removed, changes.renamed),
        (
            "questions.",
            settable(load(old)).keys(),
            settable(load(new)).keys(),
            changes.questions_added,
            changes.questions_removed,
            changes.questions_renamed,
        ),
    ):
        appeared, vanished = will_be - was, was - will_be
        lines += _differences(f"{prefix}added", appeared, {*added, *renamed.values()})
        lines += _differences(f"{prefix}removed", vanished, {*removed, *renamed})
    return "".join(lines)


def _paths(template: Mapping[str, bytes]) -> set[str]:
    folder = f"{PROJECT}/"
    return {rendered(p.removeprefix(folder)) for p in template if p.startswith(folder)}


def _differences(key: str, found: set[str], recorded: set[str]) -> list[str]:
    missing = [f"    - {name}\n" for name in sorted(found - recorded)]
    wrong = [f"    # not so: {name}\n" for name in sorted(recorded - found)]
    return [f"  {key}:  # or renamed\n", *missing, *wrong] if missing or wrong else []
