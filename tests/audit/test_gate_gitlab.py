"""AUD-04 on GitLab: a job runs the audit on every way in, and it is red where it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gates import AUDIT, MAKEFILE
from poc2prod.audit.outcome import Outcome, Status
from poc2prod.audit.probes.integrity import gate
from probing import outcome
from rendering import render

if TYPE_CHECKING:
    from pathlib import Path

RULES = "  rules:\n    - if: $CI_PIPELINE_SOURCE\n"
PIPELINE = f"""\
stages: [test]
workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
.audit:
  before_script: [make build]
{RULES}make audit:
  extends: .audit
  stage: test
  script:
    - {AUDIT}
"""


@pytest.fixture(autouse=True)
def red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_refused", lambda *_: None)


def judged(root: Path, pipeline: str) -> Outcome:
    return outcome(root, "AUD-04", {".gitlab-ci.yml": pipeline, "Makefile": MAKEFILE})


@pytest.mark.parametrize(
    "pipeline",
    [
        PIPELINE,
        PIPELINE.replace(AUDIT, "make audit"),
        PIPELINE.replace(AUDIT, 'make "$T"').replace(
            "  stage: test\n", "  variables: {T: audit}\n"
        ),
        PIPELINE.replace(
            AUDIT, '$CI_JOB_NAME POC2PROD="$tools/bin/poc2prod" ARGS="--output a.xml"'
        ),
        PIPELINE.replace("if: $CI_PIPELINE_SOURCE\n", "if: $RUN == null && $CI_PIPELINE_SOURCE\n"),
        PIPELINE.replace(
            "if: $CI_PIPELINE_SOURCE\n", 'if: $X == "y"\n      when: never\n    - {}\n'
        ),
    ],
)
def test_a_job_that_stops_at_a_failed_audit_passes(tmp_path: Path, pipeline: str) -> None:
    found = judged(tmp_path, pipeline)

    assert found.status is Status.PASS, found.message
    assert str(found.locations[0]).startswith(".gitlab-ci.yml:")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  stage: test\n", "  allow_failure: true\n", "allow_failure on the job"),
        ("  stage: test\n", "  allow_failure: {exit_codes: 1}\n", "allow_failure on the job"),
        ("  stage: test\n", "  when: manual\n", "when: manual on the job"),
        ("  stage: test\n", "  only: [main]\n", "only and except"),
        (AUDIT, f"{AUDIT} || true", "|| true"),
        (AUDIT, f"{AUDIT} | tee log", "a pipe without pipefail"),
        ("[make build]", "['[ -e x ] || exit 0']", "exit 0"),
        ("SOURCE\n", "SOURCE\n      allow_failure: true\n", "allow_failure in a rule"),
        ("SOURCE\n", "SOURCE\n      when: manual\n", "rules: when: manual"),
        ("SOURCE\n", "SOURCE\n      changes: [src/*]\n", "rules by changes"),
        ("SOURCE\n", "SOURCE =~ /x/\n", "rules: if: $CI_PIPELINE_SOURCE =~ /x/"),
        ("SOURCE\n", 'SOURCE == "schedule"\n', "on pull requests, pushes to main"),
        ("SOURCE\n", 'SOURCE != "schedule"\n', "on a schedule"),
        (RULES, "", "on pull requests"),
        ('    - if: $CI_PIPELINE_SOURCE == "merge_request_event"\n', "", "on pull requests"),
    ],
)
def test_what_loses_a_failure_or_leaves_a_way_open_is_named(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in PIPELINE

    found = judged(tmp_path, PIPELINE.replace(old, new))

    assert found.status is Status.FAIL
    assert said in found.message


def test_a_pipeline_without_an_audit_is_named(tmp_path: Path) -> None:
    found = judged(tmp_path, PIPELINE.replace(AUDIT, "make test"))

    assert found.status is Status.MISSING
    assert "no job of .gitlab-ci.yml runs `poc2prod audit`" in found.message


def test_the_generated_pipeline_gates_once_its_level_is_raised(
    template: Path, tmp_path: Path
) -> None:
    root = render(template, tmp_path / "demo-model", {"ci": "gitlab"})
    assert "set READINESS_LEVEL = L1 in project.mk" in outcome(root, "AUD-04").message

    found = outcome(root, "AUD-04", {"project.mk": "READINESS_LEVEL = L1\n"})

    assert found.status is Status.PASS, found.message
