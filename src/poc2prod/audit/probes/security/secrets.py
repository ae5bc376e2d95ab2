"""SEC-02: no secrets in the history, in files that are about to join it, or in the image."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from poc2prod.audit.files.tree import UnreadableError
from poc2prod.audit.git import blobs
from poc2prod.audit.outcome import Location, Outcome, Status, failed, missing, passed, unknown
from poc2prod.audit.running import images, programs
from poc2prod.audit.running.scanner import BlindError, Finding, Scan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from poc2prod.audit.context import Context

LARGEST = 8 * 2**20
"""Bytes of a file that is scanned."""

LEAST = 100
"""Bytes of the largest file; shorter ones alone are names, and show nothing by having no secret."""

MOST = 30_000
TOTAL = 512 * 2**20
"""Files and bytes that are scanned altogether."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a scanned file comes from; `blob` is git's name of one that is no longer there."""

    path: str
    blob: str | None = None
    image: bool = False


def no_secrets(context: Context) -> Outcome:
    """A scanner that finds what is planted among the files finds nothing else in them."""
    program = programs.found("betterleaks") or programs.found("gitleaks")
    if program is None:
        return programs.absent("betterleaks")
    with TemporaryDirectory(prefix="poc2prod-secrets-") as folder:
        scan = Scan(Path(folder))
        gathered = _Gathered(context, scan)
        gathered.history()
        gathered.files()
        if not gathered.sources:
            return missing("there are no files")
        image = gathered.image()
        try:
            found = scan.run(program)
        except BlindError as error:
            return Outcome(Status.ERROR, str(error), len(gathered.sources))
        except programs.SlowError as error:
            return unknown(f"{error}: keep large files out of git")
    return _verdict(context, gathered, found, image)


class _Gathered:
    """What is scanned, and what could not be."""

    def __init__(self, context: Context, scan: Scan) -> None:
        self._context = context
        self._scan = scan
        self._known: set[str] = set()
        self.sources: dict[int, Source] = {}
        self.left: list[str] = []
        self.largest = 0

    def _add(self, source: Source, content: bytes) -> None:
        if not source.path.startswith(".poc2prod/"):  # its records are nobody's work
            self.largest = max(self.largest, len(content))
        if len(content) > LARGEST or self._full:
            self.left.append(source.path)
        else:
            self.sources[self._scan.add(source.path, content)] = source

    @property
    def _full(self) -> bool:
        return self._scan.number >= MOST or self._scan.bytes >= TOTAL

    def history(self) -> None:
        """Add every content that the history ever had."""
        if self._context.repository is None:
            return
        reachable = blobs.reachable(self._context.repository)
        self._known = {blob.name for blob in reachable}
        small = [blob for blob in reachable if blob.size <= LARGEST]
        self.left += [blob.path for blob in reachable if blob.size > LARGEST]
        self.left += [blob.path for blob in small[MOST:]]
        for blob, content in blobs.contents(self._context.repository, small[:MOST]):
            self._add(Source(blob.path, None if blob.current else blob.name), content)

    def files(self) -> None:
        """Add the files that are not committed, but those that git ignores."""
        repository, tree = self._context.repository, self._context.tree
        paths = list(tree.files)
        if repository is not None:
            listed = "\0".join([*paths, ""]).encode()
            ignored = repository.fed(listed, "check-ignore", "-z", "--stdin").decode().split("\0")
            paths = sorted({*paths} - {*ignored})
        like = repository.head if repository else ""
        for path in paths:
            try:
                content = tree.content(path, LARGEST)
            except UnreadableError:
                self.left.append(path)
                continue
            if content is not None and blobs.name_of(content, like) not in self._known:
                self._add(Source(path), content)

    def image(self) -> str:
        """Add the files of the project's image, and say what was done about it."""
        name = str(self._context.answers.get("project_name", ""))
        said, files = images.files(name)
        for path, content in files:
            self._add(Source(path, image=True), content)
        return said


def _verdict(context: Context, gathered: _Gathered, found: list[Finding], image: str) -> Outcome:
    sources, number = gathered.sources, len(gathered.sources)
    # A guess in a file that is there can be changed; one in the past can't, so it is only counted.
    wrong = [item for item in found if item.sure or not sources[item.number].blob]
    first: dict[tuple[str, str], Finding] = {}
    for item in wrong:
        first.setdefault((sources[item.number].path, item.digest), item)
    if first:
        secrets = list(first.values())
        shown = [_shown(context, sources[item.number], item) for item in secrets[:3]]
        more = f" and {len(secrets) - 3} more" if secrets[3:] else ""
        return failed(
            f"{len(secrets)} secrets can be read: {'; '.join(shown)}{more}",
            *_locations(sources, secrets),
            examined=number,
            value=len(secrets),
        )
    if reason := _unseen(context, gathered):
        return unknown(reason)
    if gathered.largest < LEAST:
        return missing(f"no file has {LEAST} bytes: there is nothing yet to look through")
    guesses = len(found) - len(wrong)
    also = f"; {guesses} unlikely ones in the past are not counted" if guesses else ""
    return passed(
        f"{number} files of the history of HEAD, the working tree and {image} hold no"
        f" secrets{also}",
        number,
        value=0,
    )


def _unseen(context: Context, gathered: _Gathered) -> str | None:
    if context.repository is None:
        return "there is no git history to scan: audit a clone"
    if context.repository.shallow:
        return "the history was cut: check out all of it, with fetch-depth: 0"
    if gathered.left or not context.tree.whole:
        paths = ", ".join(map(_printable, gathered.left[:3]))
        return f"{len(gathered.left)} files are too large to scan, or too many: {paths}"
    return None


def _shown(context: Context, source: Source, item: Finding) -> str:
    place = f"{_printable(source.path)}:{item.line} ({item.rule})"
    if source.image:
        return f"{place} in the image"
    if source.blob and context.repository:
        return f"{place} since commit {blobs.brought(context.repository, source.blob)[:12]}"
    return place


def _locations(sources: dict[int, Source], secrets: Iterable[Finding]) -> list[Location]:
    places = ((sources[item.number], item.line) for item in secrets)
    return [Location(source.path, line) for source, line in places if not source.image]


def _printable(path: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in path)[:200]
