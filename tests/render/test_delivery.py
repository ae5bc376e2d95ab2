"""What make brings to a host or a cluster; docker, helm and kubectl only write down their calls."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from bundles import git
from rendering import render
from small import write

if TYPE_CHECKING:
    from pathlib import Path

KUBERNETES = {"deployment": ["kubernetes"]}
IMAGE = "ghcr.io/plant/pumps"
BOTH = (f"IMAGE={IMAGE}@sha256:{'a' * 64}", f"JOBS_IMAGE={IMAGE}/jobs@sha256:{'b' * 64}")
WRITER = '#!/bin/sh\necho "${0##*/} $*" >>"$CALLS"\n'


class Rendered:
    """A project of some answers, and what its targets call."""

    def __init__(self, template: Path, home: Path, answers: dict[str, Any]) -> None:
        self.root = render(template, home / "demo-model", answers)
        self._calls = home / "calls"
        write(home / "bin", dict.fromkeys(("docker", "helm", "kubectl"), WRITER))
        for program in (home / "bin").iterdir():
            program.chmod(0o755)
        self._path = f"{home / 'bin'}:{os.environ['PATH']}"

    def make(self, *arguments: str, status: int = 0) -> str:
        """Run make and return what it prints."""
        done = subprocess.run(
            ["make", *arguments],
            cwd=self.root,
            env={"PATH": self._path, "CALLS": str(self._calls)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def calls(self) -> list[str]:
        """The calls so far, and none any more."""
        lines = self._calls.read_text("utf-8").splitlines() if self._calls.exists() else []
        self._calls.unlink(missing_ok=True)
        return lines


def test_a_host_runs_from_a_folder_that_outlives_the_checkout(
    template: Path, tmp_path: Path
) -> None:
    project, to = Rendered(template, tmp_path, {"deployment": ["compose"]}), tmp_path / "srv"
    git(project.root, "init", "--quiet")
    git(project.root, "add", "--all")
    git(project.root, "commit", "--quiet", "--message=Start")
    deploy = ("deploy", BOTH[0], f"DEPLOY_TO={to}")

    assert f"{to}/models has no champion" in project.make(*deploy, status=2)
    assert "./models has no champion" in project.make("deploy", BOTH[0], status=2)
    assert not project.calls()

    override = "deploy/compose/compose.override.yaml"
    kept = {"models/champion": "v1\n", override: "services: {}\n"}
    write(to, {**kept, "monitoring/rules/gone.yaml": "groups: []\n"})
    project.make(*deploy)

    assert "compose up --detach --wait --force-recreate" in project.calls()[-1]
    assert {path: (to / path).read_text("utf-8") for path in kept} == kept
    assert not (to / "monitoring/rules/gone.yaml").exists()
    services = yaml.safe_load((to / "deploy/compose/compose.yaml").read_text("utf-8"))["services"]
    for mount in [mount for service in services.values() for mount in service.get("volumes", ())]:
        source = mount.partition(":")[0]
        assert "/" not in source or (to / "deploy/compose" / source).exists(), source


@pytest.mark.parametrize("latency", ["interactive", "batch"])
def test_a_cluster_gets_both_images_that_were_pushed(
    template: Path, tmp_path: Path, latency: str
) -> None:
    project = Rendered(template, tmp_path, {**KUBERNETES, "latency": latency})
    project.make("build/image.tar")
    project.make("push", f"IMAGE={IMAGE}:1")
    project.make("push-jobs", f"IMAGE={IMAGE}/jobs:1")
    saved, *pushed = project.calls()
    assert saved.endswith(" demo-model demo-model-jobs")
    assert [call for call in pushed if "inspect" not in call] == [
        f"docker tag demo-model {IMAGE}:1",
        f"docker push {IMAGE}:1",
        f"docker tag demo-model-jobs {IMAGE}/jobs:1",
        f"docker push {IMAGE}/jobs:1",
    ]
    digests = {path.name for path in (project.root / "build").glob("*.digest")}
    assert digests == {"image.digest", "jobs.digest"}

    assert "JOBS_IMAGE=" in project.make("deploy", "ENV=staging", BOTH[0], status=2)
    project.make("deploy", "ENV=staging", *BOTH)

    (call,) = project.calls()
    assert f"image.repository={IMAGE} --set image.digest=sha256:{'a' * 64} " in call
    assert f"jobsImage.repository={IMAGE}/jobs --set jobsImage.digest=sha256:{'b' * 64} " in call
    assert call.endswith(" --wait")
    assert "--create-namespace" not in call, "its account may change one namespace, and make none"


def test_a_canary_is_waited_for_until_it_is_judged(template: Path, tmp_path: Path) -> None:
    project = Rendered(template, tmp_path, {**KUBERNETES, "rollout": "canary"})

    project.make("deploy", "ENV=staging", *BOTH)

    asked, upgraded, waited = project.calls()
    assert asked == "kubectl argo rollouts version"
    assert "--wait" not in upgraded, "Helm knows no Rollout"
    assert waited.startswith("kubectl argo rollouts status demo-model --namespace demo-model-stag")

    write(tmp_path / "bin", {"kubectl": "#!/bin/sh\nexit 1\n"})
    said = project.make("deploy", "ENV=staging", *BOTH, status=2)
    assert "install kubectl and its plugin argo-rollouts" in said
    assert not project.calls(), "nothing is upgraded that nobody could wait for"


def test_what_asks_a_cluster_names_the_namespace_that_deploy_uses(
    template: Path, tmp_path: Path
) -> None:
    project = Rendered(template, tmp_path, {**KUBERNETES, "rollout": "canary"})
    asked = [
        line
        for page in project.root.glob("docs/**/*.md")
        for line in page.read_text("utf-8").replace("\\\n", "").splitlines()
        if re.match(r"helm (upgrade|rollback|test|history)|kubectl (argo|create job)", line)
    ]
    assert len(asked) > 10
    for line in asked:
        assert re.search(r" --namespace demo-model-(staging|production)\b", line), line


def test_a_table_of_ones_own_is_scored(template: Path, tmp_path: Path) -> None:
    project = Rendered(template, tmp_path, {"latency": "batch"})
    (project.root / "settings.toml").write_text('data = "data/own.csv" # ours\n', encoding="utf-8")
    said = project.make("--dry-run", "score")
    assert 'score "data/own.csv" "build/scored.parquet"' in said
    assert 'score "data/*.csv" ' in project.make("--dry-run", "score", "SOURCE=data/*.csv")


@pytest.mark.parametrize("answers", [{}, KUBERNETES, {"latency": "batch", **KUBERNETES}], ids=str)
def test_help_lists_what_the_pages_name(
    template: Path, tmp_path: Path, answers: dict[str, Any]
) -> None:
    project = Rendered(template, tmp_path, answers)
    listed = {line.split()[0] for line in project.make().splitlines()}
    made = (project.root / "Makefile").read_text("utf-8")
    assert listed == {*re.findall(r"^([\w-]+):.*## ", made, re.MULTILINE)}
    for page in project.root.glob("docs/**/*.md"):
        text = page.read_text("utf-8")
        code = "\n".join(re.findall(r"^```sh\n.*?^```|`[^`\n]+`", text, re.MULTILINE | re.DOTALL))
        named = re.findall(r"(?:`|^)make ((?:[a-z-]+ ?)+)", code, re.MULTILINE)
        assert {word for words in named for word in words.split()} <= listed, page.name
