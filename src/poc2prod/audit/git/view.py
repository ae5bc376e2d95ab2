"""Opens a folder's git history without its configuration: a stranger's may run commands.

A view is a repository of ours that borrows the objects. Hooks, aliases, filters, signature
programs and monitors of the audited repository have no say in it.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from poc2prod.audit.files.tree import UnreadableError
from poc2prod.audit.git.repository import COMMIT, Repository

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 64 * 2**20
"""Bytes of an index or of a list of references; Linux' index has a sixth of it."""

MOST = 500_000
"""Files of objects; git packs them long before."""

_CONFIG = """\
[core]
    repositoryformatversion = {version}
    bare = false
    worktree = {worktree}
    fsmonitor = false
    untrackedCache = false
    commitGraph = false
    multiPackIndex = false
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


@contextmanager
def opened(root: Path) -> Iterator[Repository | None]:
    """Provide a view of the repository that `root` is the top of; None where there is none.

    A repository that keeps its objects elsewhere is not followed there.
    """
    source = _folder(root)
    head = _head(root, source) if source else None
    if source is None or head is None:
        yield None
        return
    common = _common(root, source)
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
            with suppress(OSError, ValueError):
                (view / file).write_bytes(_content(origin / file))
        repository = Repository(view, root, head, shallow=(view / "shallow").exists())
        try:
            repository.git("cat-file", "-e", "HEAD^{tree}")
        except UnreadableError:  # a broken repository has no history to rely on
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
        named = _text(link).partition("gitdir:")[2].strip()
        folder = (root / named).resolve()
        # A real work tree is one that the repository knows of; else the file could name any folder.
        known = Path(_text(folder / "gitdir"))
        ours = known.is_absolute() and known.resolve() == link.resolve()
    except (OSError, ValueError, RuntimeError):
        return None
    return folder if ours and folder.parent.name == "worktrees" else None


def _common(root: Path, folder: Path) -> Path:
    """Return the folder of the objects, which a linked work tree's own folder is inside of."""
    return folder if folder == root / ".git" else folder.parent.parent


def _head(root: Path, folder: Path) -> str | None:
    """Return the commit that is checked out, without asking git, which would read its config."""
    common = _common(root, folder)
    try:
        if not _plain(common / "objects"):
            return None
        name = _text(folder / "HEAD")
        if name.startswith("ref: "):
            ref = name.removeprefix("ref: ")
            if ".." in ref or not ref.startswith("refs/"):
                return None
            name = _ref(common, ref)
    except (OSError, ValueError):
        return None
    return name if COMMIT.fullmatch(name) else None


def _plain(objects: Path) -> bool:
    """Tell whether all objects are files and folders of their own, which git can read at once."""
    if objects.is_symlink() or (objects / "info/alternates").exists():
        return False
    seen = 0
    with os.scandir(objects) as folders:
        for folder in folders:
            if not folder.is_dir(follow_symlinks=False):
                return False
            with os.scandir(folder) as files:
                for file in files:
                    seen += 1
                    kept = file.is_file(follow_symlinks=False) or file.is_dir(follow_symlinks=False)
                    if not kept or seen > MOST:
                        return False
    return True


def _ref(common: Path, ref: str) -> str:
    with suppress(OSError):
        return _text(common / ref)
    for line in _text(common / "packed-refs").splitlines():
        commit, _, name = line.partition(" ")
        if name == ref:
            return commit
    return ""


def _text(file: Path) -> str:
    return _content(file).decode().strip()


def _content(file: Path) -> bytes:
    """Read a file of git's own: no link, no pipe, not too large.

    Raises:
        OSError: it can't be read, or is none.
        ValueError: it is too large.
    """
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(handle, "rb") as stream:  # noqa: PTH123  # of a handle
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(f"{file} is no file")
        if found.st_size > LARGEST:
            raise ValueError(f"{file} is too large")
        return stream.read(LARGEST)


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
