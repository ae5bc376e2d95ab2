"""A project of any release is brought to the working tree, and keeps all that its owners wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from bundles import NEXT, git
from poc2prod import releases
from poc2prod.project import Ownership
from poc2prod.questions import load, settable
from projects import PROFILES
from rendering import ROOT
from updates import ANSWERS, OWNERSHIP, Workbench, copied, files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poc2prod.releases import Version

OURS = b"# Of the owners.\n"

Files = dict[str, tuple[bool, bytes]]


@dataclass(frozen=True)
class Start:
    """A project of an old release, and what a new one with its answers would be.

    Attributes:
        root: the project; to be copied, not changed.
        fresh: what the working tree renders from the same answers.
    """

    root: Path
    fresh: Path

    @cached_property
    def old(self) -> Files:
        return files(self.root)

    @cached_property
    def new(self) -> Files:
        return files(self.fresh)

    @cached_property
    def yours(self) -> set[str]:
        """The paths of both that are the owners', as the new release says."""
        return Ownership.read(self.fresh / OWNERSHIP).owns({*self.old, *self.new})

    @cached_property
    def updated(self) -> Files:
        """What an update must lead to: all is as in a new project but for what the owners have."""
        return {**self.new, **{path: self.old[path] for path in self.old.keys() & self.yours}}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((version, profile), marks=pytest.mark.xdist_group(f"update-{profile}"))
        for profile in PROFILES
        for version in releases.versions()
    ],
    ids=lambda param: f"{param[0]}-{param[1]}",
)
def start(
    request: pytest.FixtureRequest, bench: Workbench, tmp_path_factory: pytest.TempPathFactory
) -> Start:
    version, profile = request.param
    folder = tmp_path_factory.mktemp(profile)
    root = bench.new(folder / "old" / f"{profile}-model", version, known(bench, version, profile))
    answers = folder / "answers.yaml"
    recorded = yaml.safe_load((root / ANSWERS).read_text("utf-8"))
    for release in bench.history:
        if release.version > version:
            names = release.changes.questions_renamed
            recorded = {names.get(name, name): value for name, value in recorded.items()}
    kept = {name: recorded[name] for name in settable(load(ROOT)) if name in recorded}
    answers.write_text(yaml.safe_dump(kept), encoding="utf-8")
    return Start(root, bench.new(folder / "new" / root.name, NEXT, answers))


def known(bench: Workbench, version: Version, profile: str) -> dict[str, str]:
    """The answers of a profile that a release had the choice of."""
    with bench.checkout(version) as template:
        questions = load(template)

    def possible(name: str, answer: str) -> bool:
        if name not in questions:
            return False
        given = yaml.safe_load(answer)
        wanted = given if isinstance(given, list) else [answer]
        choices = set(map(str, questions[name].choices))
        return not choices or choices.issuperset(map(str, wanted))

    return {name: answer for name, answer in PROFILES[profile].items() if possible(name, answer)}


def commit(root: Path) -> str:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "ours")
    return git(root, "rev-parse", "HEAD")


def test_an_untouched_project_becomes_what_a_new_one_is(
    bench: Workbench, start: Start, tmp_path: Path
) -> None:
    root = copied(start.root, tmp_path)

    done = bench.update(root)

    assert done.status == 0
    assert files(root) == start.updated
    assert not [line for line in git(root, "status", "--short").splitlines() if line[1] != " "]


def test_what_owners_write_where_they_may_survives_and_meets_no_conflict(
    bench: Workbench, start: Start, tmp_path: Path
) -> None:
    root = copied(start.root, tmp_path)
    expected = dict(start.updated)
    places = {*extension_points(start.old), *(start.yours & start.old.keys())}
    for path in places:
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("ab") as stream:
            stream.write(OURS)
        executable, content = expected.get(path, (False, b""))
        expected[path] = (executable, content + OURS)
    commit(root)

    done = bench.update(root)

    assert {"project.mk", ".ruff.toml"} <= places
    assert done.status == 0, done.stdout
    assert files(root) == expected


def extension_points(old: Files) -> Iterator[str]:
    """Yield where the first lines of managed files send their owners."""
    names = {path.rpartition("/")[2] for path in old}
    for path, (_, content) in old.items():
        first = content.decode().partition("\n")[0]
        if "Managed by poc2prod" not in first:
            continue
        home = Path(path).parent
        if "below its last line" in first:
            yield path
        elif "of your own" in first:
            yield (home / f"ours{Path(path).suffix}").as_posix()
        for name in re.findall(r"[\w./-]+\.(?:py|mk|toml|in|yaml)\b", first):
            place = (home / name if "beside it" in first else Path(name)).as_posix()
            known = name in names and "project's root" not in first  # features.py, wherever it is
            if place != path and not known:
                yield place


def test_one_conflict_is_reported_exactly_and_nothing_is_committed_before_it_is_resolved(
    bench: Workbench, start: Start, tmp_path: Path
) -> None:
    root = copied(start.root, tmp_path)
    path, number = contested(start)
    lines = start.old[path][1].split(b"\n")
    lines[number - 1] = b"of the owners"
    (root / path).write_bytes(b"\n".join(lines))
    commit(root)

    foretold = bench.update(root, "--dry-run", "--json")
    done = bench.update(root)

    assert foretold.status == done.status == 3
    conflicts = [each for each in foretold.report["changes"] if each["kind"] == "conflicted"]
    assert conflicts == [{"path": path, "kind": "conflicted", "lines": [number]}]
    assert re.findall("^  conflicted .*", done.stdout, re.MULTILINE) == [
        f"  conflicted  {path}, line {number}"
    ]
    marked = (root / path).read_bytes().split(b"\n")
    assert marked[number - 1 : number + 1] == [b"<<<<<<< before updating", b"of the owners"]
    with pytest.raises(AssertionError, match="unmerged"):
        git(root, "commit", "--message", "too early")

    waiting = bench("update", root, "--continue")
    assert waiting.status == 3
    assert f"{path}, line {number}: " in waiting.stderr
    (root / path).write_bytes(start.new[path][1])
    assert bench("update", root, "--continue").status == 0
    git(root, "commit", "--message", "resolved")
    assert git(root, "status", "--short") == ""
    assert files(root) == start.updated


def contested(start: Start) -> tuple[str, int]:
    """Return a managed file and its first line that differs in the new release."""
    for path in sorted(start.old.keys() & start.new.keys() - start.yours - {ANSWERS, OWNERSHIP}):
        old, new = (tree[path][1].split(b"\n") for tree in (start.old, start.new))
        for number, (before, after) in enumerate(zip(old, new, strict=False), 1):
            if before != after:
                if before not in new and after not in old:
                    return path, number
                break
    pytest.skip("no line of a managed file was replaced since")


def test_a_second_update_does_nothing(bench: Workbench, start: Start, tmp_path: Path) -> None:
    root = copied(start.root, tmp_path)
    bench.update(root)
    head = commit(root)

    done = bench.update(root)

    assert done == (0, f"{root.name} is up to date: poc2prod {NEXT}\n", "")
    assert git(root, "rev-parse", "HEAD") == head
    assert git(root, "status", "--short", "--ignored") == ""
    assert files(root) == start.updated
