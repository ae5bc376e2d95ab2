"""`poc2prod new`: generate a project, whole or not at all."""

from __future__ import annotations

import shlex
import shutil
import sys
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from poc2prod import __version__, answers, git
from poc2prod.errors import CommandError, UsageError
from poc2prod.questions import load
from poc2prod.render import render
from poc2prod.template import opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from poc2prod.questions import Question

ANSWERS_FILE = Path(".poc2prod", "answers.yaml")
"""In a generated project; copier.yml's `_answers_file`."""


@dataclass(frozen=True, slots=True)
class Created:
    """A generated project.

    Attributes:
        root: its folder.
        files: how many files were generated.
        choices: the answers to those questions that offer choices.
        git: what was done about git, as a phrase.
    """

    root: Path
    files: int
    choices: Mapping[str, Any]
    git: str


def summary(created: Created, destination: Path) -> str:
    """Say what was generated in `destination`, as it was typed, and what comes next."""
    lines = [f"{created.root.name}: {created.files} files, {created.git}", ""]
    width = max(map(len, created.choices), default=0)
    for name, value in created.choices.items():
        text = ", ".join(value) or "none" if isinstance(value, list) else value
        lines.append(f"  {name:{width}}  {text}")
    lines += ["", "Next:"]
    if created.root != Path.cwd():
        lines.append(f"  cd {shlex.quote(str(destination))}")
    return "\n".join([*lines, "  make demo", "  make test"])


def create(
    destination: Path,
    *,
    pairs: Sequence[str] = (),
    answers_file: Path | None = None,
    defaults: bool = False,
    source: str | None = None,
    ref: str | None = None,
    repository: bool = True,
) -> Created:
    """Generate a project in `destination`, which must not exist or be an empty folder.

    Args:
        destination: where; folders above it are created.
        pairs: answers as "KEY=VALUE".
        answers_file: a YAML file of answers; `pairs` win over it.
        defaults: don't ask what is left open but take its default.
        source: the template, by default poc2prod's own.
        ref: the template's tag, branch or commit; by default its latest release.
        repository: make a git repository with a first commit, unless there is one around it.

    Raises:
        UsageError: the destination or an answer is refused.
        CommandError: the template can't be had or rendered, or a file can't be written.
    """
    git.shield()
    root = _vacant(destination)
    with opened(source, ref) as template:
        questions = load(template.root)
        given = answers.collect(questions, answers_file, pairs)
        if not defaults and not (sys.stdin.isatty() and sys.stdout.isatty()):
            _refuse_to_ask(questions, given)
            defaults = True
        try:
            with _staged(root) as staged:
                render(template, staged, given, defaults=defaults)
                files = sum(path.is_file() for path in staged.rglob("*"))
                outcome = _versioned(staged, root) if repository else "not in git"
                chosen = _choices(questions, staged)
                _move(staged, root)
        except OSError as error:
            reason = getattr(error, "stderr", "") or error.strerror or str(error)
            line = reason.strip().rpartition("\n")[2]
            raise CommandError(f"can't generate {destination}: {line}") from error
    return Created(root, files, chosen, outcome)


def _vacant(destination: Path) -> Path:
    try:
        with suppress(FileNotFoundError, NotADirectoryError):
            destination.stat()  # fails for links in a circle, which resolve() may let pass
        root = destination.resolve()
        if root.is_dir() and any(root.iterdir()):
            raise UsageError(
                f"{destination} is not empty: choose another folder, or empty it first"
            )
        nearest = next(path for path in (root, *root.parents) if path.exists())
        if not nearest.is_dir():
            raise UsageError(f"can't generate {destination}: {nearest} is a file")
    except OSError as error:
        raise UsageError(f"can't generate {destination}: {error.strerror}") from error
    return root


def _refuse_to_ask(questions: Mapping[str, Question], given: Mapping[str, Any]) -> None:
    left = [name for name, q in questions.items() if q.asked and q.when is True]
    left = [name for name in left if name not in given]
    if left:
        names = ", ".join(left[:3]) + (", …" if len(left) > 3 else "")
        raise UsageError(
            f"there is no terminal to ask for {names}: pass --defaults, "
            "or answer all questions with --answers FILE or -d"
        )


@contextmanager
def _staged(root: Path) -> Iterator[Path]:
    """Provide a path on the same file system as `root`, of the same name, for the time being.

    The name matters: the template suggests it as the project's. Killed, the process leaves a hidden
    folder ".poc2prod-…" but nothing in `root`'s place.
    """
    home = root if root.is_dir() else root.parent
    missing = [folder for folder in (home, *home.parents) if not folder.exists()]
    try:
        home.mkdir(parents=True, exist_ok=True)
        holder = tempfile.mkdtemp(prefix=".poc2prod-", dir=home)
        try:
            yield Path(holder, root.name)
        finally:
            shutil.rmtree(holder, ignore_errors=True)
    except BaseException:
        for folder in missing:
            with suppress(OSError):
                folder.rmdir()
        raise


def _move(staged: Path, root: Path) -> None:
    """Put the finished project in its place.

    A folder that was there, and empty, stays the same folder: it may be a mount point or somebody's
    current directory.
    """
    holder = staged.parent
    if holder.parent != root:
        staged.rename(root)
        return
    if list(root.iterdir()) != [holder]:
        raise CommandError(f"{root} is no longer empty: somebody else writes there")
    # .git last: half a project must not look like a repository.
    for child in sorted(staged.iterdir(), key=lambda child: child.name == ".git"):
        child.rename(root / child.name)


def _versioned(staged: Path, root: Path) -> str:
    if git.holds(root):
        return "in the git repository around it, not committed"
    version = f"Generate the project with poc2prod {__version__}"
    fallback = git.first_commit(staged, version)
    return f"committed as {fallback}: git knows no user.email" if fallback else "committed to git"


def _choices(questions: Mapping[str, Question], staged: Path) -> dict[str, Any]:
    import yaml  # noqa: PLC0415  # loaded with the questions

    file = staged / ANSWERS_FILE
    recorded = yaml.safe_load(file.read_text("utf-8")) if file.is_file() else {}
    return {
        name: recorded[name]
        for name, question in questions.items()
        if question.choices and name in recorded
    }
