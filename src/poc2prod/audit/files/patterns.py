"""Patterns as in .gitignore.

pathspec knows all of them, and takes a tenth of an audit to import; the few that most checks use
are told by regular expressions, which a test holds against it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def select(patterns: Iterable[str], paths: Iterable[str]) -> list[str]:
    """Return those of `paths`, which are files, that match patterns, in order."""
    patterns = tuple(patterns)
    known = [_regex(pattern) for pattern in patterns]
    if None not in known:
        whole = re.compile("|".join(filter(None, known)) or r"(?!)")
        return sorted(path for path in paths if whole.fullmatch(path))
    from pathspec import GitIgnoreSpec  # noqa: PLC0415

    return sorted(GitIgnoreSpec.from_lines(patterns).match_files(paths))


@lru_cache(maxsize=256)
def _regex(pattern: str) -> str | None:
    """Return what a path must match wholly; None for patterns that only pathspec knows."""
    steps = pattern.strip("/").split("/")
    if not re.fullmatch(r"/?[\w.*/-]+/?", pattern, re.ASCII) or "" in steps or steps[-1] == "**":
        return None
    if any("**" in step and step != "**" for step in steps):
        return None
    anchored = pattern.startswith("/") or len(steps) > 1
    parts = ["" if anchored else "(?:.*/)?"]
    for number, step in enumerate(steps):
        last = number == len(steps) - 1
        if step == "**":
            parts.append("(?:[^/]+/)*")
        else:
            parts.append(re.escape(step).replace(r"\*", "[^/]*") + ("" if last else "/"))
    return "".join(parts) + ("/.+" if pattern.endswith("/") else "(?:/.+)?")
