"""A scanner for secrets, let loose on copies of our own with names of our own.

Nothing of the audited repository configures it: neither a configuration, nor a list of what to
ignore, nor a mark on a line. What it finds is compared and forgotten, never shown.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import string
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from poc2prod.audit.running import programs

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 300.0
"""That the scanner has."""

_UNSURE = re.compile(r"generic-")
"""Rules that guess by a variable's name and how random its value is."""

_SETTING = re.compile(
    r"^\s*(?:export\s+)?(\w*(?:password|passwd|secret|token|api_?key|private_?key|credential)\w*)"
    r"[ \t]*[=:][ \t]*[\"']?([^\s\"'#]{6,})",
    re.IGNORECASE | re.MULTILINE,
)
_FILLED = re.compile(
    r"(?i)[<${%].*|.*(change|example|your|x{3}|todo|placeholder|dummy|secret|password|token|test"
    r"|none|null|true|false|\*{3}|\.{3}).*"
)


class BlindError(Exception):
    """The scanner failed, or did not find what was planted; the message says which."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A secret: which file it is in, by its number, where, by which rule, and how sure that is.

    `digest` tells equal ones apart from others, and stays here.
    """

    number: int
    line: int
    rule: str
    sure: bool
    digest: str


class Scan:
    """A folder that is filled with files and then scanned."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own: list[Finding] = []
        self._sums: set[str] = set()
        self.number = 0
        self.bytes = 0

    def add(self, path: str, content: bytes) -> int:
        """Add a file, whose name but not whose folders the rules see; return its number."""
        name = re.sub(r"[^\w.-]", "_", path.rpartition("/")[2])[-100:]
        if re.match(r"\.(git|better)", name):  # no instructions for the scanner
            name = f"_{name}"
        folder = self._folder / str(self.number)
        folder.mkdir()
        (folder / (name or "_")).write_bytes(content)
        self._sums |= {_of_digest(content), _of_digest(content.replace(b"\r\n", b"\n"))}
        if re.search(r"(^|\.)env(\.|$)", name):
            self._own += _settings(self.number, content)
        self.number += 1
        self.bytes += len(content)
        return self.number - 1

    def run(self, program: str) -> list[Finding]:
        """Scan what was added.

        Raises:
            BlindError: the scanner failed or missed what was planted among the files.
            SlowError: it took too long.
        """
        letters = string.ascii_letters + string.digits
        planted = "ghp_" + "".join(secrets.choice(letters) for _ in range(36))
        canary = self.add("settings.py", f'\ntoken = "{planted}"\n'.encode())
        with TemporaryDirectory(prefix="poc2prod-found-") as name:
            report = Path(name, "found.json")
            done = programs.run(
                *_command(program, self._folder, report), cwd=Path(name), seconds=SECONDS
            )
            try:
                document = json.loads(report.read_bytes())
                read = (_finding(item, self._folder) for item in _items(document))
                # A guess that is the digest of a file here is no secret: `keys.py: 8bdcce40…`.
                found = [i for i in read if i and (i.sure or i.digest not in self._sums)]
            except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
                said = " ".join(done.stdout.split())[-200:]
                raise BlindError(
                    f"the scanner failed with status {done.returncode}: {said}"
                ) from error
        digest = hashlib.sha256(planted.encode()).hexdigest()
        if not any(item.number == canary and item.digest == digest for item in found):
            raise BlindError("the scanner did not find a secret that was planted among the files")
        return self._own + [item for item in found if item.number != canary]


def _of_digest(content: bytes) -> str:
    """Return what a finding that is the digest of a file would have as its own."""
    return hashlib.sha256(hashlib.sha256(content).hexdigest().encode()).hexdigest()


def _command(program: str, folder: Path, report: Path) -> list[str]:
    if Path(program).name == "gitleaks":
        own = ["dir", str(folder), "-f", "json", "-r", str(report), "--ignore-gitleaks-allow"]
        return [program, *own, "--exit-code", "0", "--no-banner", "--max-archive-depth", "0"]
    own = [str(folder), "-o", str(report), "--silent", "--no-allow-signatures", "--exit-code=0"]
    return [program, *own, "--no-banner", "--max-archive-depth=0", "--no-color"]


def _items(document: Any) -> Iterator[Any]:
    if isinstance(document, dict) and document["scan"]["state"] != "complete":
        raise ValueError("the scan is not complete")
    yield from (document["findings"] or []) if isinstance(document, dict) else document or []


def _finding(item: Any, folder: Path) -> Finding | None:
    """Read a finding of betterleaks 2, or of gitleaks 8; None of a guess that is a placeholder."""
    if "rule_id" in item:
        rule, value = item["rule_id"], item["match"]["value"]
        path, line = item["location"]["path"], item["location"]["start_line"]
        sure = item["confidence"] != "low"
    else:
        rule, value, path, line = item["RuleID"], item["Secret"], item["File"], item["StartLine"]
        sure = not _UNSURE.match(rule)
    if not sure and _FILLED.fullmatch(str(value)):
        return None
    number = int(Path(path).relative_to(folder).parts[0])
    digest = hashlib.sha256(str(value).encode("utf-8", "replace")).hexdigest()
    return Finding(number, max(int(line), 1), re.sub(r"[^\w-]", "_", rule), sure, digest)


def _settings(number: int, content: bytes) -> Iterator[Finding]:
    """Yield the values of a file of settings that look live."""
    text = content.decode("utf-8", "replace")
    for match in _SETTING.finditer(text):
        if not _FILLED.fullmatch(match[2]):
            line = text.count("\n", 0, match.start(1)) + 1
            digest = hashlib.sha256(match[2].encode("utf-8", "replace")).hexdigest()
            yield Finding(number, line, "env-value", sure=True, digest=digest)
