"""Plain `copier update` and `poc2prod update` make the same of a project: users may take either."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

import made_up
from bundles import NEXT, extended, git
from made_up import generated
from poc2prod import releases
from poc2prod.template import CANONICAL_URL
from updates import ANSWERS, Workbench, copied, files

if TYPE_CHECKING:
    from pathlib import Path

OLDEST = str(releases.versions()[0])
AFTER = "1000.0.0"
OURS = "# Of the owners."

MERGES = generated(made_up.CHANGED[1], "demo_model")
NOT_ASKED = {"license": "MIT", "python_version": "3.12"}
"""Answers that no default gives, to what the newest template lets be set but does not ask."""

CLASHES, DELETED = "pytest.ini", "tests/ops/test_rows.py"


def edit(root: Path, path: str, number: int) -> None:
    file = root / path
    lines = file.read_text("utf-8").splitlines()
    lines[number] = OURS
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")


def untouched(_root: Path) -> None:
    pass


def merging(root: Path) -> None:
    edit(root, MERGES, 8)
    edit(root, "mypy.ini", 0)
    (root / "Makefile").chmod(0o755)
    (root / DELETED).unlink()
    (root / "ours.py").write_text(OURS, encoding="utf-8")


def clashing(root: Path) -> None:
    merging(root)
    edit(root, CLASHES, 1)


class Copier:
    """Runs `copier` with an environment in which the template's address leads to a bundle."""

    def __init__(self, bench: Workbench, environment: dict[str, str], cache: Path) -> None:
        self.environment = {
            **environment,
            "COPIER_CACHE_DIR": str(cache),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{bench.bundle.file}.insteadOf",
            "GIT_CONFIG_VALUE_0": CANONICAL_URL,
        }

    def __call__(self, root: Path, command: str, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "copier", command, "-a", ANSWERS, *options],
            cwd=root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    """The releases and one more without renames and removals."""
    bundle = made_up.plain(tmp_path_factory.mktemp("plain"))
    return Workbench(bundle, tmp_path_factory.mktemp("bench"))


@pytest.mark.xdist_group("plain-copier")
@pytest.mark.parametrize("work", [untouched, merging, clashing])
def test_plain_copier_leaves_the_same_tree(
    plain: Workbench, environment: dict[str, str], tmp_path: Path, work: object
) -> None:
    root = plain.new(tmp_path / "ours" / "demo-model", OLDEST, NOT_ASKED)
    assert callable(work)
    work(root)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "ours")

    same(plain, environment, tmp_path, root, made_up.FIRST)

    now = files(root)
    assert (b"<<<<<<< before updating\n" in now[CLASHES][1]) == (work is clashing)
    assert (OURS.encode() in now[MERGES][1]) == (work is not untouched)
    assert (DELETED in now) == (work is untouched)
    recorded = yaml.safe_load(now[ANSWERS][1])
    assert {name: recorded[name] for name in NOT_ASKED} == NOT_ASKED


def same(
    bench: Workbench, environment: dict[str, str], folder: Path, root: Path, version: str
) -> None:
    """Update `root` with poc2prod and a copy of it with Copier; hold the two against each other."""
    other = copied(root, folder / "copiers")
    copier = Copier(bench, environment, folder / "cache")

    newest = str(bench.history[-1].version)
    check = json.loads(copier(other, "check-update", "--output-format", "json").stdout)
    assert (check["update_available"], check["latest_version"]) == (True, newest)
    done = copier(other, "update", "--defaults", "--quiet", f"--vcs-ref=v{version}")
    assert done.returncode == 0, done.stderr
    bench.update(root, "--to", version)

    assert files(root) == files(other)
    tracked = [git(each, "status", "--porcelain", "--ignored") for each in (root, other)]
    assert not [line for line in tracked[0].splitlines() if line[0] in "?!"]


def steps() -> list[tuple[str, str]]:
    """Return each release and the next, where neither a file nor a question goes or moves."""
    found = releases.versions()
    changes = {str(entry.version): entry.changes for entry in releases.history()}
    following = {str(version): changes[str(version)] for version in found[1:]}
    upcoming = releases.upcoming()
    entries = [*following.items(), *([(NEXT, upcoming)] if upcoming else [])]
    return [
        (str(old), new)
        for old, (new, entry) in zip(found, entries, strict=False)
        if not (
            entry.removed or entry.renamed or entry.questions_removed or entry.questions_renamed
        )
    ]


@pytest.mark.xdist_group("plain-copier")
@pytest.mark.parametrize(("old", "new"), steps())
def test_plain_copier_goes_from_a_release_to_the_next(
    bench: Workbench, environment: dict[str, str], tmp_path: Path, old: str, new: str
) -> None:
    root = bench.new(tmp_path / "ours" / "demo-model", old, {})

    same(bench, environment, tmp_path, root, new)


def _again(template: Path) -> None:
    makefile = template / "template/project/Makefile.jinja"
    makefile.write_text(makefile.read_text("utf-8") + "\n# Another line.\n", encoding="utf-8")


@pytest.mark.xdist_group("plain-copier")
def test_only_copier_brings_back_the_alerts_of_an_objective_that_the_contract_lost(
    bench: Workbench, environment: dict[str, str], tmp_path: Path
) -> None:
    # Copier renders what it may not overwrite wherever that is missing; docs/updates.md says so.
    for folder in ("bundle", "bench"):
        (tmp_path / folder).mkdir()
    bundle = extended(tmp_path / "bundle", AFTER, _again, bench.bundle)
    later = Workbench(bundle, tmp_path / "bench")
    root = later.new(tmp_path / "ours" / "demo-model", NEXT, {})
    lost = [root / f"monitoring/{kind}/nf-avail.yaml" for kind in ("rules", "tests")]
    for file in lost:
        file.unlink()
    git(root, "commit", "--quiet", "--all", "--message", "Promise no availability")
    other = copied(root, tmp_path / "copiers")
    copier = Copier(later, environment, tmp_path / "cache")

    done = copier(other, "update", "--defaults", "--quiet", f"--vcs-ref=v{AFTER}")
    assert done.returncode == 0, done.stderr
    later.update(root)

    assert not any(file.exists() for file in lost)
    assert files(other).keys() - files(root).keys() == {
        file.relative_to(root).as_posix() for file in lost
    }
