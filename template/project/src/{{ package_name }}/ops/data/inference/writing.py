# Managed by poc2prod; extend in a module of your own that imports it.
"""Writes several of the team's files, all or none, and over no work of theirs."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from ...errors import ProjectError
from ...files import to_json, write_text

_OWNERSHIP = Path(".poc2prod/ownership.yaml")
_GENERATED = Path(".poc2prod/manifest.json")
INFERRED = Path(".poc2prod/inferred.json")
"""Digests of what infer wrote: to write it again loses nothing."""


def edited(paths: list[Path]) -> list[Path]:
    """Name those files that hold somebody's work: neither the template nor infer wrote them."""
    known = _known()
    return [
        path
        for path in paths
        if path.is_file() and digest(path) not in known.get(path.as_posix(), [])
    ]


def write(texts: Mapping[Path, str], *, keep: list[Path]) -> list[Path]:
    """Write files, all or none.

    Args:
        texts: the files.
        keep: those of which a copy stays beside them, with .before at its end.

    Returns:
        The copies.

    Raises:
        ProjectError: a copy is there already.
        OSError: one can't be written; then all are as they were.
    """
    copies = {path: path.with_name(f"{path.name}.before") for path in keep}
    for copy in copies.values():
        if copy.exists():
            raise ProjectError(f"{copy} is there already: look at it, then move it away")
    before = {path: path.read_bytes() if path.exists() else None for path in texts}
    remembered = INFERRED.read_bytes() if INFERRED.exists() else None
    try:
        # First what will be infer's own: whoever is killed here can run it again.
        _remember(texts)
        for path, copy in copies.items():
            copy.write_bytes(before[path] or b"")
        for path, text in texts.items():
            write_text(path, text)
    except BaseException:
        for path, old in {**before, INFERRED: remembered}.items():
            if old is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(old)
        for copy in copies.values():
            copy.unlink(missing_ok=True)
        raise
    return list(copies.values())


def digest(path: Path) -> str:
    """Digest a text without its white space, as the ownership list does."""
    return _digest(path.read_text(encoding="utf-8"))


def _digest(text: str) -> str:
    return hashlib.sha256(re.sub(r"\s+", "", text).encode()).hexdigest()


def _known() -> dict[str, list[str]]:
    """Digests that a file may have without being anybody's work, by path."""
    found: dict[str, list[str]] = {}
    try:
        if _OWNERSHIP.exists():
            written = yaml.safe_load(_OWNERSHIP.read_text(encoding="utf-8")).get("written") or {}
            _add(found, written)
        for path in (_GENERATED, INFERRED):
            if path.exists():
                _add(found, json.loads(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValueError, AttributeError, TypeError):
        raise ProjectError(f"{_OWNERSHIP.parent} can't be read: restore it with git") from None
    return found


def _add(found: dict[str, list[str]], digests: Mapping[str, str | list[str]]) -> None:
    for name, value in digests.items():
        found.setdefault(name, []).extend([value] if isinstance(value, str) else value)


def _remember(texts: Mapping[Path, str]) -> None:
    known: dict[str, list[str]] = {}
    if INFERRED.exists():
        _add(known, json.loads(INFERRED.read_text(encoding="utf-8")))
    for path, text in texts.items():
        known[path.as_posix()] = list(
            dict.fromkeys([*known.get(path.as_posix(), [])[-1:], _digest(text)])
        )
    write_text(INFERRED, to_json(known))
