"""The job that audits, run for real: what it holds the project to, and what it publishes."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from audit.filled import ANSWERS
from projects import WITHOUT_THOSE_OF_OPS, clean_environment
from rendering import render
from tools import require_tool
from wheels import this_poc2prod
from workflows import GitHub

if TYPE_CHECKING:
    from collections.abc import Mapping

PULL_REQUEST = {
    "number": 3,
    "pull_request": {"number": 3, "head": {"repo": {"full_name": "plant/pumps"}}},
    "repository": {"full_name": "plant/pumps", "visibility": "public"},
}
FORK = {
    **PULL_REQUEST,
    "pull_request": {"number": 3, "head": {"repo": {"full_name": "stranger/pumps"}}},
}
IMAGE = "image image-jobs:\n\tmkdir -p build && echo Debian:12 >build/image.txt\n"
"""To build them takes an engine."""

STAND_IN = f"""\
{IMAGE}
demo:
audit:
\ttest -s build/image.txt
\tfor form in html json md sarif; do echo of $$form >build/audit.$$form; done
\texit {{status}}
"""
"""A Makefile of a project whose audit ends with `status`; to train a model takes a minute."""

UNBUILT = STAND_IN.replace(IMAGE, "image:\n\tfalse\n").replace("test -s", "mkdir build #")
MARK = "<!-- poc2prod audit -->\n"


def host(template: Path, tmp_path: Path, changes: Mapping[str, str] | None = None) -> GitHub:
    root = render(template, tmp_path / "pumps", ANSWERS)
    for path, text in (changes or {}).items():
        (root / path).write_text(text, encoding="utf-8")
    return GitHub.host(root, tmp_path / "hosted")


def commit(github: GitHub, files: Mapping[str, str]) -> None:
    clone = github.home / "clone"
    github.git("clone", "--quiet", str(github.remote), str(clone))
    for path, text in files.items():
        (clone / path).write_text(text, encoding="utf-8")
    github.git("add", "--all", cwd=clone)
    github.git("commit", "--quiet", "--message=Change", cwd=clone)
    github.git("push", "--quiet", cwd=clone)


def audit(
    github: GitHub,
    requirement: str,
    *,
    variables: Mapping[str, str] | None = None,
    event: str = "pull_request",
    payload: Mapping[str, object] = PULL_REQUEST,
    fails: bool = False,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run the job and the one that publishes, and return the log."""
    cleaned = clean_environment(github.home)
    return github.run(
        "ci.yml",
        event=event,
        payload=payload,
        job="publish",
        variables={"POC2PROD_REQUIREMENT": requirement, **(variables or {})},
        secrets={"GITHUB_TOKEN": "of-the-run"},
        environment={
            **{name: cleaned[name] for name in cleaned.keys() - {"HOME", "PATH"}},
            "GITHUB_REPOSITORY": "plant/pumps",
            **(environment or {}),
        },
        fails=fails,
        timeout=600,
    )


def report(github: GitHub) -> dict[str, Any]:
    """Return the results that the job kept, by the id of the check."""
    file = github.home / "run/artifacts/audit/audit.json"
    results = json.loads(file.read_text(encoding="utf-8"))["results"]
    return {result["id"]: result for result in results}


