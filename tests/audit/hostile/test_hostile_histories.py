"""Links and git's own files lead the audit neither out of the repository nor on without end."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from hostile import NAMES, fifo, replaced, report, statuses
from poc2prod.audit.git import bounded_git
from small import write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "name", [*NAMES, ".git", ".poc2prod", "monitoring", "docs", ".git/objects"]
)
def test_a_link_out_of_the_tree_is_not_followed(project: Path, secret: Path, name: str) -> None:
    replaced(project, name).symlink_to(secret / name)
    report(project)


@pytest.mark.parametrize(
    "content", ["gitdir: {}/.git\n", "gitdir: {}/.git/worktrees/x\n", "gitdir: ../beside/.git\n"]
)
def test_a_file_that_names_another_history_is_not_followed(
    project: Path, secret: Path, content: str
) -> None:
    replaced(project, ".git").write_text(content.format(secret), "utf-8")
    assert report(project)["project"]["commit"] is None


def test_objects_from_elsewhere_are_not_read(project: Path, secret: Path) -> None:
    (project / ".git/HEAD").write_bytes((secret / ".git/refs/heads/main").read_bytes())
    for name, content in {
        ".git/commondir": f"{secret}/.git\n",
        ".git/objects/info/alternates": f"{secret}/.git/objects\n",
    }.items():
        write(project, {name: content})
        assert report(project)["project"]["commit"] is None
        (project / name).unlink()
    fake = project / "fake/worktrees/x"
    write(
        fake, {"gitdir": ".git\n", "commondir": f"{secret}/.git\n", "HEAD": "ref: refs/heads/main"}
    )
    replaced(project, ".git").write_text(f"gitdir: {fake}\n", "utf-8")
    assert report(project)["project"]["commit"] is None


def test_links_and_pipes_among_the_objects_are_not_read(project: Path, secret: Path) -> None:
    objects = project / ".git/objects"
    head = (project / ".git/refs/heads/main").read_text("ascii").strip()
    file = replaced(project, f".git/objects/{head[:2]}/{head[2:]}")
    fifo(file)
    assert report(project)["project"]["commit"] is None
    file.unlink()
    shutil.rmtree(objects)
    objects.mkdir()
    (project / ".git/HEAD").write_bytes((secret / ".git/refs/heads/main").read_bytes())
    for folder in (secret / ".git/objects").iterdir():
        (objects / folder.name).symlink_to(folder)
    assert report(project)["project"]["commit"] is None


def test_a_tree_of_trees_of_itself_is_not_listed_to_its_end(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_git, "SECONDS", 2.0)

    def git(*arguments: str, text: str = "") -> str:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
        return subprocess.run(
            command, cwd=project, input=text, text=True, capture_output=True, check=True
        ).stdout.strip()

    entry = f"100644 blob {git('hash-object', '-w', '--stdin', text='x')}\t"
    tree = ""
    for _ in range(10):
        tree = git("mktree", text="".join(f"{entry}{n}\n" for n in range(10)))
        entry = f"040000 tree {tree}\t"
    git("update-ref", "refs/heads/main", git("commit-tree", tree, "-m", "x"))
    found = report(project)
    assert statuses(found)["ORG-01"] == "FAIL"
    assert found["project"]["dirty"]
