"""Cut a release: stamp it into the sources and append it to releases.bundle, whole or not at all.

Nothing is committed: what is left to do is printed.
"""

from __future__ import annotations

import os
import re
import sys
import textwrap
from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from compare import TEMPLATE, files, unrecorded
from poc2prod import releases
from poc2prod.errors import CommandError, UsageError
from poc2prod.git import FALLBACK_IDENTITY, git
from poc2prod.releases import NEXT, Changes, Version

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[1]
CHANGELOG = ROOT / "CHANGELOG.md"
MODULE = ROOT / "src" / "poc2prod" / "__init__.py"


def notes(changes: Changes) -> str:
    """Return the changelog's section "Update notes", which says what the history says."""
    parts = []
    for title, lines in (("New practices", changes.practices), ("By hand", changes.manual)):
        if lines:
            bullets = [
                textwrap.fill(f"- {line}", 120, subsequent_indent="  ", break_on_hyphens=False)
                for line in lines
            ]
            parts.append("\n".join([f"{title}:\n", *bullets]))
    return "\n\n".join(["### Update notes", *parts]) if parts else ""


def stamped(history: str, version: Version, day: str) -> str:
    """Return the text of the history with its entry "next" released."""
    entry = rf"^- version: {NEXT}\b.*$"
    text, count = re.subn(
        entry, f"- version: {version}\n  date: {day}", history, flags=re.MULTILINE
    )
    if count != 1:
        raise CommandError(f'the history has no entry that starts with "- version: {NEXT}"')
    return text


def moved(changelog: str, version: Version, day: str, changes: Changes) -> str:
    """Return the changelog with what is unreleased under the heading of `version`."""
    match = re.search(
        r"^## \[Unreleased\]\n(.*?)(?=^## |\Z)", changelog, flags=re.MULTILINE | re.DOTALL
    )
    if not match or not re.sub(r"^#.*", "", match[1], flags=re.MULTILINE).strip():
        raise CommandError('CHANGELOG.md says nothing under "## [Unreleased]"')
    parts = ["## [Unreleased]", f"## [{version}] - {day}", match[1].strip(), notes(changes)]
    section = "\n\n".join(filter(None, parts)) + "\n"
    rest = changelog[match.end() :]
    return changelog[: match.start()] + section + (f"\n{rest}" if rest else "")


def numbered(module: str, version: Version) -> str:
    """Return the package's text with the number of `version`."""
    text, count = re.subn(
        r'^__version__ = ".*"$', f'__version__ = "{version}"', module, flags=re.MULTILINE
    )
    if count != 1:
        raise CommandError(f"{MODULE} has no line that assigns __version__")
    return text


def bundle(version: Version, day: str, history: str) -> bytes:
    """Return the bundle with one more commit and tag: the committed template, with `history`.

    The same template gives the same bytes, whoever makes them, however this repository is packed.
    """
    moment = f"{day}T00:00:00Z"
    name, email = FALLBACK_IDENTITY
    isolated = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{role}_NAME": name for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_EMAIL": email for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_DATE": moment for role in ("AUTHOR", "COMMITTER")},
    }
    started = releases.BUNDLE.exists()
    with (
        releases.unbundled() if started else nullcontext() as unbundled,
        TemporaryDirectory(prefix="poc2prod-release-") as folder,
    ):
        tree, index, result = Path(folder, "tree"), Path(folder, "index"), Path(folder, "bundle")
        tree.mkdir()
        # From the commit, not from what lies about in the folders.
        work = {"GIT_WORK_TREE": str(tree), "GIT_INDEX_FILE": str(index)}
        git("checkout", "HEAD", "--", *TEMPLATE, cwd=ROOT, env={**isolated, **work})
        index.unlink()  # its objects are not in the other repository
        (tree / "template" / "history.yaml").write_text(history, encoding="utf-8")

        repository = unbundled or Path(folder, "new")

        def run(*arguments: str) -> str:
            env = {**isolated, **work, "GIT_DIR": str(repository)}
            return git(*arguments, cwd=tree, env=env)

        if not started:
            git("init", "--quiet", "--bare", str(repository), env=isolated)
            run("symbolic-ref", "HEAD", "refs/heads/main")
        run("add", "--force", "--all")  # the template's .gitignore is for projects
        parent = ["-p", run("rev-parse", "HEAD")] if started else []
        commit = run("commit-tree", run("write-tree"), *parent, "-m", f"poc2prod {version}")
        run("update-ref", "refs/heads/main", commit)
        run("tag", version.tag, commit)
        run("-c", "pack.threads=1", "bundle", "create", str(result), "HEAD", "main", "--tags")
        _verify(result, version, history)
        return result.read_bytes()


