"""A generated project as git has it."""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from poc2prod import git
from poc2prod.errors import CommandError, UsageError
from poc2prod.project import ANSWERS, Project
from poc2prod.updating.merge import Blob, Tree


class Repository(Project):
    """A project in git; its folder may be one of many in its repository."""

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

    def require_git(self) -> None:
        """Raise UsageError unless the project is committed to git."""
        try:
            committed = self.git("ls-tree", "HEAD", ANSWERS)
        except CommandError as error:
            if not re.search("not a git repository|valid object name HEAD", str(error)):
                raise
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
        return [os.fsdecode(line[3:]) for line in listed.split(b"\0")[:-1]] + self._hidden()

    def _hidden(self) -> list[str]:
        """Return the edited paths that git was told not to look at, and would write over."""
        flagged = {
            os.fsdecode(line[2:])
            for line in self.git("ls-files", "-v", "-z").split(b"\0")[:-1]
            if line[:1] in b"S" or line[:1].islower()  # --skip-worktree, --assume-unchanged
        }
        return sorted(flagged & self.differing("HEAD")) if flagged else []

    def differing(self, tree: str) -> set[str]:
        """Return the paths in git's `tree` that are another file in the folder."""
        with TemporaryDirectory(prefix="poc2prod-index-") as folder:
            index = Path(folder, "index")
            self.git("read-tree", tree, index=index)
            listed = self.git(
                *("diff", "--name-only", "-z", "--relative", "--no-renames", "--diff-filter=d"),
                index=index,
            )
        return {os.fsdecode(path) for path in listed.split(b"\0")[:-1]}

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
        return self.tree("HEAD")

    def tree(self, name: str) -> Tree:
        """Return the project as it is in git's tree `name`."""
        blobs = {}
        for line in self.git("ls-tree", "-r", "-z", name).split(b"\0")[:-1]:
            about, _, path = line.partition(b"\t")
            mode, _, identity = about.decode().split()
            blobs[os.fsdecode(path)] = Blob(mode, identity)
        return Tree(blobs, lambda path: self.git("cat-file", "blob", blobs[path].id))

    def rendered(self, folder: Path) -> Tree:
        """Return the files in `folder` as this project's repository would name them."""
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        names = os.fsencode("".join(f"{path}\n" for path in paths))
        identities = self.git("hash-object", "--no-filters", "--stdin-paths", stdin=names)
        blobs = {
            path.relative_to(folder).as_posix(): Blob(
                "100755" if path.stat().st_mode & 0o100 else "100644", identity.decode()
            )
            for path, identity in zip(paths, identities.split(), strict=True)
        }
        return Tree(blobs, lambda path: (folder / path).read_bytes())
