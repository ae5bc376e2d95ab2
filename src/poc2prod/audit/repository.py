"""The audited folder's git history, without its configuration: a stranger's may run commands.

A view is a repository of ours that borrows the objects. Hooks, aliases, filters, signature
programs and monitors of the audited repository have no say in it.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from poc2prod import git
from poc2prod.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LARGEST = 64 * 2**20
"""Bytes of a file of the history that is read into memory."""

RECORDS = ("readiness/evidence/", "readiness/history.jsonl")

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_CONFIG = """\
[core]
    repositoryformatversion = {version}
    bare = false
    worktree = {worktree}
    fsmonitor = false
    hooksPath = {null}
    attributesFile = {null}
    excludesFile = {null}
    pager = cat
[protocol]
    allow = never
[log]
    showSignature = false
[gc]
    auto = 0
{extensions}"""


class Repository:
    """A view of a repository.

    Attributes:
        head: the commit that is checked out.
        shallow: whether the history was cut, as CI's checkouts do by default.
    """

    def __init__(self, folder: Path, root: Path, head: str, *, shallow: bool) -> None:
        self._folder = folder
        self._root = root
        self.head = head
        self.shallow = shallow

    def git(self, *arguments: str) -> str:
        """Run git on the view.

        Raises:
            CommandError: it failed.
        """
        return git.git(*arguments, cwd=self._root, env=self._environment)

    def ask(self, *arguments: str) -> bool:
        """Tell whether git agrees: status 0, not 1.

        Raises:
            CommandError: it failed.
        """
        done = git.run(*arguments, cwd=self._root, env=self._environment, allowed=(0, 1))
        return done.returncode == 0

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
            bool(_COMMIT.fullmatch(commit))
            and self._exists(commit)
            and self.ask("merge-base", "--is-ancestor", commit, "HEAD")
        )

    def changed(self, commit: str, patterns: Sequence[str]) -> list[str]:
        """Return the files that match `patterns` and changed since `commit`."""
        from poc2prod.audit.tree import select  # noqa: PLC0415

        names = self.git(
            "diff", "--no-ext-diff", "--no-renames", "--name-only", "-z", commit, "HEAD"
        )
        return select(patterns, filter(None, names.split("\0")))

    def at(self, commit: str, path: str) -> bytes | None:
        """Return a file as it was in `commit`; None where it wasn't, or was over `LARGEST`."""
        sized = git.run(
            *("cat-file", "-s", f"{commit}:{path}"),
            cwd=self._root,
            env=self._environment,
            allowed=(0, 128),
        )
        if sized.returncode or int(sized.stdout) > LARGEST:
            return None
        done = git.run(
            "cat-file",
            "blob",
            f"{commit}:{path}",
            cwd=self._root,
            env=self._environment,
            allowed=(0, 128),
        )
        return done.stdout if done.returncode == 0 else None

    def _exists(self, commit: str) -> bool:
        return self.ask("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}")


@contextmanager
def opened(root: Path) -> Iterator[Repository | None]:
    """Provide a view of the repository that `root` is the top of; None where there is none.

    A repository that keeps its objects elsewhere is not followed there.
    """
    source = _folder(root)
    head = _head(source) if source else None
    if source is None or head is None:
        yield None
        return
    common = _common(source)
    with TemporaryDirectory(prefix="poc2prod-view-") as name:
        view = Path(name)
        (view / "objects/info").mkdir(parents=True)
        (view / "refs").mkdir()
        long = len(head) == 64
        (view / "config").write_text(
            _CONFIG.format(
                worktree=_quoted(root),
                null=os.devnull,
                version=int(long),
                extensions="[extensions]\n    objectFormat = sha256\n" if long else "",
            ),
            encoding="utf-8",
        )
        (view / "HEAD").write_text(f"{head}\n", encoding="ascii")
        alternate = _quoted(common / "objects")
        (view / "objects/info/alternates").write_text(f"{alternate}\n", encoding="utf-8")
        for file, origin in (("index", source), ("shallow", common)):
            if (origin / file).is_file() and not (origin / file).is_symlink():
                shutil.copyfile(origin / file, view / file)
        repository = Repository(view, root, head, shallow=(view / "shallow").exists())
        try:
            repository.git("cat-file", "-e", "HEAD^{tree}")
        except CommandError:  # a broken repository has no history to rely on
            yield None
            return
        yield repository


def _folder(root: Path) -> Path | None:
    """Return the folder of git's files, of a linked work tree its own one."""
    link = root / ".git"
    if link.is_symlink():
        return None
    if link.is_dir():
        return link
    try:
        folder = root / link.read_text("utf-8")[:4096].partition("gitdir:")[2].strip()
        # A real work tree is one that the repository knows of; else the file could name any folder.
        known = Path((folder / "gitdir").read_text("utf-8").strip())
        return folder if known.resolve() == link.resolve() else None
    except (OSError, ValueError):
        return None


def _common(folder: Path) -> Path:
    try:
        return (folder / (folder / "commondir").read_text("utf-8").strip()).resolve()
    except (OSError, ValueError):
        return folder


def _head(folder: Path) -> str | None:
    """Return the commit that is checked out, without asking git, which would read its config."""
    common = _common(folder)
    try:
        if any((common / "objects" / name).is_symlink() for name in ("", "info", "pack")):
            return None
        if (common / "objects/info/alternates").exists():
            return None
        name = (folder / "HEAD").read_text("ascii").strip()
        if name.startswith("ref: "):
            ref = name.removeprefix("ref: ")
            if ".." in ref or not ref.startswith("refs/"):
                return None
            name = _ref(common, ref)
    except (OSError, ValueError):
        return None
    return name if _COMMIT.fullmatch(name) else None


def _ref(common: Path, ref: str) -> str:
    loose = common / ref
    if loose.is_file():
        return loose.read_text("ascii").strip()
    for line in (common / "packed-refs").read_text("utf-8").splitlines():
        commit, _, name = line.partition(" ")
        if name == ref:
            return commit
    return ""


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
