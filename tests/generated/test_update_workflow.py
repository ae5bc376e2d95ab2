"""The scheduled workflow, run for real: what it pushes and opens, and what it leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bundles import extended, working_tree
from rendering import render
from wheels import REPORT, release, this_poc2prod
from workflows import GitHub

if TYPE_CHECKING:
    from pathlib import Path

BRANCH = "poc2prod/update"
BOT = "41898282+github-actions[bot]@users.noreply.github.com"
WORKFLOW = ".github/workflows/ci.yml"
CHANGES = {
    "mypy.ini": "[mypy]\n",
    "src/binary": "\0\n",
    "src/new file.py": "NEW = 1\n",
    "Makefile": None,
}
CONFLICT = {"ruff.toml": "<<<<<<< yours\n1\n=======\n2\n>>>>>>> poc2prod 0.2.0\n"}


@pytest.fixture
def github(template: Path, tmp_path: Path) -> GitHub:
    return GitHub.host(render(template, tmp_path / "demo-model"), tmp_path / "hosted")


def update(github: GitHub, requirement: str, *, token: str = "", fails: bool = False) -> str:
    """Run the workflow where pip finds `requirement`, and return its log."""
    secrets = {"GITHUB_TOKEN": "of-the-run", **({"UPDATE_TOKEN": token} if token else {})}
    return github.run(
        "update.yml",
        variables={"POC2PROD_REQUIREMENT": requirement},
        secrets=secrets,
        environment={"PIP_NO_INDEX": "1"},
        fails=fails,
    )


def changed(github: GitHub) -> dict[str, str | None]:
    """What the branch changes, path → contents."""
    listed = github.git("diff", "--name-only", "-z", "main", BRANCH).split("\0")[:-1]
    there = github.git("ls-tree", "-r", "-z", "--name-only", BRANCH).split("\0")
    return {p: github.git("show", f"{BRANCH}:{p}") if p in there else None for p in listed}


def opened(github: GitHub, kind: str) -> str:
    return (github.state / kind).read_text(encoding="utf-8")


def branches(github: GitHub) -> list[str]:
    return github.git("branch", "--format=%(refname:short)").split()


def test_without_a_change_nothing_is_opened(github: GitHub, tmp_path: Path) -> None:
    update(github, release(tmp_path, {}, report="Nothing to do.\n"))

    assert branches(github) == ["main"]
    assert github.calls() == []


def test_an_update_that_fails_fails_the_run(github: GitHub, tmp_path: Path) -> None:
    update(github, release(tmp_path, CHANGES, status=1), fails=True)

    assert branches(github) == ["main"]
    assert github.calls() == []


def test_a_clean_update_is_opened_once_and_then_kept_current(
    github: GitHub, tmp_path: Path
) -> None:
    update(github, release(tmp_path, CHANGES))

    assert changed(github) == CHANGES
    first = github.git("log", "--format=%H %ae %s", f"main..{BRANCH}")
    assert first.split(maxsplit=1)[1] == f"{BOT} Update from poc2prod 0.1.0 to 0.2.0\n"
    setup, listed, created = github.calls()
    assert setup == "auth setup-git token=of-the-run"
    assert listed.startswith(f"pr list --head {BRANCH} ")
    assert created.startswith(f"pr create --base main --head {BRANCH} --title Update\\ from\\ poc2")
    assert "--draft" not in created
    assert f"\n```````text\n{REPORT}```````\n" in opened(github, "pr")

    update(github, release(tmp_path, CHANGES))
    assert github.git("log", "--format=%H %ae %s", f"main..{BRANCH}") == first
    assert github.calls()[-1].startswith("pr edit 7 --title Update\\ from\\ poc2prod\\ 0.1.0\\ to")

    newer = {**CHANGES, **CONFLICT}
    update(github, release(tmp_path, newer, 3, conflicts=("ruff.toml",)))
    assert changed(github) == newer
    assert len(github.git("rev-list", f"main..{BRANCH}").split()) == 1
    assert github.calls()[-1].startswith("pr ready 7 --undo ")
    assert "has conflicts" in opened(github, "pr")


def test_a_workflow_is_pushed_only_with_a_token_of_the_owners(
    github: GitHub, tmp_path: Path
) -> None:
    changes = {**CHANGES, WORKFLOW: "name: CI\n"}
    update(github, release(tmp_path, changes))

    assert branches(github) == ["main"]
    listed, created = github.calls()
    assert listed.startswith("issue list --app github-actions ")
    assert created.startswith("issue create --title Update\\ from\\ poc2prod\\ 0.1.0\\ to\\ 0.2.0 ")
    assert "git push --set-upstream" in opened(github, "issue")
    assert REPORT in opened(github, "issue")

    update(github, release(tmp_path, changes), token="of-the-owner")
    assert changed(github) == changes
    assert github.calls()[-1].startswith("pr create ")
    assert github.calls()[-1].endswith(" token=of-the-owner")


def test_a_refused_pull_request_becomes_an_issue(github: GitHub, tmp_path: Path) -> None:
    (github.state / "refuse").touch()
    (github.state / "issue").touch()  # an older one is open
    report = "An update without versions.\n" + "long 📦 " * 20_000
    update(github, release(tmp_path, CHANGES, report=report))

    assert changed(github) == CHANGES
    assert github.calls()[-1].startswith(
        "issue edit 7 --title Update\\ from\\ poc2prod --body-file"
    )
    text = opened(github, "issue")
    assert "refused its pull request" in text
    assert len(text) < 65_536
    assert "The rest is in the artifact" in text


def test_a_branch_on_which_somebody_works_is_left_alone(github: GitHub, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    github.git("clone", "--quiet", str(github.remote), str(clone))
    github.git("commit", "--quiet", "--allow-empty", "--message=Resolve", cwd=clone)
    github.git("push", "--quiet", "origin", f"HEAD:{BRANCH}", cwd=clone)
    theirs = github.git("rev-parse", BRANCH)

    log = update(github, release(tmp_path, CHANGES))

    assert "Somebody has committed" in log
    assert github.git("rev-parse", BRANCH) == theirs
    assert [call.split()[0] for call in github.calls()] == ["auth"]


def test_a_conflict_that_poc2prod_leaves_is_opened_as_a_draft(
    environment: dict[str, str], tmp_path: Path
) -> None:
    def change(template: Path) -> None:
        for file in ("mypy.ini", "pytest.ini"):
            prepend("# Theirs.", template / "template/project" / file)

    for folder in ("old", "new"):
        (tmp_path / folder).mkdir()
    old = working_tree(tmp_path / "old")
    new = extended(tmp_path / "new", "999.1.0", change, old)
    made = old.run("new", "demo-model", "--defaults", "--no-git", cwd=tmp_path, env=environment)
    assert made.returncode == 0, made.stderr
    prepend("# Ours.", tmp_path / "demo-model" / "mypy.ini")
    github = GitHub.host(tmp_path / "demo-model", tmp_path / "hosted")

    update(github, this_poc2prod(tmp_path, new))

    changes = changed(github)
    assert {"mypy.ini", "pytest.ini", ".poc2prod/answers.yaml"} <= changes.keys()
    assert "<<<<<<<" in str(changes["mypy.ini"])
    assert str(changes["pytest.ini"]).startswith("# Theirs.\n")
    created = github.calls()[-1]
    assert created.startswith("pr create ")
    assert "--title Update\\ from\\ poc2prod\\ 999.0.0\\ to\\ 999.1.0 " in created
    assert "--draft" in created
    assert "**It has conflicts.**" in opened(github, "pr")
    assert "conflicted  mypy.ini, line 1\n" in opened(github, "pr")


def prepend(line: str, file: Path) -> None:
    file.write_text(f"{line}\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
