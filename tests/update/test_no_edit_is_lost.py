"""Whatever owners and two releases do to a project's files, what owners wrote is not lost."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings

import made_up
from bundles import git
from made_up import generated
from owners import TOKEN, Act, Owners, acts
from poc2prod.releases import versions
from poc2prod.updating.journal import UNDO
from updates import RESCUED, Workbench, copied, files

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "demo_model"
OPS = f"src/{PACKAGE}/ops"
MOVES = {
    f"{OPS}/splits.py": f"{OPS}/pieces.py",
    "tests/ops/test_splits.py": "tests/ops/test_parts.py",
}
PATHS = [
    *(generated(path, PACKAGE) for path in made_up.CHANGED),
    *MOVES,
    generated(made_up.REMOVED, PACKAGE),
    made_up.REMOVED_LATER,
    "Makefile",  # which neither release changes
    f"{OPS}/kpi/rules.py",
]
PLACES = [
    "ours.py",
    f"{OPS}/ours.py",
    *(generated(path, PACKAGE) for path in made_up.ADDED_LATER),
    f"{OPS}/more",  # where a folder is to be
    *MOVES.values(),
    f"{OPS}/parts.py",  # which comes and goes
    f"{generated(made_up.REMOVED, PACKAGE)}/ours",  # where a file was
    f"{RESCUED}v{made_up.SECOND}/ours",
]

Files = dict[str, tuple[bool, bytes]]


@dataclass(frozen=True)
class Setting:
    """The releases, a project of the one before them, and what the last of them renders."""

    bench: Workbench
    root: Path
    fresh: Path

    @cached_property
    def base(self) -> Files:
        return files(self.root)

    @cached_property
    def theirs(self) -> Files:
        return files(self.fresh)


@pytest.fixture(scope="module")
def setting(tmp_path_factory: pytest.TempPathFactory) -> Setting:
    folder = tmp_path_factory.mktemp("two")
    bench = Workbench(made_up.two(folder), tmp_path_factory.mktemp("bench"))
    root = bench.new(folder / "old/demo-model", versions()[-1], {})
    git(root, "gc", "--quiet")  # a pack is copied faster than a hundred objects
    fresh = bench.new(folder / "new/demo-model", made_up.SECOND, {})
    assert files(root).keys() >= {*PATHS}
    assert files(fresh).keys() >= {*MOVES.values()}
    return Setting(bench, root, fresh)


@settings(max_examples=60, deadline=None, print_blob=True)
@given(done=acts(PATHS, PLACES))
@example(done=[])
@example(done=[(Owners.replace, f"{OPS}/splits.py", "lines")])  # a conflict in a file that moves
def test_no_edit_is_lost(setting: Setting, done: list[Act]) -> None:
    with TemporaryDirectory() as folder:
        root = copied(setting.root, Path(folder))
        owners = Owners(root)
        for act, path, how in done:
            act(owners, path, how)
        git(root, "add", "--all", "--force")
        git(root, "commit", "--quiet", "--allow-empty", "--message", "ours")
        ours, repository = files(root), everything(root)

        foretold = setting.bench.update(root, "--dry-run", "--json")
        assert everything(root) == repository, "a preview changes nothing"
        updated = setting.bench.update(root, "--json")
        report = updated.report
        assert {**foretold.report, "dry_run": False} == {**report, "duties": unjudged(report)}
        assert foretold.status == updated.status

        check_contents(setting, ours, files(root), report)
        check_report(setting, root, updated.status, report)

        subprocess.run(UNDO, shell=True, cwd=root, check=True, capture_output=True)
        assert files(root) == ours
        assert git(root, "status", "--porcelain", "--ignored") == ""


def unjudged(report: Any) -> Any:
    """What a preview knows of the new duties: which they are, not what the project comes to."""
    return report["duties"] and {**report["duties"], "today": None, "to_be_run": 0}


def everything(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def check_contents(setting: Setting, ours: Files, now: Files, report: Any) -> None:
    base, theirs = setting.base, setting.theirs
    rescued = dict(restored(base, theirs, ours, now, report))
    kept = {path: content for path, (_, content) in now.items() if path not in patches(report)}
    written = tokens(content for _, content in ours.values())
    assert written <= tokens([*kept.values(), *rescued.values()])

    for path, file in ours.items():
        target = MOVES.get(path, path)
        if path not in base and path not in theirs:
            assert now[path] == file, f"{path} is none of the template's"
        elif base.get(path) == theirs.get(path):
            assert now[path] == file, f"{path} is as it was in the template"
        elif path in base and target in theirs and (target == path or target not in ours):
            lasting = [once(tree[name][1]) for tree, name in ((base, path), (theirs, target))]
            content = now[target if target in now else path][1]
            assert once(file[1]).intersection(*lasting) <= {*content.split(b"\n")}, path
    for path in base.keys() - ours.keys():
        assert now.keys() & {path, MOVES.get(path, path)} <= ours.keys(), f"{path} was deleted"


def restored(
    base: Files, theirs: Files, ours: Files, now: Files, report: Any
) -> Iterator[tuple[str, bytes]]:
    """Yield the owners' files that a rescue patch makes out of the old release's."""
    for change in report["changes"]:
        if "patch" in change:
            with TemporaryDirectory() as folder:
                file = Path(folder, change["path"])
                file.parent.mkdir(parents=True)
                file.write_bytes(base[change["path"]][1])
                patch = now[change["patch"]][1]
                subprocess.run(["git", "apply", "-"], input=patch, cwd=folder, check=True)
                content = file.read_bytes() if file.exists() else b""
                assert content == ours[change["path"]][1]
                target = MOVES.get(change["path"], change["path"])
                assert target not in theirs or target in {*ours} - {change["path"]}, (
                    "it has a place"
                )
                yield change["path"], content


def patches(report: Any) -> set[str]:
    return {change["patch"] for change in report["changes"] if "patch" in change}


def tokens(contents: Any) -> set[bytes]:
    return {token for content in contents for token in TOKEN.findall(content)}


def once(content: bytes) -> set[bytes]:
    """Return the lines that occur once: of others nobody can say which of them went."""
    lines = content.split(b"\n")
    return {line for line in lines if lines.count(line) == 1}


def check_report(setting: Setting, root: Path, status: int, report: Any) -> None:
    changes = [change for change in report["changes"] if change["kind"] != "left"]
    conflicts = [change for change in changes if change["kind"] == "conflicted"]
    assert status == (3 if conflicts else 0)
    marked = {change["path"]: change["lines"] for change in conflicts if "lines" in change}
    now = files(root)
    assert marked == {
        path: numbers
        for path, (_, content) in now.items()
        if (
            numbers := [
                n for n, line in enumerate(content.split(b"\n"), 1) if line[:8] == b"<" * 7 + b" "
            ]
        )
    }
    for change in conflicts:
        if "lines" not in change:
            assert now[change["aside"]][1] == setting.theirs[change["path"]][1]

    expected = {
        change[key] for change in changes for key in ("before", "patch", "aside") if key in change
    }
    expected |= {change["path"] for change in changes if "aside" not in change}
    entries = git(root, "status", "--porcelain", "--no-renames", "-z").split("\0")[:-1]
    unmerged = {entry[3:] for entry in entries if "U" in entry[:2] or entry[:2] == "AA"}
    assert unmerged == marked.keys()
    assert {entry[3:] for entry in entries} == expected
    assert {entry[1] for entry in entries if entry[3:] not in unmerged} <= {" "}
