# Managed by poc2prod; extend in project.mk: the target `merged` takes prerequisites of your own.
"""Refuses what an update left to be settled by hand, and answers that were edited.

`make check` runs it first. It prints a line for each finding and ends with 1, or prints nothing and
ends with 0. It needs Python alone. In git it reads what is tracked or could be; elsewhere, such as
in an unpacked archive, every file except what runs make.
"""

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ANSWERS, OWNERSHIP = ".poc2prod/answers.yaml", ".poc2prod/ownership.yaml"
MADE = {".git", ".hypothesis", ".venv", "build", "data", "dist", "models", "runs"}

# A line of seven "=" is no sign: it underlines a title in Markdown and reStructuredText.
MARKER = re.compile(rb"(?:<{7}|\|{7}|>{7})(?: |\r?$)")


def files() -> list[str]:
    """List the project's files, relative to its root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        listed = b""
    names = {name for name in listed.decode("utf-8", "surrogateescape").split("\0") if name}
    if not names:  # no git, or a project inside a repository that ignores it
        paths = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        names = {path.as_posix() for path in paths if path.parts[0] not in MADE}
    return sorted(name for name in names if (ROOT / name).is_file())


def leftovers(name: str) -> Iterator[tuple[int, str]]:
    """Yield line and message for what an update left in a file."""
    if name.endswith(".rej"):
        yield 1, "changes that did not fit: make them by hand, then delete this file"
    if name.startswith(".poc2prod/rescued/") and name.endswith(".theirs"):
        yield 1, "the template's version of your file: take from it what you need, then delete it"
    with (ROOT / name).open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if MARKER.match(line):
                yield number, "a conflict: decide between the two sides and delete the markers"


def edited_answers() -> Iterator[tuple[str, int, str]]:
    """Yield file, line and message unless the answers are as they were generated."""
    try:
        declared = (ROOT / OWNERSHIP).read_text(encoding="utf-8")
        answers = (ROOT / ANSWERS).read_bytes().replace(b"\r\n", b"\n")
    except OSError as error:
        name = Path(error.filename).relative_to(ROOT).as_posix()
        yield name, 1, f"can't be read: restore it with git checkout HEAD -- {name}"
        return
    digest = re.search(rf"^  {re.escape(ANSWERS)}: (\w+)$", declared, re.MULTILINE)
    if digest is None:
        yield OWNERSHIP, 1, f"does not list {ANSWERS}: restore it with git"
    elif digest[1] != hashlib.sha256(answers).hexdigest():
        yield ANSWERS, 1, "edited by hand: restore it with git, then poc2prod update -d KEY=VALUE"


def main() -> int:
    """Print what is found; return the exit status."""
    found = [(name, line, message) for name in files() for line, message in leftovers(name)]
    found += edited_answers()
    for name, line, message in found:
        print(f"{name}:{line}: {message}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
