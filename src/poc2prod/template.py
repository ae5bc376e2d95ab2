"""Where the template comes from."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from poc2prod import releases
from poc2prod.errors import CommandError, UsageError, nearest
from poc2prod.git import git
from poc2prod.releases import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

CANONICAL_URL = "https://github.com/poc2prod/poc2prod.git"
"""Recorded in every generated project, whichever copy rendered it, so that it can be updated."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template on this machine.

    Attributes:
        root: the folder with copier.yml.
        ref: what to check out of it; None where it isn't a repository and is rendered as it is.
    """

    root: Path
    ref: str | None


@contextmanager
def opened(source: str | None = None, ref: str | None = None) -> Iterator[Template]:
    """Provide the template at `source`, a folder or a git URL; by default poc2prod's own.

    `ref` is a tag, branch or commit of it, by default its latest release and, where nothing has
    been released, its newest commit. "HEAD" of a folder includes changes not committed. Of
    poc2prod's own there are only releases, named with or without the "v".

    Raises:
        CommandError: there is no such template.
        UsageError: it has no such `ref`.
    """
    if source is None:
        version = _released(ref)
        with releases.checkout(version) as root:
            yield Template(root, version.tag)
        return
    folder = Path(source).expanduser()
    if folder.is_dir():
        repository = (folder / ".git").exists() or (folder / "HEAD").is_file()
        if ref and not repository:
            raise UsageError(f"--ref {ref}: {source} is not a git repository")
        if ref == "HEAD" or not repository:
            yield Template(folder.resolve(), ref)
            return
        source = str(folder.resolve())
    with TemporaryDirectory(prefix="poc2prod-template-") as name:
        clone = Path(name)
        try:
            git("clone", "--quiet", "--no-checkout", "--", _url(source), name)
        except CommandError as error:
            raise CommandError(f"can't get the template {source}: {error}") from error
        git("checkout", "--quiet", "--detach", _commit(clone, ref), cwd=clone)
        yield Template(clone, "HEAD")


def _released(ref: str | None) -> Version:
    """Return the release that `ref` names; the newest by default."""
    known = releases.versions()
    version = known[-1] if ref is None else Version.parse(ref)
    if version in known:
        return version
    tags = [other.tag for other in known]
    hint = nearest(str(ref), tags) or f"; there are {', '.join(tags)}"
    raise UsageError(f"--ref {ref}: poc2prod has no such release{hint}")


def _url(source: str) -> str:
    """Expand the abbreviations that Copier knows."""
    match = re.match(r"(gh|gl):/?(.*?)(\.git)?$", source)
    if not match:
        return source
    host = {"gh": "github", "gl": "gitlab"}[match[1]]
    return f"https://{host}.com/{match[2]}.git"


def _commit(clone: Path, ref: str | None) -> str:
    tags = git("tag", "--list", cwd=clone).split()
    if ref is None:
        ref = max(filter(_release, tags), key=_release, default="HEAD")
    for candidate in (ref, f"origin/{ref}"):
        try:
            return git("rev-parse", "--verify", "--quiet", f"{candidate}^{{commit}}", cwd=clone)
        except CommandError:
            continue
    raise UsageError(
        f"--ref {ref}: the template has no such tag, branch or commit{nearest(ref, tags)}"
    )


def _release(tag: str) -> tuple[int, ...]:
    """Return the numbers of a release, "v1.2.3"; nothing for any other tag."""
    match = re.fullmatch(r"v?(\d+(?:\.\d+)*)", tag)
    return tuple(map(int, match[1].split("."))) if match else ()
