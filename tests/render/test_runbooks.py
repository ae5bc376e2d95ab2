"""The pages for the people on call, held against the places where the service runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import charts
from rendering import render

if TYPE_CHECKING:
    from pathlib import Path

    from charts import Rendered

KUBECTL = re.compile(r"^ *(kubectl .*)$|`(kubectl [^`]*)`", re.MULTILINE)
KINDS = {"deployment": "Deployment", "cronjob": "CronJob", "service": "Service"}


def pages(root: Path) -> str:
    return "\n".join(page.read_text("utf-8") for page in sorted(root.glob("docs/runbooks/*.md")))


@pytest.mark.parametrize("answers", [{}, {"rollout": "canary"}], ids=["rolling", "canary"])
def test_what_they_ask_of_a_cluster_is_in_the_chart(
    charted: Rendered, answers: dict[str, Any]
) -> None:
    project = charted(answers)
    manifests = charts.template(project)
    (workload,) = charts.of(manifests, "Rollout" if answers else "Deployment")
    labels = workload["spec"]["template"]["metadata"]["labels"].items()
    commands = {" ".join(found).strip() for found in KUBECTL.findall(pages(project))}
    assert len(commands) > 4
    for command in commands:
        for kind, name in re.findall(r"\b(deployment|cronjob|service)/(\S+)", command):
            assert charts.of(manifests, KINDS[kind], name), command
        for rollout in re.findall(r"argo rollouts \w+ (\S+)", command):
            assert charts.of(manifests, "Rollout", rollout), command
        for label in re.findall(r"--selector (\S+)=(\S+)", command):
            assert label in labels, command
        assert f"--namespace {project.name}-production" in command


def test_those_of_a_cluster_alone_speak_of_no_host(charted: Rendered) -> None:
    shown = pages(charted({}))
    for alien in ("docker compose", "make serve", "make train", "promote v1", "on the host"):
        assert alien not in shown


@pytest.mark.parametrize("deployment", [[], ["compose"], ["serverless", "edge"]])
def test_those_of_a_host_speak_of_no_cluster(
    template: Path, tmp_path: Path, deployment: list[str]
) -> None:
    shown = pages(render(template, tmp_path / "demo-model", {"deployment": deployment}))
    for alien in ("kubectl", "helm", "models.version", "the chart"):
        assert alien not in shown
