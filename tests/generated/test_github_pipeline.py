"""GitHub's workflows, run for real: a push is tested, scanned, signed and deployed in stages."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from bundles import git
from osv import without_holes
from planting import TOKEN
from projects import clean_environment
from small import write
from wheels import audits
from workflows import GitHub

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from projects import Project

PUSH = {"ref": "refs/heads/main", "repository": {"full_name": "plant/pumps"}}
DIGEST = f"sha256:{7:064}"


@pytest.fixture
def default(generated: Callable[[str], Project]) -> Project:
    project = generated("default")
    project.make(".venv/.installed")
    return project


def host(project: Project, tmp_path: Path, changes: Mapping[str, str]) -> GitHub:
    """Host a copy of the project, with texts added to files."""
    root = tmp_path / project.root.name
    git(project.root, "clone", "--quiet", str(project.root), str(root))
    shutil.rmtree(root / ".git")
    for path, text in changes.items():
        with (root / path).open("a", encoding="utf-8") as stream:
            stream.write(text)
    github = GitHub.host(root, tmp_path / "hosted")
    (github.state / "registry").touch()
    return github


def push(
    github: GitHub,
    project: Project,
    database: str,
    requirement: str,
    *,
    workflow: str = "ci.yml",
    tests: str = "tests/test_features.py",
    job: str = "",
    variables: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    key: str = "",
    fails: bool = False,
) -> dict[str, str]:
    """Run a workflow as a push does, with a part of the tests; return job → how it ended."""
    cleaned = clean_environment(github.home)
    log = github.run(
        workflow,
        event="push" if workflow == "ci.yml" else "workflow_dispatch",
        payload=PUSH,
        job=job,
        variables={
            "POC2PROD_REQUIREMENT": requirement,
            "DELIVER": "deploy",
            "RETRAIN_RUNNER": "ubuntu-latest",
            **(variables or {}),
        },
        secrets={"GITHUB_TOKEN": "of-the-run", **({"SIGNING_KEY": key} if key else {})},
        environment={
            **{name: cleaned[name] for name in cleaned.keys() - {"HOME", "PATH"}},
            "GITHUB_REPOSITORY": "plant/Pumps",
            **({"OPS_VULNERABILITIES": database} if database else {}),
            "PYTEST_ADDOPTS": tests,
            "VENV": str(project.root / ".venv"),
            "PYTHONPATH": "src",
            **(environment or {}),
        },
        fails=fails,
        timeout=900,
    )
    ended = re.findall(r"^\[\w+/([\w -]+?) *\] .* Job (succeeded|failed)$", log, re.MULTILINE)
    return {re.sub(r"-\d+$", "", name): how for name, how in ended}


@pytest.mark.xdist_group("pipelines")
def test_a_push_comes_to_a_green_end_and_is_delivered(
    default: Project, docker: str, tmp_path: Path
) -> None:
    assert docker
    github = host(default, tmp_path, {})
    deployed_to = tmp_path / "srv"
    write(deployed_to, {"models/champion": "v1\n"})

    with without_holes() as database:
        variables = {"DEPLOY_TO": str(deployed_to)}
        ended = push(github, default, database, audits(tmp_path, 0), variables=variables)

    jobs = ("check", "test", "demo", "secrets", "image", "scan", "audit", "publish", "deliver")
    stages = ("staging", "production", "release")
    assert ended == dict.fromkeys((*jobs, *stages), "succeeded")
    image = f"ghcr.io/plant/pumps@{DIGEST}"
    done = (github.state / "delivered").read_text(encoding="utf-8").splitlines()
    assert done[0] == "login ghcr.io"
    assert done[1].startswith("docker push ghcr.io/plant/pumps:")
    assert done[2:5] == [
        f"attest ghcr.io/plant/pumps {DIGEST} ",
        f"cosign sign --yes {image}",
        f"cosign attest --yes --type cyclonedx --predicate build/sbom.cdx.json {image}",
    ]
    deployed = [
        "login ghcr.io",
        f"docker pull --quiet {image}",
        "docker compose up --detach --wait --force-recreate",
    ]
    assert done[5:11] == deployed * 2, "staging, then production"
    assert done[11].startswith("release v20")
    assert (deployed_to / "monitoring/dashboard.json").exists()


@pytest.mark.xdist_group("pipelines")
def test_what_a_push_breaks_turns_its_job_red_and_nothing_is_delivered(
    default: Project, tmp_path: Path
) -> None:
    package = f"src/{default.package}"
    github = host(
        default,
        tmp_path,
        {
            f"{package}/features.py": "import os\n",
            "tests/test_planted.py": "def test_it():\n    assert 1 == 2\n",
            f"{package}/model.py": "\n\ndel model\n",
            "settings.py": f'token = "{TOKEN}"\n',
            "deploy/Dockerfile": "RUN false\n",
        },
    )
    (github.state / "registry").unlink()

    with without_holes() as database:
        ended = push(
            github,
            default,
            database,
            audits(tmp_path, 0),
            tests="tests/test_planted.py",
            job="deliver",
            fails=True,
        )

    assert (
        ended.items()
        >= dict.fromkeys(("check", "test", "demo", "secrets", "image"), "failed").items()
    )
    assert not {"deliver", "staging", "production", "release"} & ended.keys()
    assert not (github.state / "delivered").exists()


@pytest.mark.xdist_group("pipelines")
def test_a_model_is_retrained_signed_and_joins_the_registry(
    default: Project, tmp_path: Path
) -> None:
    github = host(default, tmp_path, {})

    key = tmp_path / "model.key"
    make = ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(key)]
    subprocess.run(make, check=True)

    text, registry = key.read_text("utf-8"), tmp_path / "srv/models"
    for where in ({}, {"OPS_MODELS": "models"}):
        refused = push(
            github,
            default,
            "",
            "",
            workflow="retrain.yml",
            environment=where,
            fails=True,
        )
        assert refused == {"retrain": "failed"}, "the checkout forgets it"

    there = {"OPS_MODELS": str(registry)}
    ended = push(github, default, "", "", workflow="retrain.yml", environment=there, key=text)

    assert ended == {"retrain": "succeeded"}
    assert (registry / "v1/evaluation/predictions.parquet").exists()
    kept = github.home / "run/artifacts/model"
    assert {path.name for path in kept.iterdir()} == {
        "SHA256SUMS",
        "SHA256SUMS.sig",
        "model.json",
        "sbom.cdx.json",
    }
    assert "machine-learning-model" in (kept / "sbom.cdx.json").read_text(encoding="utf-8")
