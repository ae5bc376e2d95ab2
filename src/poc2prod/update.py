"""`poc2prod update`: bring a project to a newer release, or to other answers, and lose no edit."""

from __future__ import annotations

import io
import os
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from poc2prod import answers, apply, git, releases
from poc2prod.answers_file import entries
from poc2prod.errors import CommandError, UsageError
from poc2prod.merge import Change, Kind, Merge
from poc2prod.project import ANSWERS, OWNERSHIP, Ownership, located
from poc2prod.questions import asked, load, nearest
from poc2prod.render import render
from poc2prod.repository import Repository
from poc2prod.template import CANONICAL_URL, Template

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from poc2prod.questions import Question
    from poc2prod.releases import Release, Version

RESCUED = ".poc2prod/rescued"
"""Where in a project the edits are that no longer have a file, a folder for each update."""


@dataclass(frozen=True)
class Update:
    """An update of a project, whether done or only planned.

    Attributes:
        project: its name.
        old: the release that it is from.
        new: the release that it goes to.
        changes: what happens to which path.
        folder: where the patches and the files set aside are.
        defaulted: the new questions and the defaults that answer them.
        changed: the answers that change, each as old and new value.
        releases: what each release on the way brings.
        restored: whether an earlier update had been killed and was taken back first.
    """

    project: str
    old: Version
    new: Version
    changes: list[Change] = field(default_factory=list)
    folder: str = ""
    defaulted: Mapping[str, Any] = field(default_factory=dict)
    changed: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    releases: Sequence[Release] = ()
    restored: bool = False

    @property
    def conflicts(self) -> list[Change]:
        """The changes that a person must resolve."""
        return [change for change in self.changes if change.kind is Kind.CONFLICTED]


def update(
    folder: Path,
    *,
    to: str | None = None,
    pairs: Sequence[str] = (),
    defaults: bool = False,
    dry_run: bool = False,
) -> Update:
    """Update the project in `folder`, or say what an update would do.

    Args:
        folder: the project's.
        to: the release to go to, by default the newest.
        pairs: answers to change, or to new questions, as "KEY=VALUE".
        defaults: don't ask new questions but take their defaults.
        dry_run: change nothing.

    Raises:
        UsageError: the project is not fit for an update, or an answer is refused.
        CommandError: the project's release is not known here, or something can't be written.
    """
    git.shield()
    restored = _ended(Repository(located(folder), {}), dry_run=dry_run)
    project = Repository.at(folder)
    project.require_git()
    project.require_clean()
    _require_source(project)
    _require_recorded(project)
    old, new = project.version, _target(project, to)
    if old == new and not pairs:
        return Update(project.root.name, old, new, restored=restored)
    with tempfile.TemporaryDirectory(prefix="poc2prod-update-") as work:
        planned = replace(
            _planned(project, old, new, pairs, Path(work), defaults=defaults), restored=restored
        )
    if planned.changes and not dry_run:
        apply.apply(project, _result(planned), (str(old), str(new)))
    return planned


def _ended(project: Repository, *, dry_run: bool) -> bool:
    """Put back what a killed update left, its answers unread because it may have half written them.

    Returns:
        Whether there was anything.
    """
    if not project.journal or not project.journal.exists():
        return False
    if not dry_run:
        return apply.recover(project)
    if apply.unfinished(project):
        raise UsageError(
            f"an update of {project.root.name} has not ended: run poc2prod update --continue "
            "or, if it was killed, poc2prod update"
        )
    return False


def _require_source(project: Repository) -> None:
    source = project.recorded.get("_src_path", CANONICAL_URL)
    if source != CANONICAL_URL:
        raise UsageError(
            f"{project.root.name} was generated from {source}, and this poc2prod has only the "
            f"releases of {CANONICAL_URL}; see _src_path in {ANSWERS}"
        )