def _verify(result: Path, version: Version, history: str) -> None:
    """Raise CommandError unless a clone of `result` has the template of this work tree."""
    clone = result.with_name("clone")
    git("clone", "--quiet", f"--branch={version.tag}", str(result), str(clone))
    expected = files(ROOT) | {"template/history.yaml": history.encode("utf-8")}
    found = files(clone)
    if different := {name for name, _ in expected.items() ^ found.items()}:
        raise CommandError(f"the bundle would not have the template's {min(different)}")


def write(contents: Mapping[Path, bytes]) -> None:
    """Write all files or, where one can't be written, none."""
    before = {path: path.read_bytes() if path.exists() else None for path in contents}
    try:
        for path, content in contents.items():
            path.write_bytes(content)
    except BaseException:
        for path, old in before.items():
            if old is None:
                path.unlink(missing_ok=True)
            elif path.read_bytes() != old:
                path.write_bytes(old)
        raise


def release(number: str, day: str = "") -> Version:
    """Release the committed template as `number`, on `day` (YYYY-MM-DD, by default today)."""
    version = Version.parse(number)
    if version is None:
        raise UsageError(f'"{number}" is not a version: write VERSION=0.2.0')
    try:
        day = str(date.fromisoformat(day)) if day else str(datetime.now(UTC).date())
    except ValueError as error:
        raise UsageError(f'"{day}" is not a date: write DATE=2026-12-31') from error
    known = releases.versions() if releases.BUNDLE.exists() else []
    if known and version <= known[-1]:
        raise UsageError(f"{version} is not newer than {known[-1]}, the newest release")
    if git("status", "--porcelain", cwd=ROOT):
        raise CommandError("there are changes that are not committed")
    changes = releases.upcoming()
    if changes is None:
        raise CommandError(f'{releases.HISTORY} has no entry "{NEXT}"')
    if known:
        with releases.checkout(known[-1]) as newest:
            if lines := unrecorded(newest, ROOT, changes):
                raise CommandError(f'{releases.HISTORY} lacks in its entry "{NEXT}":\n{lines}')
    history = stamped(releases.HISTORY.read_text("utf-8"), version, day)
    changelog = moved(CHANGELOG.read_text("utf-8"), version, day, changes)
    module = numbered(MODULE.read_text("utf-8"), version)
    write(
        {
            releases.BUNDLE: bundle(version, day, history),
            releases.HISTORY: history.encode("utf-8"),
            CHANGELOG: changelog.encode("utf-8"),
            MODULE: module.encode("utf-8"),
        }
    )
    return version


def main(arguments: list[str]) -> int:
    """Run `release.py VERSION [DATE]` and return the exit status."""
    try:
        version = release(*arguments)
    except (CommandError, OSError) as error:
        print(f"Error: {str(error).rstrip()}", file=sys.stderr)
        return getattr(error, "exit_code", 1)
    changed = [releases.BUNDLE, releases.HISTORY, CHANGELOG, MODULE]
    print(
        f"{version} is in the sources. Look at it, then:\n"
        f"  git add {' '.join(path.relative_to(ROOT).as_posix() for path in changed)}\n"
        f"  git commit -m 'Release {version}'\n"
        f"  git tag {version.tag}  # the name that projects record\n"
        f"  git push origin HEAD {version.tag}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
