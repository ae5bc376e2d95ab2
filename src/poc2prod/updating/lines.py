"""Merging and comparing files line by line: git does it, without a repository."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from poc2prod import git

LABELS = ("before updating", "last update", "after updating")
"""Of the sides in conflict markers; Copier's, so that both tools leave the same file."""


def _ends_with_crlf(text: bytes) -> bool:
    """Tell whether that is how all lines end, because an editor saved them so."""
    return 0 < text.count(b"\n") == text.count(b"\r\n")


def merged(ours: bytes, base: bytes, theirs: bytes) -> tuple[bytes, bool] | None:
    """Return the three-way merge and whether it is free of conflicts; None for what has no lines.

    The other tool that users have writes the same markers, so `--continue` needn't know which ran.
    """
    if _ends_with_crlf(ours) and not any(map(_ends_with_crlf, (base, theirs))):
        base, theirs = (side.replace(b"\n", b"\r\n") for side in (base, theirs))
    with tempfile.TemporaryDirectory(prefix="poc2prod-merge-") as folder:
        files = [Path(folder, name) for name in ("ours", "base", "theirs")]
        for file, content in zip(files, (ours, base, theirs), strict=True):
            file.write_bytes(content)
        labels = [part for label in LABELS for part in ("-L", label)]
        # Its status is the number of conflicts, at most 127, or 255 where it can't merge.
        result = git.run(
            "merge-file", "-p", *labels, *map(str, files), allowed=range(256), cwd=Path(folder)
        )
    return (result.stdout, not result.returncode) if result.returncode < 128 else None


def patch(path: str, old: bytes, new: bytes) -> bytes:
    """Return the patch for `git apply` that makes the file `path` from `old` into `new`."""
    with tempfile.TemporaryDirectory(prefix="poc2prod-patch-") as folder:
        for side, content in (("a", old), ("b", new)):
            file = Path(folder, side, path)
            file.parent.mkdir(parents=True)
            file.write_bytes(content)
        return git.run(
            *("diff", "--no-index", "--no-prefix", "--no-color", "--no-ext-diff", "--no-textconv"),
            *("--binary", "--", f"a/{path}", f"b/{path}"),
            allowed=(0, 1),  # 1: they differ
            cwd=Path(folder),
            env={"GIT_CONFIG_GLOBAL": os.devnull},  # diff.context = 0 makes it inapplicable
        ).stdout