def _require_recorded(project: Repository) -> None:
    """Refuse answers that somebody edited: what is not as recorded can't be compared."""
    digest = project.ownership.managed.get(ANSWERS)
    if digest and digest != project.digest(ANSWERS):
        raise UsageError(
            f"{ANSWERS} was edited by hand, so it no longer says what the project was generated "
            f"from: find its last good version with git log -- {ANSWERS}, restore and commit it, "
            "and change answers with poc2prod update -d KEY=VALUE"
        )


def _target(project: Repository, to: str | None) -> Version:
    known = releases.versions()
    old = project.version
    if old > known[-1]:
        raise CommandError(
            f"{project.root.name} was generated by poc2prod {old}, and this is poc2prod "
            f"{known[-1]}: upgrade it first, with pip install --upgrade poc2prod"
        )
    if old not in known:
        raise CommandError(f"{project.root.name} was generated by poc2prod {old}: no such release")
    new = known[-1] if to is None else releases.Version.parse(to)
    if new not in known:
        hint = nearest(str(to), map(str, known)) or f"; the newest is {known[-1]}"
        raise UsageError(f"--to {to}: there is no such release{hint}")
    if new < old:
        raise UsageError(f"--to {new}: {project.root.name} is at {old}, and there is no way back")
    return new


def _planned(
    project: Repository,
    old: Version,
    new: Version,
    pairs: Sequence[str],
    work: Path,
    *,
    defaults: bool,
) -> Update:
    crossed = [release for release in releases.history() if old < release.version <= new]
    with releases.checkout(new) as template:
        questions = load(template)
        before_questions = _questions(template, old, work / "questions")
        recorded = _only(asked(before_questions), project.answers)
        given = answers.collect(questions, None, pairs)
        kept = _carried(recorded, crossed, questions)
        _require_answers(before_questions, recorded)
        _require_answers(questions, {**kept, **given}, "; pass -d {}=VALUE")
        terminal = sys.stdin.isatty() and sys.stdout.isatty()
        # The name may be a default; one that can't be printed is neither that nor a line for git.
        name = project.root.name if project.root.name.isprintable() else "project"
        base, theirs = work / "base" / name, work / "theirs" / name
        before = _rendered(Template(template, old.tag), base, recorded, {}, defaults=True)
        after = _rendered(
            *(Template(template, new.tag), theirs, kept, given), defaults=defaults or not terminal
        )
    now_recorded = {key for key, *_ in entries(theirs / ANSWERS)}  # not what didn't apply
    open_questions = [name for name in asked(questions) if name in now_recorded - {*kept, *given}]
    if open_questions and not defaults and not terminal:
        raise UsageError(
            f"there is no terminal to ask for {', '.join(open_questions)}: pass --defaults, or "
            "answer with -d"
        )
    ours = project.head()
    packages = (before["package_name"], after["package_name"])
    base_tree, theirs_tree = project.rendered(base), project.rendered(theirs)
    ownership = Ownership.read(theirs / OWNERSHIP)
    merge = Merge(
        base=base_tree,
        theirs=theirs_tree,
        ours=ours,
        yours=ownership.owns({*base_tree.blobs, *theirs_tree.blobs, *ours.blobs}).__contains__,
        replaced=frozenset({ANSWERS}),
        moves=_moves({*base_tree.blobs, *ours.blobs}, crossed, packages),
        occupied=lambda path, going: _occupied(project.root, path, going),
    )
    return Update(
        project.root.name,
        old,
        new,
        merge.plan(),
        _vacant(project.root, ours.blobs, new),
        {name: after[name] for name in open_questions},
        {name: (kept[name], after[name]) for name in kept if kept[name] != after[name]},
        crossed,
    )


def _require_answers(
    questions: Mapping[str, Question], recorded: Mapping[str, Any], advice: str = ""
) -> None:
    for name, value in recorded.items():
        try:
            answers.cast(questions[name], value)
        except (ValueError, OverflowError) as error:
            raise UsageError(
                f"{ANSWERS}: {name} can't be {answers.shown(value)}: {error}{advice.format(name)}"
            ) from error


