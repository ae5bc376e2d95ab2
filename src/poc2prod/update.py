"""`poc2prod update`: bring a project to a newer release, or to other answers, and lose no edit."""

from __future__ import annotations

import io
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from poc2prod import answers, git, releases
from poc2prod.answers_file import entries
from poc2prod.errors import CommandError, UsageError
from poc2prod.project import ANSWERS, OWNERSHIP, Ownership, located
from poc2prod.questions import load, settable
from poc2prod.render import render
from poc2prod.template import Template
from poc2prod.updating import apply, fitness, places
from poc2prod.updating.merge import Change, Kind, Merge
from poc2prod.updating.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from poc2prod.questions import Question
    from poc2prod.releases import Release, Version


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
    restored = fitness.ended(Repository(located(folder), {}), dry_run=dry_run)
    project = Repository.at(folder)
    project.require_git()
    project.require_clean()
    fitness.require_source(project)
    fitness.require_recorded(project)
    old, new = project.version, fitness.target(project, to)
    if old == new and not pairs:
        return Update(project.root.name, old, new, restored=restored)
    with tempfile.TemporaryDirectory(prefix="poc2prod-update-") as work:
        planned = replace(
            _planned(project, old, new, pairs, Path(work), defaults=defaults), restored=restored
        )
    if planned.changes and not dry_run:
        apply.apply(project, _result(planned), (str(old), str(new)))
    return planned


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
        recorded = _only(settable(before_questions), project.answers)
        given = answers.collect(questions, None, pairs)
        kept = _carried(recorded, crossed, questions)
        fitness.require_answers(before_questions, recorded)
        fitness.require_answers(questions, {**kept, **given}, "; pass -d {}=VALUE")
        terminal = sys.stdin.isatty() and sys.stdout.isatty()
        # The name may be a default; one that can't be printed is neither that nor a line for git.
        name = project.root.name if project.root.name.isprintable() else "project"
        base, theirs = work / "base" / name, work / "theirs" / name
        before = _rendered(Template(template, old.tag), base, recorded, {}, defaults=True)
        after = _rendered(
            *(Template(template, new.tag), theirs, kept, given), defaults=defaults or not terminal
        )
    now_recorded = {key for key, *_ in entries(theirs / ANSWERS)}  # not what didn't apply
    new_answers = [name for name in settable(questions) if name in now_recorded - {*kept, *given}]
    unasked = [name for name in new_answers if questions[name].asked]
    if unasked and not defaults and not terminal:
        raise UsageError(
            f"there is no terminal to ask for {', '.join(unasked)}: pass --defaults, or "
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
        moves=places.moves({*base_tree.blobs, *ours.blobs}, crossed, packages),
        occupied=lambda path, going: places.occupied(project.root, path, going),
    )
    return Update(
        project.root.name,
        old,
        new,
        merge.plan(),
        places.vacant(project.root, ours.blobs, new),
        {name: after[name] for name in new_answers},
        {name: (kept[name], after[name]) for name in kept if kept[name] != after[name]},
        crossed,
    )


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
    return _only(settable(questions), carried)


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