def test_a_fresh_project_keeps_its_level_and_says_so_on_the_pull_request(
    template: Path, tmp_path: Path
) -> None:
    own = {"conftest.py": WITHOUT_THOSE_OF_OPS, "project.mk": IMAGE}
    github = host(template, tmp_path, own)
    requirement = this_poc2prod(tmp_path)

    audit(github, requirement)

    kept = {path.name for path in (github.home / "run/artifacts/audit").iterdir()}
    assert kept == {f"audit.{ending}" for ending in ("html", "json", "md", "sarif")}
    assert report(github)["KPI-01"]["status"] == "STUB"
    summary = (github.home / "run/artifacts/audit/audit.md").read_text(encoding="utf-8")
    assert (github.state / "comment").read_text(encoding="utf-8") == f"{MARK}{summary}"
    assert json.loads((github.state / "sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    listed, created = github.calls()
    assert listed.startswith("api --paginate repos/\\{owner\\}/\\{repo\\}/issues/3/comments ")
    assert created.startswith("pr comment 3 --body-file body.md ")
    assert created.endswith(" token=of-the-run")

    # Held to L1, what nobody has written yet shuts it, as is read from the files; the comment is
    # edited, not repeated.
    makefile = github.git("show", "main:Makefile")
    reading = re.sub(r"^demo: .*", "demo:", makefile, flags=re.MULTILINE).replace(
        " --allow-exec", ""
    )
    commit(github, {"project.mk": f"READINESS_LEVEL = L1\n{IMAGE}", "Makefile": reading})
    audit(github, requirement, fails=True)

    assert "L1" in (github.state / "comment").read_text(encoding="utf-8")
    assert github.calls()[-1].startswith("api --silent --method PATCH ")
    assert "/issues/comments/11 " in github.calls()[-1]


@pytest.mark.parametrize("made", [STAND_IN.format(status=1), UNBUILT.format(status=0)])
def test_a_failed_audit_is_published_and_so_is_one_without_an_image(
    template: Path, tmp_path: Path, made: str
) -> None:
    github = host(template, tmp_path, {"Makefile": made})

    audit(github, this_poc2prod(tmp_path), fails=True)

    assert (github.state / "comment").read_text(encoding="utf-8") == f"{MARK}of md\n"
    assert (github.state / "sarif").read_text(encoding="utf-8") == "of sarif\n"


def test_a_demo_that_fails_fails_the_job_and_publishes_nothing(
    template: Path, tmp_path: Path
) -> None:
    github = host(template, tmp_path, {"Makefile": "demo:\n\tfalse\n"})

    audit(github, this_poc2prod(tmp_path), fails=True)

    assert github.calls() == []


def test_a_fork_gets_its_verdict_and_no_comment(template: Path, tmp_path: Path) -> None:
    github = host(template, tmp_path, {"Makefile": STAND_IN.format(status=0)})

    audit(github, this_poc2prod(tmp_path), payload=FORK)

    assert (github.home / "run/artifacts/audit/audit.md").exists()
    assert github.calls() == []
    assert not (github.state / "sarif").exists()


def test_a_private_repository_uploads_to_code_scanning_only_where_it_is_asked_to(
    template: Path, tmp_path: Path
) -> None:
    github = host(template, tmp_path, {"Makefile": STAND_IN.format(status=0)})
    payload = {"repository": {"full_name": "plant/pumps", "visibility": "private"}}

    audit(github, this_poc2prod(tmp_path), event="push", payload=payload)

    assert github.calls() == []
    assert not (github.state / "sarif").exists()

    asked = {"READINESS_CODE_SCANNING": "true"}
    audit(github, this_poc2prod(tmp_path), event="push", payload=payload, variables=asked)
    assert (github.state / "sarif").exists()


def test_a_comment_is_never_longer_than_github_takes(template: Path, tmp_path: Path) -> None:
    long = STAND_IN.format(status=0) + "\tyes 'long 📦' | head -n 20000 >>build/audit.md\n"
    github = host(template, tmp_path, {"Makefile": long.replace("\texit 0\n", "")})

    audit(github, this_poc2prod(tmp_path))

    text = (github.state / "comment").read_text(encoding="utf-8")
    assert len(text) < 65_536
    assert "The rest is in the artifact" in text


def test_promtool_is_installed_where_there_are_alerts_and_it_is_missing(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden(monkeypatch, tmp_path / "path", "promtool")
    github = host(template, tmp_path, {"Makefile": STAND_IN.format(status=0)})
    requirement = this_poc2prod(tmp_path)

    audit(github, requirement)

    updated, installed = (github.state / "installed").read_text(encoding="utf-8").splitlines()
    assert updated == "apt-get update"
    assert installed == "apt-get install --yes --no-install-recommends prometheus"

    (github.state / "installed").unlink()
    (github.home / "bin/promtool").symlink_to("/bin/true")
    audit(github, requirement)
    assert not (github.state / "installed").exists(), "it is there already"

    (github.home / "bin/promtool").unlink()
    clone = github.home / "without"
    github.git("clone", "--quiet", str(github.remote), str(clone))
    github.git("rm", "-r", "--quiet", "monitoring", cwd=clone)
    github.git("commit", "--quiet", "--message=No service", cwd=clone)
    github.git("push", "--quiet", cwd=clone)
    audit(github, requirement)
    assert not (github.state / "installed").exists(), "a batch job has no alerts"


def hidden(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str) -> None:
    """Leave the folders that hold a program out of PATH, and keep act."""
    folder.mkdir()
    (folder / "act").symlink_to(require_tool("act"))
    there = os.environ["PATH"].split(os.pathsep)
    kept = [entry for entry in there if not Path(entry, name).exists()]
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder), *kept]))


def test_without_a_release_it_says_what_to_set(template: Path, tmp_path: Path) -> None:
    log = audit(host(template, tmp_path, {"Makefile": IMAGE}), "", fails=True)

    assert "which is no release: set POC2PROD_REQUIREMENT" in log


def test_it_installs_the_release_that_generated_the_project_with_its_tools(
    template: Path, tmp_path: Path
) -> None:
    github = host(template, tmp_path, {"Makefile": IMAGE})
    answers = github.git("show", "main:.poc2prod/answers.yaml")
    commit(github, {".poc2prod/answers.yaml": f"_commit: v9.8.7\n{answers}"})

    log = audit(github, "", fails=True, environment={"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""})

    assert "No matching distribution found for poc2prod[audit]==9.8.7" in log