def _rendered(
    template: Template,
    into: Path,
    recorded: Mapping[str, Any],
    given: Mapping[str, Any],
    *,
    defaults: bool,
) -> Mapping[str, Any]:
    try:
        return render(template, into, {**recorded, **given}, defaults=defaults)
    except UsageError as error:
        name = str(error).partition(" ")[0]
        if name in given:
            raise UsageError(f"-d: {error}") from error
        advice = f"; pass -d {name}=VALUE" if name in recorded else ""
        raise UsageError(f"{ANSWERS}, for {template.ref}: {error}{advice}") from error
    except OSError as error:
        reason = getattr(error, "stderr", "") or error.strerror or str(error)
        raise CommandError(f"can't render the template: {reason.strip()}") from error


def _questions(template: Path, version: Version, into: Path) -> dict[str, Question]:
    archive = git.run("archive", version.tag, "copier.yml", "template/questions", cwd=template)
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as content:
        content.extractall(into, filter="data")
    return load(into)


def _only(names: Iterable[str], answers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: answers[name] for name in names if name in answers}


def _carried(
    recorded: Mapping[str, Any], crossed: Sequence[Release], questions: Mapping[str, Question]
) -> dict[str, Any]:
    """Return the recorded answers by their questions' new names."""
    carried = dict(recorded)
    for release in crossed:
        for old, new in release.changes.questions_renamed.items():
            if old in carried:
                carried[new] = carried.pop(old)
    return _only(asked(questions), carried)


def _moves(
    paths: set[str], crossed: Sequence[Release], packages: tuple[str, str]
) -> dict[str, str]:
    """Return path → new path of all that moved: by a release, or with the package's name."""
    old_home, new_home = (f"src/{package}/" for package in packages)
    renamed: dict[str, str] = {}
    for release in crossed:
        for source, target in release.changes.renamed.items():
            origin = next((path for path, now in renamed.items() if now == source), source)
            renamed[origin] = target
    moves = {}
    for path in paths:
        moved = path
        if path.startswith(old_home):
            moved = f"src/<package_name>/{path.removeprefix(old_home)}"
        moved = renamed.get(moved, moved)
        moved = moved.replace("src/<package_name>/", new_home)
        if moved != path:
            moves[path] = moved
    return moves


def _occupied(root: Path, path: str, going: set[str]) -> bool:
    """Tell whether a file can't be put at `path`, once the paths `going` are gone."""
    for parent in Path(path).parents[:-1]:
        place = root / parent
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            return parent.as_posix() not in going
    place = root / path
    if place.is_dir() and not place.is_symlink():
        return any(
            file.relative_to(root).as_posix() not in going
            for file in place.rglob("*")
            if file.is_symlink() or not file.is_dir()
        )
    return os.path.lexists(place)


def _vacant(root: Path, paths: Mapping[str, object], version: Version) -> str:
    """Return the folder of this update's rescued edits, which no earlier one has used."""
    folder, number = f"{RESCUED}/{version.tag}", 1
    while os.path.lexists(root / folder) or any(path.startswith(f"{folder}/") for path in paths):
        number += 1
        folder = f"{RESCUED}/{version.tag}-{number}"
    return folder


def _result(planned: Update) -> apply.Result:
    result = apply.Result()
    for change in planned.changes:
        if change.data is not None:
            result.files[change.path] = (change.mode, change.data)
        if change.removes:
            result.removed.add(change.removes)
        if change.patch is not None:
            path = f"{planned.folder}/{change.path}.patch"
            result.files[path] = ("100644", change.patch)
        if change.aside is not None:
            path = f"{planned.folder}/{change.path}{apply.ASIDE}"
            result.files[path] = ("100644", change.aside)
            result.aside.append(path)
        if any(change.sides):
            result.unmerged[change.path] = change.sides
    return result
