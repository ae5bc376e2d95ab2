"""The GitLab pipeline, run for real: green on a good project, red for each thing that it guards.

`make check`, `make test`, `make demo` and `make secrets` are green in test_profiles.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipelines import GitLab, verdicts
from planting import TOKEN
from rendering import render
from small import write
from wheels import audits, release

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from projects import Project

BRANCH = "poc2prod/update"
CHANGES = {
    "mypy.ini": "[mypy]\n",
    "src/binary": "\0\n",
    "src/new file.py": "NEW = 1\n",
    "Makefile": None,
}
CONFLICT = {"ruff.toml": "<<<<<<< yours\n1\n=======\n2\n>>>>>>> poc2prod 0.2.0\n"}


@pytest.fixture
def gitlab(template: Path, tmp_path: Path) -> GitLab:
    """A project that was rendered and never set up."""
    root = render(template, tmp_path / "demo-model", {"ci": "gitlab"})
    return GitLab.host(root, tmp_path / "hosted")


@pytest.mark.xdist_group("batch")
def test_what_a_change_breaks_turns_its_job_red(
    generated: Callable[[str], Project], copy_of: Callable[[Project], Project], tmp_path: Path
) -> None:
    batch = generated("batch")
    batch.make(".venv/.installed")
    project = copy_of(batch)
    gitlab = GitLab.host(project.root, tmp_path / "hosted", project.environment)
    for path, text in {
        "kpi-contract.yaml": "gates: none\n",
        "tests/test_planted.py": "def test_it():\n    assert 1 == 2\n",
        "settings.py": f'token = "{TOKEN}"\n',
        f"src/{project.package}/model.py": "\n\ndel model\n",
    }.items():
        with (project.root / path).open("a", encoding="utf-8") as stream:
            stream.write(text)
    gitlab.commit("Plant a bug for each job")
    jobs = ("make check", "make test", "make demo", "make secrets")

    log = gitlab.run(*jobs, variables={"PYTEST_ADDOPTS": "tests/test_planted.py"}, fails=True)

    assert verdicts(log) == dict.fromkeys(jobs, "FAIL")
    for said in ("kpi-contract.yaml:", "1 failed", "error: ", "leaks found: 1"):
        assert said in log, log


@pytest.mark.parametrize("status", [0, 1])
def test_the_audit_gates_and_is_kept(gitlab: GitLab, tmp_path: Path, status: int) -> None:
    makefile = gitlab.root / "Makefile"
    text = makefile.read_text("utf-8").replace("\ndemo: train", "\ndemo: #")  # takes a minute
    makefile.write_text(text.replace("\naudit: $(INSTALLED)", "\naudit: #"), encoding="utf-8")

    log = gitlab.run(
        "make audit",
        variables={"POC2PROD_REQUIREMENT": audits(tmp_path, status), "READINESS_LEVEL": "L2"},
        fails=bool(status),
    )

    assert "--profile pr --allow-exec --level L2" in log
    for ending in ("html", "json", "md", "xml"):
        assert (gitlab.root / f"build/audit.{ending}").read_text("utf-8") == "of the audit"


def test_without_a_release_the_audit_says_what_to_set(gitlab: GitLab) -> None:
    log = gitlab.run("make audit", fails=True)

    assert "from no release: set POC2PROD_REQUIREMENT" in log


def test_jobs_of_the_team_join_in(gitlab: GitLab) -> None:
    (gitlab.root / ".gitlab/project.yml").write_text(
        "make hello:\n  stage: check\n  script: [echo of the team]\n", encoding="utf-8"
    )
    gitlab.commit("A job of ours")

    assert "> of the team" in gitlab.run("make hello")


def test_what_was_tested_is_signed_deployed_in_stages_and_released(
    gitlab: GitLab, tmp_path: Path
) -> None:
    image = f"registry.example.com/plant/pumps@sha256:{7:064}"
    build = gitlab.root / "build"
    build.mkdir()
    (build / "image.digest").write_text(f"{image}\n", encoding="utf-8")
    (build / "sbom.cdx.json").write_text("{}\n", encoding="utf-8")
    (gitlab.home / "registry").touch()
    host = tmp_path / "srv"
    write(host, {"models/champion": "v1\n"})
    jobs = ("sign", "staging", "production", "release")
    variables = {
        "DELIVER": "deploy",
        "DEPLOY_TO": str(host),
        "CI_REGISTRY": "registry.example.com",
    }

    log = gitlab.run("--manual=production", *jobs, variables=variables)

    assert verdicts(log) == dict.fromkeys(jobs, "PASS")
    login, *done = (gitlab.home / "delivered").read_text(encoding="utf-8").splitlines()
    assert login.startswith("cosign login ")
    deployed = [
        "docker login registry.example.com",
        f"docker pull --quiet {image}",
        "docker compose up --detach --wait --force-recreate",
    ]
    assert done[:-1] == [
        f"cosign sign --yes {image}",
        f"cosign attest --yes --type cyclonedx --predicate build/sbom.cdx.json {image}",
        *deployed,
        *deployed,
    ]
    assert (host / "monitoring/dashboard.json").exists()
    assert "/releases" in done[-1]
    assert "/artifacts/raw/build/sbom.cdx.json" in done[-1]
    assert f"Image: {image}" in (gitlab.root / "notes.md").read_text(encoding="utf-8")


def test_nothing_is_delivered_unless_it_is_asked_for(gitlab: GitLab) -> None:
    plain, asked = gitlab.jobs({}), gitlab.jobs({"DELIVER": "deploy"})

    assert asked - plain == {"sign", "staging", "production", "release"}
    assert gitlab.jobs({"DELIVER": "image"}) - plain == {"sign"}
    assert gitlab.jobs({"DELIVER": "deploy"}, "merge_request_event") == plain
    scheduled = {"make image", "make scan", "make audit", "update", "open"}
    assert gitlab.jobs({"DELIVER": "deploy"}, "schedule") == scheduled
    assert gitlab.jobs({"RUN": "retrain"}, "schedule") == {"retrain"}


def test_a_model_is_not_retrained_without_the_registry_that_it_joins(gitlab: GitLab) -> None:
    log = gitlab.run("retrain", variables={"RUN": "retrain"}, source="schedule", fails=True)

    assert "OPS_MODELS must be the path of the registry" in log


def update(gitlab: GitLab, requirement: str, token: str = "secret", *, fails: bool = False) -> str:
    variables = {"POC2PROD_REQUIREMENT": requirement, "UPDATE_TOKEN": token, "PIP_NO_INDEX": "1"}
    return gitlab.run(
        "update", "open", source="schedule", variables=variables, isolated=True, fails=fails
    )


def test_a_weekly_update_is_opened_once_and_then_kept_current(
    gitlab: GitLab, tmp_path: Path
) -> None:
    update(gitlab, release(tmp_path, {}, report="Nothing to do.\n"))
    assert gitlab.pushed(BRANCH) == ""

    log = update(gitlab, release(tmp_path, CHANGES), token="", fails=True)
    assert "no UPDATE_TOKEN to open it with" in log

    update(gitlab, release(tmp_path, CHANGES))
    first = gitlab.pushed(BRANCH)
    assert first.endswith(" update@poc2prod.invalid Update from poc2prod 0.1.0 to 0.2.0\n")
    assert gitlab.changed(BRANCH) == sorted(CHANGES)
    create, target, title, text = gitlab.options()
    assert (create, target) == ("merge_request.create", "merge_request.target=main")
    assert title == "merge_request.title=Update from poc2prod 0.1.0 to 0.2.0"
    assert "pwned" not in text

    update(gitlab, release(tmp_path, CHANGES))
    assert gitlab.pushed(BRANCH) == first, "its reviews and pipelines stay"

    update(gitlab, release(tmp_path, {**CHANGES, **CONFLICT}, 3, conflicts=("ruff.toml",)))
    assert gitlab.pushed(BRANCH) != first
    assert gitlab.changed(BRANCH) == sorted({**CHANGES, **CONFLICT})
    assert gitlab.options()[2].startswith("merge_request.title=Draft: Update from poc2prod 0.1.0")

    clone = tmp_path / "clone"
    gitlab.git("clone", "--quiet", f"--branch={BRANCH}", str(gitlab.remote), str(clone))
    gitlab.git("commit", "--quiet", "--allow-empty", "--message=Resolve", cwd=clone)
    gitlab.git("push", "--quiet", cwd=clone)
    theirs = gitlab.pushed(BRANCH)
    assert "Somebody has committed" in update(gitlab, release(tmp_path, CHANGES))
    assert gitlab.pushed(BRANCH) == theirs
    assert not list(gitlab.root.rglob("pwned"))


def test_an_update_that_fails_fails_the_pipeline(gitlab: GitLab, tmp_path: Path) -> None:
    log = update(gitlab, release(tmp_path, CHANGES, status=1), fails=True)

    assert verdicts(log) == {"update": "FAIL"}
    assert gitlab.pushed(BRANCH) == ""
