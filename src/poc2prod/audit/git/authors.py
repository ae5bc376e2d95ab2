"""Who worked on a repository, by its git history."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from poc2prod.audit.git.repository import Repository

MOST = 20_000
"""Commits that are looked at, the newest."""

_BOT = re.compile(
    r"(?i)\[bot\]|^(noreply@github\.com|.*@example\.invalid)$"
    r"|^(.*[._+-])?(bot|renovate|dependabot|github-actions|greenkeeper)([._+-].*)?(@|$)"
)
_FIELDS = "%ct%x1f%ae%x1f%an%x1f%ce%x1f%(trailers:valueonly,separator=%x1e,{})"
_TRAILERS = "key=Reviewed-by,key=Co-authored-by,key=Acked-by,key=Approved-by"
_MAIL = re.compile(r"<([^<>\s]+)>")


class Commit(NamedTuple):
    """A commit.

    Attributes:
        at: when, in seconds since 1970.
        email: its author's, in lower case.
        name: its author's.
        people: addresses of all who had a part in it: author, committer, reviewers.
    """

    at: int
    email: str
    name: str
    people: frozenset[str]


def commits(repository: Repository, until: datetime, *paths: str) -> list[Commit]:
    """Return what people, not machines, committed by a time, merges left out; to `paths` if any.

    Raises:
        UnreadableError: the history can't be read.
    """
    listed = repository.git(
        "log",
        "-z",
        "--no-merges",
        f"--max-count={MOST}",
        f"--format={_FIELDS.format(_TRAILERS)}",
        "HEAD",
        "--",
        *(f":(top,glob){path}" for path in paths),
    )
    found = []
    for record in listed.split("\0"):
        fields = record.split("\x1f")
        if len(fields) != 5 or not fields[0].isascii() or not fields[0].isdigit():
            continue
        at, email, name, committer, trailers = fields
        if int(at) <= until.timestamp() and not (_BOT.search(email) or _BOT.search(name)):
            people = {email, committer, *_MAIL.findall(trailers)}
            lowered = frozenset(person.lower() for person in people)
            found.append(Commit(int(at), email.lower(), name.casefold(), lowered))
    return found


def handle(email: str) -> str | None:
    """Return the account that an address without a mailbox belongs to, such as GitHub gives out."""
    local, _, domain = email.partition("@")
    if domain.startswith("users.noreply."):
        return local.rpartition("+")[2].lower()
    return None
