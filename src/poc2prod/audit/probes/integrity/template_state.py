"""AUD-01: the project is at the newest release, and what differs from its template is visible."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from poc2prod import releases
from poc2prod.audit.context import MANIFEST
from poc2prod.audit.files.tree import UnreadableError
from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed, stale, unknown
from poc2prod.errors import CommandError, UsageError
from poc2prod.project import ANSWERS, OWNERSHIP, Ownership
from poc2prod.releases import Version
from poc2prod.template import CANONICAL_URL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poc2prod.audit.context import Context

OWNED_SINCE = Version(0, 2, 0)
"""The first release whose projects say which files are managed."""


def current(context: Context) -> Outcome:
    """The release is the newest, and a new rendering of it has the project's own records."""
    if not context.tree.has(ANSWERS):
        return missing(f"{ANSWERS} is not there: poc2prod did not make this", Location(ANSWERS))
    if not context.recorded:
        return failed(f"{ANSWERS} can't be read, so updates refuse it", Location(ANSWERS))
    commit = str(context.recorded.get("_commit"))[:80]
    source = context.recorded.get("_src_path", CANONICAL_URL)
    version, known = Version.parse(commit), releases.versions()
    if source != CANONICAL_URL or version is None:
        origin = commit if source == CANONICAL_URL else str(source)[:200]
        return unknown(f"it was generated from {origin}, which is no release of poc2prod")
    if version not in known:
        return unknown(f"this poc2prod does not know {version}: pip install --upgrade poc2prod")
    return _judged(context, version)


def _judged(context: Context, version: Version) -> Outcome:
    if version < OWNED_SINCE:
        return stale(_standing(version, releases.versions()[-1]), Location(ANSWERS))
    try:
        with TemporaryDirectory(prefix="poc2prod-again-") as folder:
            # The name of the folder may be a default; one that can't be printed is refused then.
            name = context.tree.root.name
            again = Path(folder, name if name.isprintable() and name else "project")
            _render(version, context.recorded, again)
            return _compared(context, version, again)
    except UsageError as error:
        return failed(
            f"poc2prod {version} refuses the recorded answers: {error}", Location(ANSWERS)
        )
    except CommandError as error:
        return unknown(f"poc2prod {version} can't be rendered here: {error}")


def _compared(context: Context, version: Version, again: Path) -> Outcome:
    """Compare the managed files with a new rendering `again` of what they were generated from."""
    true = Ownership.read(again / OWNERSHIP)
    edited = [path for path in true.managed if _differs(context, again, path)]
    forged = [path for path in (OWNERSHIP, MANIFEST, ANSWERS) if _forged(context, again, path)]
    where = tuple(Location(path) for path in (*forged, *edited) if context.tree.has(path))
    if forged:
        hidden = [path for path in edited if path not in forged]
        also = f", and hides that {_named(hidden)} differ" if hidden else ""
        return failed(
            f"{' and '.join(forged)} is not what poc2prod {version} writes for the recorded"
            f" answers: it was edited by hand{also}",
            *(where or (Location(forged[0]),)),
            examined=len(true.managed),
            value=len(edited),
        )
    newest = releases.versions()[-1]
    said = f"; {_named(edited)} differ from what was generated" if edited else ""
    message = f"{_standing(version, newest)}{said}"
    if version != newest:
        return stale(message, Location(ANSWERS), *where, examined=len(true.managed))
    return passed(message, len(true.managed), value=len(edited), locations=where)


def _standing(version: Version, newest: Version) -> str:
    if version == newest:
        return f"it is at {version}, the newest release that this poc2prod knows"
    return f"it is at {version}, and {newest} is there: run poc2prod update"


def _named(paths: list[str]) -> str:
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return f"{len(paths)} managed files ({', '.join(paths[:3])}{more})"


def _differs(context: Context, again: Path, path: str) -> bool:
    """Tell whether a file is not as generated, whatever its line ends."""
    try:
        content = context.tree.content(path)
    except UnreadableError:
        return True
    file = again / path
    if content is None or not file.is_file():
        return content is not None or file.is_file()
    return content.replace(b"\r\n", b"\n") != file.read_bytes().replace(b"\r\n", b"\n")


def _forged(context: Context, again: Path, path: str) -> bool:
    """Tell whether a record of poc2prod's own, on which other checks rely, says something else."""
    if not (again / path).is_file():
        return False
    if path == OWNERSHIP:
        return context.ownership != Ownership.read(again / path)
    if path == MANIFEST:
        return bool(_json(context, path) != json.loads((again / path).read_bytes()))
    return _differs(context, again, path)


def _json(context: Context, path: str) -> Any:
    try:
        return json.loads(context.tree.text(path) or "null")
    except (ValueError, RecursionError, UnreadableError):
        return None


def _render(version: Version, recorded: Mapping[str, Any], into: Path) -> None:
    """Render a release of poc2prod's own with recorded answers.

    Raises:
        UsageError: it refuses an answer.
        CommandError: it can't be rendered.
    """
    from poc2prod import git  # noqa: PLC0415  # Copier and all that takes half a second
    from poc2prod.questions import load, settable  # noqa: PLC0415
    from poc2prod.render import render  # noqa: PLC0415
    from poc2prod.template import opened  # noqa: PLC0415
    from poc2prod.updating.fitness import require_answers  # noqa: PLC0415

    git.shield()
    with opened(None, version.tag) as template:
        questions = load(template.root)
        answers = {name: recorded[name] for name in settable(questions) if name in recorded}
        require_answers(questions, answers)
        try:
            render(template, into, answers, defaults=True)
        except OSError as error:
            reason = getattr(error, "stderr", "") or error.strerror or str(error)
            raise CommandError(f"can't render {version}: {reason.strip()}") from error
