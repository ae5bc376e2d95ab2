"""All contents that a history ever had, read from a view of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poc2prod.audit.git.repository import Repository

CHUNK = 32 * 2**20
"""Bytes that are asked of git at once."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A content: git's name of it, a path that it had, its bytes, and whether it is still there."""

    name: str
    path: str
    size: int
    current: bool


def reachable(repository: Repository) -> list[Blob]:
    """Return every content in the history of what is checked out, the current ones first.

    Raises:
        UnreadableError: git can't read the history.
    """
    paths: dict[str, str] = {}
    for listed in repository.fed(b"", "rev-list", "--objects", "HEAD").splitlines():
        name, _, path = listed.decode("utf-8", "replace").partition(" ")
        paths[name] = path
    now: dict[str, str] = {}
    for entry in (
        repository.fed(b"", "ls-tree", "-r", "-z", "HEAD").decode("utf-8", "replace").split("\0")
    ):
        fields, _, path = entry.partition("\t")
        now[fields.rpartition(" ")[2]] = path
    asked = "".join(f"{name}\n" for name in paths).encode()
    sizes = repository.fed(
        asked, "cat-file", "--batch-check=%(objecttype) %(objectname) %(objectsize)"
    )
    found = []
    for described in sizes.decode("ascii", "replace").splitlines():
        if described.startswith("blob "):
            _, name, size = described.split()
            found.append(Blob(name, now.get(name, paths[name]), int(size), name in now))
    return sorted(found, key=lambda blob: (not blob.current, blob.path, blob.name))


def contents(repository: Repository, blobs: Iterable[Blob]) -> Iterator[tuple[Blob, bytes]]:
    """Yield the contents, asking git for many at once.

    Raises:
        UnreadableError: git can't read one.
    """
    waiting: list[Blob] = []
    for blob in blobs:
        if waiting and sum(other.size for other in waiting) + blob.size > CHUNK:
            yield from _read(repository, waiting)
            waiting = []
        waiting.append(blob)
    if waiting:
        yield from _read(repository, waiting)


def _read(repository: Repository, blobs: list[Blob]) -> Iterator[tuple[Blob, bytes]]:
    names = "".join(f"{blob.name}\n" for blob in blobs).encode()
    output = repository.fed(names, "cat-file", "--batch")
    start = 0
    for blob in blobs:
        start = output.index(b"\n", start) + 1
        yield blob, output[start : start + blob.size]
        start += blob.size + 1


def brought(repository: Repository, name: str) -> str:
    """Return the first commit that has a content."""
    commits = repository.git(
        "log", "--no-ext-diff", "--no-renames", "--format=%H", f"--find-object={name}", "HEAD"
    )
    return commits.split()[-1] if commits.split() else repository.head


def name_of(content: bytes, like: str) -> str:
    """Return git's name of a content, in the hash that the name `like` has."""
    header = f"blob {len(content)}\0".encode()
    kind = "sha256" if len(like) == 64 else "sha1"
    return hashlib.new(kind, header + content, usedforsecurity=False).hexdigest()
