"""What is rendered besides Python, held against the tools and schemas of its own field."""

from __future__ import annotations

import json
import re
import subprocess
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from pairs import all_pairs, axes
from poc2prod.questions import load
from rendering import ROOT, render, tree
from tools import require_tool

if TYPE_CHECKING:
    from pathlib import Path

RENOVATE = ".github/renovate.json5"
PIN = re.compile(rb"--hash=sha256:|^FROM \S|\buses: \S+@|^ +image: |^ +rev: ", re.MULTILINE)
ROWS = all_pairs(axes(load(ROOT)))


YAMLLINT = (
    "{extends: default, rules: {line-length: {max: 120}, document-start: disable, truthy: disable,"
    " comments: {min-spaces-from-content: 1}, braces: {max-spaces-inside: 1}}}"
)


def lint(tool: str, *arguments: str | Path, script: str | None = None) -> None:
    command = [require_tool(tool), *map(str, arguments)]
    result = subprocess.run(command, input=script, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def scripts(pipeline: Path) -> list[str]:
    """Return what each job of a GitLab pipeline runs, as its shell gets it."""
    jobs = yaml.safe_load(pipeline.read_text(encoding="utf-8")).values()
    parts = [
        [*job.get("before_script", []), *job.get("script", [])]
        for job in jobs
        if isinstance(job, dict)
    ]
    return ["\n".join(["#!/bin/sh", *lines, ""]) for lines in parts if lines]


@pytest.fixture(params=ROWS, ids=str)
def project(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> Path:
    return render(template, tmp_path / "demo-model", request.param)


def test_no_tool_finds_anything(project: Path) -> None:
    lint("hadolint", project / "deploy/Dockerfile")
    compose = project / "deploy/compose/compose.yaml"
    if compose.exists():
        lint("check-jsonschema", "--builtin-schema=vendor.compose-spec", compose)
    workflows = sorted(project.glob(".github/workflows/*.yml"))
    if workflows:
        lint("check-jsonschema", "--builtin-schema=vendor.github-workflows", *workflows)
        lint("actionlint", "-shellcheck", require_tool("shellcheck"), *workflows)
        lint("zizmor", "--offline", "--persona=pedantic", *workflows)
        lint("check-jsonschema", "--builtin-schema=vendor.renovate", project / RENOVATE)
    pipeline = project / ".gitlab-ci.yml"
    if pipeline.exists():
        lint("check-jsonschema", "--builtin-schema=vendor.gitlab-ci", pipeline)
        for script in scripts(pipeline):
            lint("shellcheck", "--shell=sh", "-", script=script)
    for file in (pipeline, project / ".pre-commit-config.yaml", *workflows):
        if file.exists():
            lint("yamllint", "--strict", f"--config-data={YAMLLINT}", file)


def test_dependency_bots_leave_alone_what_the_template_pins(project: Path) -> None:
    if not (project / RENOVATE).exists():
        return
    text = (project / RENOVATE).read_text(encoding="utf-8")
    settings = yaml.safe_load(re.sub(r"(?m)^ *//.*", "", text))  # without comments it is YAML too
    ignored = re.compile("|".join(map(pattern, settings["ignorePaths"])))
    pinned = [path for path, data in tree(project).items() if PIN.search(data)]

    assert {"requirements/dev.txt", "deploy/Dockerfile", ".github/workflows/ci.yml"} <= {*pinned}
    assert [path for path in pinned if not ignored.fullmatch(path)] == []
    assert not ignored.fullmatch("requirements/own.txt")
    assert not ignored.fullmatch(".github/workflows/of-the-owner.yml")


def pattern(glob: str) -> str:
    return re.escape(glob).replace(r"\*\*", ".*")


def test_the_data_contract_keeps_to_its_standard(project: Path) -> None:
    published = files("open_data_contract_standard").joinpath("schema.json")
    contract: Any = yaml.safe_load((project / "data-contract.yaml").read_text(encoding="utf-8"))
    schema = json.loads(published.read_text(encoding="utf-8"))
    found = jsonschema.validators.validator_for(schema)(schema).iter_errors(contract)
    assert [f"{error.json_path}: {error.message}" for error in found] == []
