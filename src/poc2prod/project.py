"""A generated project in git: where it is, what was answered, who owns what."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from poc2prod import git
from poc2prod.answers_file import entries
from poc2prod.errors import CommandError, UsageError
from poc2prod.merge import Blob, Tree
from poc2prod.releases import Version

if TYPE_CHECKING:
    from collections.abc import Iterable

ANSWERS = ".poc2prod/answers.yaml"
"""In a generated project; copier.yml's `_answers_file`."""

OWNERSHIP = ".poc2prod/ownership.yaml"
"""Since 0.2.0: whose each file is, and the digests of the managed ones as generated."""


@dataclass(frozen=True)
class Project:
    """A project that poc2prod generated.

    Attributes:
        root: its folder.
        recorded: what the answers file holds: answers, `_commit` and `_src_path`.
    """

    root: Path
    recorded: dict[str, Any]

    @classmethod
    def at(cls, folder: Path) -> Project:
        """Return the project in `folder`.

        Raises:
            UsageError: there is none, or its answers file can't be read.
        """
        try:
            root = folder.resolve(strict=True)
        except (OSError, RuntimeError) as error:
            raise UsageError(f"there is no project in {folder}: no such folder") from error
        if not (root / ANSWERS).is_file():
            raise UsageError(f"there is no project of poc2prod in {folder}: no {ANSWERS}")
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
        commit = str(self.recorded.get("_commit"))
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

    # git, always in the project's folder, which may be one of many in its repository

    def git(self, *arguments: str, stdin: bytes = b"", index: Path | None = None) -> bytes:
        """Run git in the project's folder, on `index` instead of its own if there is one."""
        env = {"GIT_INDEX_FILE": str(index)} if index else None
        return git.run(*arguments, stdin=stdin, cwd=self.root, env=env).stdout

    @cached_property
    def prefix(self) -> str:
        """The project's folder as its repository names it: "" or "services/pumps/"."""
        return os.fsdecode(self.git("rev-parse", "--show-prefix")).removesuffix("\n")

    @cached_property
    def commit(self) -> str:
        """What is checked out."""
        return self.git("rev-parse", "HEAD").decode().strip()

    @cached_property
    def journal(self) -> Path:
        """Where an update that isn't finished is recorded: in git's own folder."""
        name = "-".join(["update", *Path(self.prefix).parts])
        path = self.git("rev-parse", "--git-path", f"poc2prod/{name}.json")
        return self.root / os.fsdecode(path).removesuffix("\n")

    def require_git(self) -> None:
        """Raise UsageError unless the project is committed to git."""
        try:
            committed = self.git("ls-tree", "HEAD", ANSWERS)
        except CommandError as error:
            raise UsageError(
                f"{self.root.name} has no commit to go back to: run git init, add and commit first"
            ) from error
        if not committed:
            raise UsageError(f"{self.root.name} is not committed to git: add and commit it first")

    def changes(self) -> list[str]:
        """Return the paths in the project's folder with something that is not committed."""
        # Status may write the index, and a preview must not.
        listed = self.git(
            *("--no-optional-locks", "status", "--porcelain", "-z"),
            *("--no-renames", "--untracked-files=all", "."),
        )
        return [os.fsdecode(line[3:]) for line in listed.split(b"\0")[:-1]]

    def require_clean(self) -> None:
        """Raise UsageError if anything in the project's folder is not committed."""
        if changes := self.changes():
            more = f" and {len(changes) - 1} more" if len(changes) > 1 else ""
            raise UsageError(
                f"{self.root.name} has changes that are not committed ({changes[0]}{more}): "
                "commit or stash them, so that an update can be taken back"
            )

    def head(self) -> Tree:
        """Return the project as it is committed."""
        blobs = {}
        for line in self.git("ls-tree", "-r", "-z", "HEAD").split(b"\0")[:-1]:
            about, _, path = line.partition(b"\t")
            mode, _, identity = about.decode().split()
            blobs[os.fsdecode(path)] = Blob(mode, identity)
        return Tree(blobs, lambda path: self.git("cat-file", "blob", blobs[path].id))

    def rendered(self, folder: Path) -> Tree:
        """Return the files in `folder` as this project's repository would name them."""
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        names = "".join(f"{path}\n" for path in paths).encode()
        identities = self.git("hash-object", "--no-filters", "--stdin-paths", stdin=names)
        blobs = {
            path.relative_to(folder).as_posix(): Blob(
                "100755" if path.stat().st_mode & 0o100 else "100644", identity.decode()
            )
            for path, identity in zip(paths, identities.split(), strict=True)
        }
        return Tree(blobs, lambda path: (folder / path).read_bytes())


@dataclass(frozen=True, slots=True)
class Ownership:
    """Whose each file of a project is.

    Attributes:
        yours: patterns of the owners' files, as in .gitignore.
        managed: path → SHA-256 as generated, of all other files.
    """

    yours: list[str]
    managed: dict[str, str]

    @classmethod
    def read(cls, file: Path) -> Ownership:
        """Read ownership.yaml, or nothing where there is none.

        Raises:
            UsageError: it is malformed.
        """
        if not file.is_file():
            return cls([], {})
        declared = {key: value for key, value, _ in entries(file)}
        yours, managed = declared.get("yours") or [], declared.get("managed") or {}
        if not isinstance(yours, list) or not isinstance(managed, dict):
            raise UsageError(f"{file}: expected a list in yours and a mapping in managed")
        return cls(
            [str(pattern) for pattern in yours],
            {str(path): str(digest) for path, digest in managed.items()},
        )

    def owns(self, paths: Iterable[str]) -> set[str]:
        """Return those of `paths` that are the owners'."""
        from pathspec import GitIgnoreSpec  # noqa: PLC0415  # only an update needs it

        return set(GitIgnoreSpec.from_lines(self.yours).match_files(paths))
