"""What audits came to, one line each in readiness/history.jsonl on the default branch."""

from __future__ import annotations

import hashlib
import json
import math
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from poc2prod import __version__
from poc2prod.audit import scoring
from poc2prod.audit.context import CONTRACT
from poc2prod.audit.files import json_file
from poc2prod.audit.files.tree import UnreadableError
from poc2prod.audit.outcome import Status
from poc2prod.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from poc2prod.audit.engine import Audit, Result
    from poc2prod.audit.files.tree import Tree

FILE = "readiness/history.jsonl"
SCHEMA = "poc2prod/history/v1"
LARGEST = 64 * 2**20


class Line(NamedTuple):
    """One recorded audit.

    Attributes:
        number: of the line, from 1.
        data: the record.
    """

    number: int
    data: Mapping[str, Any]

    @property
    def contract(self) -> str | None:
        """The digest of the contract at the time."""
        digest = self.data.get("contract_sha256")
        return digest if isinstance(digest, str) else None


def lines(tree: Tree) -> list[Line]:
    """Return all records, oldest first; none where there is no history.

    Raises:
        UnreadableError: one is no record.
    """
    found = []
    for number, text in enumerate((tree.text(FILE, LARGEST) or "").split("\n"), 1):
        if not text.strip():
            continue
        data = json_file.parse(f"{FILE}:{number}", text)
        if not isinstance(data, dict) or data.get("schema") != SCHEMA:
            raise UnreadableError(f"{FILE}:{number} is no record of an audit")
        found.append(Line(number, data))
    return found


def record(audit: Audit) -> Path:
    """Append what an audit came to, all or nothing, and return the file.

    Raises:
        CommandError: there is no commit that it is about, or the history is no plain file.
        OSError: it can't be written.
    """
    tree = audit.context.tree
    file = tree.root / FILE
    if audit.commit is None:
        raise CommandError("--record: there is no commit to record an audit of: commit first")
    if audit.dirty:
        raise CommandError(
            "--record: files differ from the commit that the record would name: commit them first"
        )
    if (os.path.lexists(file) and not tree.has(FILE)) or file.parent.is_symlink():
        raise CommandError(f"--record: {FILE} is no plain file")
    try:
        before = tree.text(FILE, LARGEST) or ""
    except UnreadableError as error:
        raise CommandError(f"--record: {error}") from error
    if before and not before.endswith("\n"):
        before += "\n"
    line = json.dumps(document(audit), ensure_ascii=False, separators=(",", ":"))
    _replace(file, f"{before}{line}\n")
    return file


def document(audit: Audit) -> dict[str, Any]:
    """Return the record of an audit."""
    context = audit.context
    low = scoring.readiness(audit.results) if audit.complete else None
    return {
        "schema": SCHEMA,
        "date": context.now.isoformat(timespec="seconds"),
        "commit": audit.commit,
        "engine": __version__,
        "catalogue_sha256": context.catalogue.sha256,
        "template": context.recorded.get("_commit"),
        "answers_sha256": _digest(dict(context.answers)),
        "contract_sha256": _contract(audit),
        "profile": audit.profile,
        "tier": context.tier,
        "level": scoring.reached(audit),
        "readiness": None if low is None else round(low, 2),
        "not_run": list(audit.left),
        "expired": sorted(audit.waivers.expired),
        "checks": {result.check.id: _check(result) for result in audit.results},
    }


def _check(result: Result) -> dict[str, Any]:
    outcome = result.outcome
    said: dict[str, Any] = {"status": str(result.status), "version": result.check.version}
    if outcome.value is not None:
        value = outcome.value
        finite = not isinstance(value, float) or math.isfinite(value)
        said["value"] = value if finite else str(value)  # JSON knows no NaN
    if outcome.evidence:
        said["evidence_sha256"] = _digest([[e.name, e.sha256] for e in outcome.evidence])
    if result.status is Status.WAIVED and result.waiver:
        said["waiver"] = result.waiver.id
    return said


def _contract(audit: Audit) -> str | None:
    from poc2prod.audit.contract.texts import text  # noqa: PLC0415  # pydantic takes 0.2 s

    try:
        content = audit.context.tree.content(CONTRACT)
    except UnreadableError:
        return None
    return text(content).digest if content is not None else None


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _replace(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".history-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(file.stat().st_mode & 0o777 if file.exists() else 0o644)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
