"""The audited folder's git history, as probes may ask for it; see `view` for how it is shielded."""

from __future__ import annotations

import os
import re
from functools import cached_property
from typing import TYPE_CHECKING

from poc2prod.audit.git import bounded_git

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from pathlib import Path

    from poc2prod.audit.files.tree import UnreadableError

LARGEST = 64 * 2**20
"""Bytes of a file of the history that is read into memory."""

RECORDS = ("readiness/evidence/", "readiness/history.jsonl")

COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


class Repository:
    """A view of a repository.

    Attributes:
        head: the commit that is checked out.
        shallow: whether the history was cut, as CI's checkouts do by default.
    """

    def __init__(self, folder: Path, root: Path, head: str, *, shallow: bool) -> None:
        self._folder = folder
        self._root = root
        self._broken: UnreadableError | None = None
        self.head = head
        self.shallow = shallow

    def git(self, *arguments: str) -> str:
        """Run git on the view.

        Raises:
            UnreadableError: it failed, or did not end.
        """
        return self._run(*arguments).output.decode(errors="replace").removesuffix("\n")

    def fed(self, stdin: bytes, *arguments: str) -> bytes:
        """Run one of git's commands that read names from their input.

        Raises:
            UnreadableError: it failed, or did not end.
        """
        return self._run(*arguments, stdin=stdin, allowed=(0, 1)).output

    def ask(self, *arguments: str) -> bool:
        """Tell whether git agrees: status 0, not 1.

        Raises:
            UnreadableError: it failed, or did not end.
        """
        return self._run(*arguments, allowed=(0, 1)).status == 0

    def _run(
        self, *arguments: str, stdin: bytes = b"", allowed: Container[int] = (0,)
    ) -> bounded_git.Done:
        if self._broken:
            raise self._broken
        try:
            return bounded_git.run(
                *arguments, cwd=self._root, env=self._environment, stdin=stdin, allowed=allowed
            )
        except bounded_git.EndlessError as error:
            self._broken = error  # it would not end the next time either
            raise

    @property
    def _environment(self) -> dict[str, str]:
        return {
            "GIT_DIR": str(self._folder),
            "GIT_WORK_TREE": str(self._root),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
        }

    @cached_property
    def dirty(self) -> list[str]:
        """The files that differ from the commit that is checked out, new ones too."""
        listed = self.git(
            *("status", "--porcelain", "-z", "--no-renames", "--ignore-submodules=all"),
            "--untracked-files=all",
        )
        return [entry[3:] for entry in listed.split("\0") if entry]

    @cached_property
    def edited(self) -> list[str]:
        """Those of them that no audit and no measurement writes: else none could be clean."""
        return [path for path in self.dirty if not path.startswith(RECORDS)]

    @cached_property
    def tracked(self) -> list[str]:
        """The files of the commit that is checked out."""
        return [
            name
            for name in self.git("ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")
            if name
        ]

    def knows(self, commit: str) -> bool:
        """Tell whether `commit` is one that the checked out one descends from, or is."""
        return (
            bool(COMMIT.fullmatch(commit))
            and self._exists(commit)
            and self.ask("merge-base", "--is-ancestor", commit, "HEAD")
        )

    def changed(self, commit: str, patterns: Sequence[str]) -> list[str]:
        """Return the files that match `patterns` and changed since `commit`."""
        from poc2prod.audit.files.patterns import select  # noqa: PLC0415

        names = self.git(
            *("diff", "--no-ext-diff", "--no-textconv", "--no-renames", "--ignore-submodules=all"),
            *("--name-only", "-z", commit, "HEAD"),
        )
        return select(patterns, filter(None, names.split("\0")))

    def at(self, commit: str, path: str) -> bytes | None:
        """Return a file as it was in `commit`; None where it wasn't, or was over `LARGEST`."""
        name = f"{commit}:{path}"
        sized = self._run("cat-file", "-s", name, allowed=(0, 128))
        if sized.status or int(sized.output) > LARGEST:
            return None
        done = self._run("cat-file", "blob", name, allowed=(0, 128))
        return done.output if done.status == 0 else None

    def last_author(self, path: str) -> str:
        """Return the address of who changed a file last, in lower case; none if nobody has."""
        found = self.git(
            *("--literal-pathspecs", "log", "--max-count=1", "--no-merges", "--no-mailmap"),
            *("--format=%ae", "--", path),
        )
        return found.strip().casefold()

    def _exists(self, commit: str) -> bool:
        return self.ask("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}")
