"""The releases that this poc2prod carries, and what each of them changed.

`releases.bundle` is a git bundle with one commit and one tag per release, each with copier.yml and
template/ alone; `history.yaml` says what updates must know. `make release` adds to both.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from poc2prod.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BUNDLE = Path(__file__).with_name("releases.bundle")

_INSTALLED = Path(__file__).with_name("history.yaml")
HISTORY = (
    _INSTALLED if _INSTALLED.exists() else Path(__file__).parents[2] / "template" / "history.yaml"
)
"""A wheel has a copy beside this module, so that nobody needs git to read it."""

NEXT = "next"
"""The version of the history's last entry until it is released."""

_NUMBER = "(0|[1-9][0-9]*)"


# Named tuples and no data classes: `poc2prod status` would spend a sixth of its time on those.


class Version(NamedTuple):
    """A release's number."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """Return the version in "1.2.3" or "v1.2.3"; None for any other text."""
        match = re.fullmatch(rf"v?{_NUMBER}\.{_NUMBER}\.{_NUMBER}", text)
        return cls(*map(int, match.groups())) if match else None

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def tag(self) -> str:
        """Its name in git."""
        return f"v{self}"


class Changes(NamedTuple):
    """What a release changes; files as `effects.rendered` shows them.

    Attributes:
        practices: what its projects do that those before didn't, one line each.
        manual: what an owner must do by hand, one line each.
        added: new files.
        removed: files that are gone.
        renamed: old name of a file → new name.
        questions_added: new questions.
        questions_removed: questions that are no longer asked.
        questions_renamed: old name of a question → new name.
    """

    practices: list[str]
    manual: list[str]
    added: list[str]
    removed: list[str]
    renamed: dict[str, str]
    questions_added: list[str]
    questions_removed: list[str]
    questions_renamed: dict[str, str]


class Release(NamedTuple):
    """A release, its date as YYYY-MM-DD, and what it changed."""

    version: Version
    date: str
    changes: Changes

    def document(self) -> dict[str, Any]:
        """Return what `--json` says of it."""
        practices, manual = self.changes.practices, self.changes.manual
        return {"version": str(self.version), "practices": practices, "manual": manual}


def versions() -> list[Version]:
    """Return the releases in the bundle, oldest first, without starting git.

    Raises:
        CommandError: the bundle is missing or isn't one.
    """
    try:
        content = BUNDLE.read_bytes()
    except OSError as error:
        raise _unreadable(error.strerror) from error
    header = re.match(rb"# v2 git bundle\n((?:[0-9a-f]{40} \S+\n)+)\nPACK", content)
    refs = header[1].decode("utf-8", "replace").splitlines() if header else []
    found = [Version.parse(ref.partition(" refs/tags/")[2]) for ref in refs]
    if not any(found):
        raise _unreadable("no releases in it")
    return sorted(filter(None, found))


@contextmanager
def unbundled() -> Iterator[Path]:
    """Provide a bare repository with all releases for the time being.

    Raises:
        CommandError: the bundle is missing or broken.
    """
    with _cloned("--bare") as repository:
        yield repository


@contextmanager
def checkout(version: Version) -> Iterator[Path]:
    """Provide a repository with all releases, of which `version` is checked out.

    Raises:
        CommandError: the bundle is missing or broken, or doesn't have it.
    """
    with _cloned(f"--branch={version.tag}") as repository:
        yield repository


@contextmanager
def _cloned(option: str) -> Iterator[Path]:
    from tempfile import TemporaryDirectory  # noqa: PLC0415  # `poc2prod status` needs none

    from poc2prod import git  # noqa: PLC0415

    versions()  # git takes a bundle without any for an empty repository
    git.shield()
    with TemporaryDirectory(prefix="poc2prod-releases-") as folder:
        try:
            git.git("clone", "--quiet", option, "--", str(BUNDLE), folder)
        except CommandError as error:
            raise _unreadable(error) from error
        yield Path(folder)


def _unreadable(reason: object) -> CommandError:
    return CommandError(f"can't read the releases in {BUNDLE}: {reason}; reinstall poc2prod")


def history() -> list[Release]:
    """Return what each release changed, oldest first, without starting git.

    Raises:
        CommandError: the history is missing or malformed; the message names the entry.
    """
    return [entry for entry in _entries() if isinstance(entry, Release)]


def upcoming() -> Changes | None:
    """Return what the entry "next" says, if there is one.

    Raises:
        CommandError: as for `history`.
    """
    last = next(reversed(_entries()), None)
    return None if isinstance(last, Release) else last


def _entries() -> list[Release | Changes]:
    import yaml  # noqa: PLC0415  # PyYAML costs 20 ms that --help need not pay

    try:
        # Every scalar is text: "1.10" is no number, "no" no boolean, a wrong date no exception.
        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
        document = yaml.load(HISTORY.read_bytes(), loader)  # noqa: S506  # it only makes text
    except (OSError, yaml.YAMLError) as error:
        raise CommandError(f"can't read {HISTORY}: {' '.join(str(error).split())}") from error
    if not isinstance(document, list):
        raise CommandError(f"{HISTORY}: expected a list of releases")
    entries: list[Release | Changes] = []
    for number, item in enumerate(document, 1):
        name = item.get("version", number) if isinstance(item, dict) else number
        try:
            entry = _entry(item)
            before = entries[-1] if entries else None
            if isinstance(before, Release):
                if isinstance(entry, Release) and entry.version <= before.version:
                    raise ValueError(f"it must be newer than {before.version} before it")
            elif before:
                raise ValueError(f'"{NEXT}" must come last')
        except ValueError as error:
            raise CommandError(f"{HISTORY}, entry {name}: {error}") from error
        entries.append(entry)
    return entries


_KINDS: Mapping[str, type[list[str] | dict[str, str]]] = {
    "practices": list,
    "manual": list,
    "added": list,
    "removed": list,
    "renamed": dict,
    "questions.added": list,
    "questions.removed": list,
    "questions.renamed": dict,
}


def _entry(item: Any) -> Release | Changes:
    if not isinstance(item, dict):
        raise ValueError("expected KEY: VALUE lines")  # noqa: TRY004  # one kind for the caller
    fields = dict(item)
    name, day = fields.pop("version", None), fields.pop("date", None)
    questions = fields.pop("questions", {})
    if not isinstance(questions, dict):
        raise ValueError("questions: expected KEY: VALUE lines")  # noqa: TRY004
    fields |= {f"questions.{key}": value for key, value in questions.items()}
    if unknown := fields.keys() - _KINDS:
        raise ValueError(f"unknown key {min(unknown)}")
    changes = Changes(
        **{
            key.replace(".", "_"): _checked(key, fields.get(key, kind()), kind)
            for key, kind in _KINDS.items()
        }
    )
    if name == NEXT and day is None:
        return changes
    version = Version.parse(str(name))
    if version is None:
        raise ValueError(f'version: expected one such as 0.2.0, or "{NEXT}", which has no date')
    if not isinstance(day, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
        raise ValueError("date: expected YYYY-MM-DD")
    return Release(version, str(date.fromisoformat(day)), changes)


def _checked(key: str, value: Any, kind: type) -> Any:
    texts = [*value, *value.values()] if isinstance(value, dict) else value
    if not isinstance(value, kind) or not all(
        isinstance(text, str) and text.strip() and "\n" not in text for text in texts
    ):
        form = "a list of lines" if kind is list else "OLD: NEW lines"
        raise ValueError(f"{key}: expected {form}")
    return value
