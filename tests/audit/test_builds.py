"""SEC-04: CI that pins, may do little, and attests what it builds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from poc2prod.audit.outcome import Outcome, Status
from probing import outcome
from rendering import render

if TYPE_CHECKING:
    from pathlib import Path

SHA = "3d3c42e5aac5ba805825da76410c181273ba90b1"
WORKFLOW = f"""\
on: [push]
permissions: {{}}
jobs:
  image:
    permissions: {{contents: read}}
    steps:
      - uses: actions/checkout@{SHA} # v7
      - run: make sbom
      - uses: actions/attest-build-provenance@{SHA}
"""
PIPELINE = """\
include: [{local: more.yml}]
image:
  script: [make sbom, cosign sign --yes x]
"""


def judged(root: Path, text: str, path: str = ".github/workflows/ci.yml") -> Outcome:
    return outcome(root, "SEC-04", {path: text})


@pytest.mark.parametrize(
    ("path", "text"), [(".github/workflows/ci.yml", WORKFLOW), (".gitlab-ci.yml", PIPELINE)]
)
def test_pinned_restricted_and_attested_passes(tmp_path: Path, path: str, text: str) -> None:
    found = judged(tmp_path, text, path)
    assert found.status is Status.PASS, found.message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (f"checkout@{SHA}", "checkout@v7", "ci.yml:7: actions/checkout@v7 is not pinned"),
        (f"checkout@{SHA}", f"checkout@{SHA[:12]}", "is not pinned by its commit"),
        ("[push]", "[push, pull_request_target]", "pull_request_target runs with rights on"),
        ("[push]", "{workflow_run: {workflows: [CI]}}", "workflow_run runs with rights on"),
        ("{contents: read}", "write-all", "job image has write-all"),
        ("permissions: {}", "env: {}", None),
        (
            "{contents: read}",
            "{contents: write, issues: write, actions: write, packages: write}",
            "may write contents, issues, actions, packages",
        ),
        ("make sbom", "make image", "CI writes no bill of materials"),
        ("make sbom", "make image # make sbom", None),
        (f"      - uses: actions/attest-build-provenance@{SHA}\n", "", "CI signs nothing"),
        ("    permissions: {contents: read}\n", "", None),
    ],
)
def test_what_is_loose_is_named(tmp_path: Path, old: str, new: str, said: str | None) -> None:
    assert old in WORKFLOW
    found = judged(tmp_path, WORKFLOW.replace(old, new))
    assert (found.status is Status.FAIL, said or "") == (bool(said), said or ""), found.message
    assert said is None or said in found.message


def test_a_job_needs_its_rights_named_somewhere(tmp_path: Path) -> None:
    text = WORKFLOW.replace("permissions: {}\n", "").replace(
        "    permissions: {contents: read}\n", ""
    )
    found = judged(tmp_path, text)
    assert found.status is Status.FAIL
    assert "job image has whatever rights the repository's settings give it" in found.message


@pytest.mark.parametrize(
    "include",
    ["{remote: 'https://example.com/x.yml'}", "{project: a/b, file: x.yml, ref: main}"],
)
def test_what_a_pipeline_includes_is_pinned(tmp_path: Path, include: str) -> None:
    found = judged(tmp_path, PIPELINE.replace("{local: more.yml}", include), ".gitlab-ci.yml")
    assert found.status is Status.FAIL
    assert "is not pinned by its commit" in found.message


def test_a_role_that_may_do_anything_is_named(tmp_path: Path) -> None:
    role = 'kind: Role\nrules:\n  - apiGroups: [""]\n    resources: ["*"]\n    verbs: [get]\n'
    found = outcome(tmp_path, "SEC-04", {".gitlab-ci.yml": PIPELINE, "deploy/a/role.yaml": role})
    assert found.status is Status.FAIL
    assert "deploy/a/role.yaml:4: a role may do anything with resources" in found.message


def test_nothing_and_what_says_nothing_do_not_pass(tmp_path: Path) -> None:
    assert outcome(tmp_path, "SEC-04").status is Status.MISSING
    stub = f"# make sbom\n# actions/attest@{SHA}\non: push\n"
    assert judged(tmp_path, stub).status is Status.FAIL


@pytest.mark.parametrize("system", ["github", "gitlab"])
def test_what_is_generated_passes(template: Path, tmp_path: Path, system: str) -> None:
    answers = {"ci": system, "deployment": ["compose", "kubernetes"]}
    found = outcome(render(template, tmp_path / "demo-model", answers), "SEC-04")
    assert found.status is Status.PASS, found.message
