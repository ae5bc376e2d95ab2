"""`poc2prod status`: where a project stands. It needs neither a network nor Copier."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from poc2prod import releases
from poc2prod.errors import CommandError
from poc2prod.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from poc2prod.releases import Release, Version


AUDITS = "readiness/history.jsonl"
"""Where `poc2prod audit --record` writes; audit/records/history.py says what."""

LONGEST = 2**20
"""Bytes at its end that hold the last line."""


class Status(NamedTuple):
    """Where a project stands.

    Attributes:
        project: its name.
        version: the release that it is at, or what it was generated from instead.
        newest: the newest release here.
        standing: how the two compare, as a phrase.
        newer: the releases that an update brings.
        edited: the managed files that differ from what was generated.
        missing: the managed files that are not there.
        unfinished: whether an update waits for conflicts to be resolved, or was killed.
        tracked: whether the project says which files are managed: since 0.2.0.
        answers: the recorded ones.
        audited: what the last recorded audit came to, as a record of readiness/history.jsonl;
            empty if it can't be read, None without one.
    """

    project: str
    version: str
    newest: str
    standing: str
    newer: list[Release]
    edited: list[str]
    missing: list[str]
    unfinished: bool
    tracked: bool
    answers: dict[str, Any]
    audited: dict[str, Any] | None


def status(folder: Path) -> Status:
    """Return where the project in `folder` stands.

    Raises:
        UsageError: there is no project, or its own records can't be read.
    """
    project = Project.at(folder)
    version = releases.Version.parse(str(project.recorded.get("_commit")))
    newest = releases.versions()[-1]
    digests = {path: project.digest(path) for path in project.ownership.managed}
    return Status(
        project=project.root.name,
        version=str(version or project.recorded.get("_commit", "unknown")),
        newest=str(newest),
        standing=_standing(version, newest),
        newer=[release for release in releases.history() if version and release.version > version],
        edited=[
            path
            for path, digest in digests.items()
            if digest and digest != project.ownership.managed[path]
        ],
        missing=[path for path, digest in digests.items() if not digest],
        unfinished=_unfinished(project),
        tracked=bool(project.ownership.managed),
        answers=project.answers,
        audited=_audited(project.root / AUDITS),
    )


def _audited(file: Path) -> dict[str, Any] | None:
    """Return the last line of the history, without the audit's modules, which take their time."""
    try:
        with file.open("rb") as stream:
            stream.seek(max(0, stream.seek(0, 2) - LONGEST))
            lines = stream.read(LONGEST).rstrip().splitlines()
    except FileNotFoundError:
        return None
    except OSError:
        return {}
    try:
        line = json.loads(lines[-1]) if lines else None
    except (ValueError, RecursionError):
        return {}
    return line if isinstance(line, dict) else {}


def _standing(version: Version | None, newest: Version) -> str:
    if version is None:
        return "which is no release, so it can't be updated"
    if version > newest:
        return f"newer than this poc2prod ({newest}): upgrade it"
    return "up to date" if version == newest else f"and {newest} is there"


def _unfinished(project: Project) -> bool:
    if not project.journal or not project.journal.exists():
        return False
    from poc2prod import git  # noqa: PLC0415  # only now is it needed
    from poc2prod.updating import journal  # noqa: PLC0415
    from poc2prod.updating.repository import Repository  # noqa: PLC0415

    try:
        git.shield()
        return bool(journal.unfinished(Repository(project.root, project.recorded)))
    except CommandError:  # the journal is not readable
        return True


def show(folder: Path, *, as_json: bool) -> None:
    """Print where the project in `folder` stands."""
    found = status(folder)
    print(json.dumps(document(found), indent=2, default=str) if as_json else text(found))


def text(found: Status) -> str:
    """Return what `poc2prod status` prints."""
    return "\n".join(_lines(found))


def document(found: Status) -> dict[str, Any]:
    """Return what `poc2prod status --json` prints."""
    return {
        "project": found.project,
        "version": found.version,
        "newest": found.newest,
        "unfinished": found.unfinished,
        "newer": [release.document() for release in found.newer],
        "managed": {"edited": found.edited, "missing": found.missing} if found.tracked else None,
        "audit": found.audited
        and {key: found.audited.get(key) for key in ("date", "commit", "level", "readiness")},
        "answers": found.answers,
    }


def _lines(found: Status) -> Iterator[str]:
    yield f"{found.project}: poc2prod {found.version}, {found.standing}"
    if found.audited is not None:
        yield _readiness(found.audited)
    if found.unfinished:
        yield "\nAn update has not ended: poc2prod update says how to go on."
    if found.newer:
        for release in found.newer:
            yield f"\n{release.version} brings"
            yield from (f"  {practice}" for practice in release.changes.practices)
        yield "\npoc2prod update --dry-run says what it changes here."
    if found.tracked:
        for title, paths in (("Edited", found.edited), ("Missing", found.missing)):
            if paths:
                yield f"\n{title} managed files"
                yield from (f"  {path}" for path in paths)
    else:
        yield "\nFrom 0.2.0 on, a project says which files are managed, and so which were edited."
    yield "\nAnswers"
    width = max(map(len, found.answers), default=0)
    for name, value in found.answers.items():
        shown = ", ".join(map(str, value)) or "none" if isinstance(value, list) else value
        yield f"  {name:{width}}  {shown}"


def _readiness(audited: dict[str, Any]) -> str:
    """Return what the last recorded audit came to in one line."""
    date, commit = str(audited.get("date"))[:10], str(audited.get("commit"))[:12]
    if "checks" not in audited or not f"{date}{commit}".isprintable():
        return f"{AUDITS}: its last line is no record of an audit"
    low, level = audited.get("readiness"), audited.get("level")
    level = level if isinstance(level, str) and level.isalnum() else "none"
    figure = f"{low:.1f} of 7" if isinstance(low, int | float) else "not measured in full"
    return f"Readiness {figure}, level {level}, audited {date} at {commit}"
