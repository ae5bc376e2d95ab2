"""A generated project: what was answered, and whose each file is."""

from __future__ import annotations

import hashlib
import os
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from poc2prod.answers_file import entries
from poc2prod.errors import CommandError, UsageError
from poc2prod.releases import Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

ANSWERS = ".poc2prod/answers.yaml"
"""In a generated project; copier.yml's `_answers_file`."""

OWNERSHIP = ".poc2prod/ownership.yaml"
"""Since 0.2.0: whose each file is, and the digests of the managed ones as generated."""


class Project:
    """A project that poc2prod generated.

    Attributes:
        root: its folder.
        recorded: what the answers file holds: answers, `_commit` and `_src_path`.
    """

    def __init__(self, root: Path, recorded: dict[str, Any]) -> None:
        self.root = root
        self.recorded = recorded

    @classmethod
    def at(cls, folder: Path) -> Self:
        """Return the project in `folder`.

        Raises:
            UsageError: there is none, or its answers file can't be read.
        """
        root = located(folder)
        if not (root / ANSWERS).is_file():
            around = next((top for top in root.parents if (top / ANSWERS).is_file()), None)
            hint = f"; did you mean {around}?" if around else ""
            raise UsageError(f"there is no project of poc2prod in {folder}: no {ANSWERS}{hint}")
        return cls(root, {key: value for key, value, _ in entries(root / ANSWERS)})

    @property
    def answers(self) -> dict[str, Any]:
        """The recorded answers."""
        return {key: value for key, value in self.recorded.items() if not key.startswith("_")}

    @cached_property
    def version(self) -> Version:
        """The release that it was generated from, or updated to.

        Raises:
            CommandError: it was rendered from something else.
        """
        if "_commit" not in self.recorded:
            raise CommandError(
                f"{ANSWERS} of {self.root.name} doesn't say by which release it was generated: "
                "_commit is missing"
            )
        commit = str(self.recorded["_commit"])
        if version := Version.parse(commit):
            return version
        raise CommandError(
            f"{self.root.name} was generated from {commit}, which is no release of poc2prod, so "
            f"there is nothing to compare it with; see _commit in {ANSWERS}"
        )

    @cached_property
    def ownership(self) -> Ownership:
        """Whose each file is, as the project itself says."""
        return Ownership.read(self.root / OWNERSHIP)

    def digest(self, path: str) -> str | None:
        """Return the SHA-256 of a file of the project, with line ends as LF; None if missing."""
        try:
            content = (self.root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()

    @property
    def journal(self) -> Path | None:
        """Where an update that isn't finished is recorded, in git's own folder; None without git.

        Git isn't asked, so that `poc2prod status` need not start it.
        """
        for top in (self.root, *self.root.parents):
            link = top / ".git"
            if link.is_dir():
                folder = link
            elif link.is_file():  # of a linked work tree or a submodule: "gitdir: PATH"
                folder = top / os.fsdecode(link.read_bytes()).partition(":")[2].strip()
            else:
                continue
            return folder / "poc2prod" / self.root.relative_to(top) / "update.json"
        return None


def located(folder: Path) -> Path:
    """Return the absolute path of `folder`.

    Raises:
        UsageError: there is no such folder.
    """
    try:
        return folder.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise UsageError(f"there is no project in {folder}: no such folder") from error


class Ownership(NamedTuple):
    """Whose each file of a project is.

    Attributes:
        yours: patterns of the owners' files, as in .gitignore.
        managed: path → SHA-256 as generated, of all other files.
        written: path → SHA-256 without white space, of the owners' files as this release has them.
    """

    yours: list[str]
    managed: dict[str, str]
    written: dict[str, str]

    @classmethod
    def read(cls, file: Path) -> Ownership:
        """Read ownership.yaml, or nothing where there is none.

        Raises:
            UsageError: it is malformed.
        """
        if not file.is_file():
            return cls([], {}, {})
        return cls.of({key: value for key, value, _ in entries(file)}, str(file))

    @classmethod
    def of(cls, declared: Mapping[str, Any], file: str) -> Ownership:
        """Take what `file` declares.

        Raises:
            UsageError: it is malformed.
        """
        yours = declared.get("yours") or []
        managed, written = declared.get("managed") or {}, declared.get("written") or {}
        if not (
            isinstance(yours, list) and isinstance(managed, dict) and isinstance(written, dict)
        ):
            raise UsageError(f"{file}: expected a list in yours, mappings in managed and written")
        return cls(
            [str(pattern) for pattern in yours],
            *({str(path): str(sha) for path, sha in found.items()} for found in (managed, written)),
        )

    def owns(self, paths: Iterable[str]) -> set[str]:
        """Return those of `paths` that are the owners'."""
        from pathspec import GitIgnoreSpec  # noqa: PLC0415  # only an update needs it

        return set(GitIgnoreSpec.from_lines(self.yours).match_files(paths))
