"""What is delivered to a cluster: both images, by digest, on GitHub and on GitLab.

docker, helm and kubectl only write down their calls. What a push is tested by is in
test_github_pipeline.py and test_gitlab_pipeline.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from pipelines import GitLab, verdicts
from rendering import render
from small import write
from workflows import GitHub

if TYPE_CHECKING:
    from pathlib import Path

WRITER = '#!/bin/sh\necho "${0##*/} $*" >>"$GITHUB/delivered"\n'
PUSH = {"ref": "refs/heads/main", "repository": {"full_name": "plant/pumps"}}
DIGEST = f"sha256:{7:064}"
TESTS = ("make", "scan", "audit", "publish")


def recorded(home: Path) -> None:
    """Put the programs that only write down their calls on a stand-in's PATH."""
    write(home / "bin", dict.fromkeys(("docker", "helm", "kubectl"), WRITER))
    for name in ("docker", "helm", "kubectl"):
        (home / "bin" / name).chmod(0o755)


def deployed(delivered: Path, repository: str) -> list[str]:
    """Return the namespaces to which both images of a repository were brought, in their order."""
    calls = delivered.read_text(encoding="utf-8").splitlines()
    for image in (f"{repository}@{DIGEST}", f"{repository}/jobs@{DIGEST}"):
        assert f"cosign sign --yes {image}" in calls
    upgrades = [call for call in calls if call.startswith("helm upgrade ")]
    for call in upgrades:
        assert f" --set image.repository={repository} --set image.digest={DIGEST} " in call
        assert f"jobsImage.repository={repository}/jobs --set jobsImage.digest={DIGEST} " in call
    return [call.partition("--namespace ")[2].split()[0] for call in upgrades]


def test_github_delivers_both_images(template: Path, tmp_path: Path) -> None:
    root = render(template, tmp_path / "demo-model", {"deployment": ["kubernetes"]})
    file = root / ".github/workflows/ci.yml"
    workflow = yaml.safe_load(file.read_text(encoding="utf-8"))
    workflow["on"] = workflow.pop(True)  # YAML 1.1 makes on true
    jobs = workflow["jobs"]
    for name in TESTS:
        del jobs[name]
    jobs["deliver"]["needs"] = "image"
    *steps, keep = jobs["image"]["steps"]
    bill = {**keep, "with": {"name": "sbom", "path": "build/sbom.cdx.json"}}
    made = {
        "run": "cd build && for name in image.tar image.txt sbom.cdx.json; do echo 1 >$name; done"
    }
    jobs["image"]["steps"] = [*steps, made, keep, bill]
    file.write_text(yaml.safe_dump(workflow), encoding="utf-8")
    github = GitHub.host(root, tmp_path / "hosted")
    (github.state / "registry").touch()
    recorded(github.home)

    github.run(
        "ci.yml",
        event="push",
        payload=PUSH,
        variables={"DELIVER": "deploy"},
        secrets={"GITHUB_TOKEN": "of-the-run", "KUBECONFIG": "of-the-cluster"},
        environment={"GITHUB_REPOSITORY": "plant/Pumps"},
    )

    done = (github.state / "delivered").read_text(encoding="utf-8")
    assert "docker save --output build/image.tar demo-model demo-model-jobs\n" in done
    assert "docker push ghcr.io/plant/pumps/jobs:" in done
    assert f"attest ghcr.io/plant/pumps/jobs {DIGEST} " in done
    namespaces = deployed(github.state / "delivered", "ghcr.io/plant/pumps")
    assert namespaces == ["demo-model-staging", "demo-model-production"]


def test_gitlab_signs_and_deploys_both_images(template: Path, tmp_path: Path) -> None:
    answers = {"ci": "gitlab", "deployment": ["kubernetes"]}
    gitlab = GitLab.host(render(template, tmp_path / "demo-model", answers), tmp_path / "hosted")
    (gitlab.home / "registry").touch()
    recorded(gitlab.home)
    registry = "registry.example.com/plant/pumps"
    kept = {"image.digest": f"{registry}@{DIGEST}\n", "jobs.digest": f"{registry}/jobs@{DIGEST}\n"}
    write(gitlab.root / "build", {**kept, "sbom.cdx.json": "{}\n"})
    jobs = ("sign", "staging", "production")

    log = gitlab.run("--manual=production", *jobs, variables={"DELIVER": "deploy"})

    assert verdicts(log) == dict.fromkeys(jobs, "PASS")
    namespaces = deployed(gitlab.home / "delivered", registry)
    assert namespaces == ["demo-model-staging", "demo-model-production"]
