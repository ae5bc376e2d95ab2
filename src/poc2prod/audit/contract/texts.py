"""The contract as it stands and as it was: who wrote which text of it, and who approved it.

Approvals are no part of the text, as they are added to it once it is written; nor is its status,
which who approves it last may change with them.
"""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from poc2prod.audit.context import CONTRACT
from poc2prod.audit.contract import plain
from poc2prod.ops.errors import ProjectError
from poc2prod.ops.kpi.document import Document, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poc2prod.audit.git.repository import Repository
    from poc2prod.ops.kpi import KpiContract

MOST = 300
"""Versions of the history that are looked at, the newest."""


class Text:
    """A contract as it was written, which may be wrong.

    Attributes:
        content: the file.
    """

    def __init__(self, content: bytes) -> None:
        self.content = content

    @cached_property
    def document(self) -> Document | None:
        """What was written; None if it is no contract's YAML."""
        try:
            return parse(Path(CONTRACT), self.content)
        except ProjectError:
            return None

    @property
    def digest(self) -> str | None:
        """What approvals name; None if it is no contract's YAML."""
        return self.document.digest if self.document else None

    @cached_property
    def substance(self) -> str | None:
        """What binds anybody, to be compared: neither approvals nor whether it is a draft."""
        if self.document is None:
            return None
        said = {key: value for key, value in self.document.data.items() if key != "approvals"}
        if isinstance(said.get("metadata"), dict):
            said["metadata"] = {k: v for k, v in said["metadata"].items() if k != "status"}
        return json.dumps(said, sort_keys=True)

    @cached_property
    def contract(self) -> KpiContract | None:
        """What it says; None if it has not the shape of a contract as of today's rules.

        It may be plain, see `plain`: its attributes are a KpiContract's, its methods are not.
        """
        return (plain.read(self.document.data) if self.document else None) or self.model

    @cached_property
    def model(self) -> KpiContract | None:
        """The same as a model, to be compared with another."""
        from poc2prod.ops.kpi.loading import validate  # noqa: PLC0415  # pydantic takes 0.1 s

        try:
            return validate(self.document) if self.document else None
        except ProjectError:
            return None

    def approved_by(self) -> set[str]:
        """Return the roles that approved this very text."""
        if b"approvals" not in self.content or self.contract is None:  # the first is cheap
            return set()
        approvals = self.contract.approvals
        return {each.role for each in approvals if each.contract_sha256 == self.digest}

    def spoken(self) -> set[int]:
        """Return the numbers of the lines that bind anybody: not the approvals, nor its status."""
        written = enumerate(map(bytes.strip, self.content.split(b"\n")), 1)
        lines = {number for number, line in written if line and not line.startswith(b"#")}
        for key, value in _pairs(self.document.root if self.document else None):
            if key.value == "approvals":
                # A block ends where the next key begins, brackets where they are closed.
                end = value.end_mark.line + 1 + bool(getattr(value, "flow_style", True))
                lines -= set(range(key.start_mark.line + 1, end))
            elif key.value == "metadata" and not getattr(value, "flow_style", True):
                lines -= {k.start_mark.line + 1 for k, _ in _pairs(value) if k.value == "status"}
        return lines


@lru_cache(maxsize=16)
def text(content: bytes) -> Text:
    """Return a text that several checks ask for, and that is mostly the newest version too."""
    return Text(content)


def _pairs(node: yaml.Node | None) -> list[tuple[yaml.ScalarNode, Any]]:
    return node.value if isinstance(node, yaml.MappingNode) else []


class Version(NamedTuple):
    """A commit that changed the contract.

    Attributes:
        author: the address of who wrote it, in lower case.
        day: when, where the author was.
    """

    commit: str
    author: str
    day: date
    text: Text


def versions(repository: Repository, *, everywhere: bool = False) -> Iterator[Version]:
    """Yield the contract's versions, newest first; `everywhere` takes what merges dropped too."""
    log = repository.git(
        *("log", f"--max-count={MOST}", "--no-mailmap", "--format=%H %aI %ae"),
        *(["--full-history"] if everywhere else []),
        *("--", CONTRACT),
    )
    for line in log.splitlines():
        commit, moment, author = line.split(" ", 2)
        content = repository.at(commit, CONTRACT)
        if content is not None:
            day = date.fromisoformat(moment[:10])
            yield Version(commit, author.strip().casefold(), day, text(content))


def writers(repository: Repository, text: Text, since: str | None) -> set[str]:
    """Return the commits that wrote the lines of the checked-out text, after a commit.

    Git's blame is asked for commits alone: the names it gives are what a .mailmap makes of them.
    """
    blamed = repository.git("blame", "--porcelain", "HEAD", "--", CONTRACT)
    spoken = text.spoken()
    found = {
        match[1]
        for match in re.finditer(r"^([0-9a-f]{40,64}) \d+ (\d+)", blamed, re.MULTILINE)
        if int(match[2]) in spoken
    }
    if since is None:
        return found
    return found & set(repository.git("rev-list", f"{since}..HEAD").split())


def author(repository: Repository, commit: str) -> str:
    """Return the address of a commit's author, in lower case."""
    return repository.git("show", "-s", "--no-mailmap", "--format=%ae", commit).strip().casefold()
