"""Merging by lines, and patches."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from poc2prod.updating.lines import merged, patch

if TYPE_CHECKING:
    from pathlib import Path

BASE = b"a\nb\nc\nd\ne\n"


def test_line_ends_of_an_editor_are_kept_where_all_lines_have_them() -> None:
    ours, theirs = BASE.replace(b"e", b"E"), BASE.replace(b"a", b"A")

    assert merged(ours.replace(b"\n", b"\r\n"), BASE, theirs) == (
        b"A\r\nb\r\nc\r\nd\r\nE\r\n",
        True,
    )
    assert merged(ours.replace(b"e\n", b"e\r\n"), BASE, theirs) == (b"A\nb\nc\nd\nE\n", True)


@pytest.mark.parametrize("new", ["a\nchanged\n", "", "no line break", "\0binary"])
def test_a_patch_restores_the_edits(tmp_path: Path, new: str) -> None:
    (tmp_path / "folder").mkdir()
    file = tmp_path / "folder" / "a file"
    file.write_bytes(b"a\nb\n")

    subprocess.run(
        ["git", "apply", "-"],
        input=patch("folder/a file", b"a\nb\n", new.encode()),
        cwd=tmp_path,
        check=True,
    )

    assert file.read_bytes() == new.encode()
