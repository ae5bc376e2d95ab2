"""AUD-04: a workflow runs the audit on every way in, and it is red where it should be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from gates import AUDIT, BY_MAKE, CI, JOB, MAKEFILE, WORKFLOW, judged
from poc2prod.audit.outcome import Location, Status
from poc2prod.audit.probes.integrity import gate
from probing import outcome

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def red(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The gates that were tried on an empty folder, which costs a second each, and were red."""
    tried: list[tuple[str, ...]] = []
    monkeypatch.setattr(gate, "_refused", lambda options, _: tried.append(options))
    return tried


@pytest.mark.parametrize(
    "workflow",
    [
        WORKFLOW,
        BY_MAKE,
        WORKFLOW.replace(AUDIT, f'|\n          "$RUNNER_TEMP/bin/poc2prod" {AUDIT[9:]}'),
        WORKFLOW.replace(AUDIT, f"uvx --from poc2prod==0.4.0 {AUDIT} --level L2"),
        WORKFLOW.replace(AUDIT, f"python -m {AUDIT} ."),
        WORKFLOW.replace(AUDIT, f"A=1 {AUDIT} || exit 1"),
        WORKFLOW.replace(AUDIT, f"|\n          s=0\n          {AUDIT} || s=$?\n          exit $s"),
        WORKFLOW.replace(AUDIT, f"|\n          set -o pipefail\n          {AUDIT} | tee log"),
        WORKFLOW.replace(AUDIT, f"{AUDIT} | tee log\n        shell: bash"),
        WORKFLOW.replace(AUDIT, f"echo go && {AUDIT}"),
        WORKFLOW.replace("push: {branches: [main]}", "push:"),
        WORKFLOW.replace("  audit:\n", "  audit:\n    needs: build\n"),
        BY_MAKE.replace("make audit", 'make "$T"\n        env: {T: audit}'),
        BY_MAKE.replace("make audit", "make ${{ matrix.t }}").replace(
            "  audit:\n", "  audit:\n    strategy: {matrix: {t: [check, audit]}}\n"
        ),
        BY_MAKE.replace("make audit", "make audit LEVEL=L2 ARGS=--quiet"),
        WORKFLOW.replace(AUDIT, f"{AUDIT} '${{{{ github.workspace }}}}'"),
        WORKFLOW.replace(AUDIT, f"echo ${{{{ inputs.a || '}}}} | tee' }}}}; {AUDIT}"),
        BY_MAKE.replace("make audit", "make audit\n        env: {B: \"${{ vars.B || 'c' }}\"}"),
    ],
)
def test_a_job_that_stops_at_a_failed_audit_passes(
    tmp_path: Path, red: list[tuple[str, ...]], workflow: str
) -> None:
    found = judged(tmp_path, workflow)
    assert found.status is Status.PASS, found.message
    assert len(red) == 1
    assert red[0][:3] == ("--profile", "pr", "--level")


@pytest.mark.parametrize(
    ("own", "place"),
    [
        (None, "Makefile:1"),
        ("# ours\n", "Makefile:1"),
        ("# 1\nREADINESS_LEVEL = L0", "project.mk:2"),
    ],
)
def test_a_new_project_is_told_where_to_raise_its_level(
    tmp_path: Path, red: list[tuple[str, ...]], own: str | None, place: str
) -> None:
    made = "READINESS_LEVEL ?= L0\n" + MAKEFILE.replace("(LEVEL)", "(READINESS_LEVEL)")
    files = {CI: BY_MAKE, "Makefile": f"{made}-include project.mk\n"}
    found = outcome(tmp_path, "AUD-04", {**files, **({"project.mk": own} if own else {})})
    assert found.status is Status.FAIL
    assert found.message == (
        "CI holds the project to L0, which asks for nothing: set READINESS_LEVEL = L1 in project.mk"
    )
    assert [str(location) for location in found.locations] == [place]
    assert not red

    raised = outcome(tmp_path, "AUD-04", {"project.mk": "READINESS_LEVEL = L1\n"})
    assert raised.status is Status.PASS, raised.message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  pull_request:\n", "", "pull requests"),
        ("  pull_request:\n", "  pull_request_target:\n", "pull requests"),
        ("  pull_request:\n", "  pull_request: {paths: [src/**]}\n", "pull requests"),
        ("  pull_request:\n", "  pull_request: {types: [closed]}\n", "pull requests"),
        ("  schedule:", "  workflow_dispatch:", "a schedule"),
        ("  push: {branches: [main]}\n", "  push: {branches: [dev]}\n", "pushes to main"),
        ("  push: {branches: [main]}\n", "  push: {tags: ['v*']}\n", "pushes to main"),
        ("  push: {branches: [main]}\n", "", "pushes to main"),
        (JOB, f"{JOB}    if: github.event_name == 'push'\n", "pull requests, a schedule"),
    ],
)
def test_every_way_in_needs_it(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in WORKFLOW
    found = judged(tmp_path, WORKFLOW.replace(old, new))
    assert found.status is Status.FAIL, found.message
    assert f"a failed audit on {said}" in found.message


def test_one_job_that_gates_is_enough_beside_one_that_only_reports(tmp_path: Path) -> None:
    report = re.sub("audit:", "report:", WORKFLOW).replace(AUDIT, f"{AUDIT} || true")
    found = outcome(tmp_path, "AUD-04", {CI: WORKFLOW, ".github/workflows/report.yaml": report})
    assert found.status is Status.PASS, found.message
    assert found.locations == (Location(CI, 11),)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "make build",
        "poc2prod status",
        "poc2prod audit --list",
        "poc2prod audit --help",
        f"echo {AUDIT}",
        f"# {AUDIT}",
        f"cat <<E\n          {AUDIT}\n          E",
    ],
)
def test_no_job_that_runs_it_is_missing(tmp_path: Path, line: str) -> None:
    found = judged(tmp_path, WORKFLOW.replace(AUDIT, f"|\n          {line}"))
    assert found.status is Status.MISSING, found.message


def test_empty_files_are_missing(tmp_path: Path) -> None:
    assert judged(tmp_path, "", "").status is Status.MISSING


@pytest.mark.parametrize(
    "workflow",
    [
        "on: 3\njobs: [a]\n",
        "on: [push, {a: b}, 3]\njobs: {audit: 3, b: {steps: 7}, c: {steps: [1, {run: [x]}]}}\n",
        f"on: {{push: 3}}\njobs: {{a: {{needs: {{b: c}}, if: [1], steps: [{{run: {AUDIT}}}]}}}}\n",
        "jobs: {a: {needs: a, strategy: {matrix: 3}, env: [], steps: [{run: make, shell: []}]}}",
        "a: *b\n",
        "\x00",
        "jobs: " + "[" * 500,
    ],
)
def test_hostile_workflows_are_judged_and_never_pass(tmp_path: Path, workflow: str) -> None:
    found = judged(tmp_path, workflow)
    assert found.status in (Status.FAIL, Status.MISSING), found.message


def test_a_makefile_that_includes_itself_ends(tmp_path: Path) -> None:
    made = "include Makefile\naudit: audit\n\t$(A)\nA = $(A)$(A) poc2prod audit\n"
    assert judged(tmp_path, BY_MAKE, made).status in (Status.FAIL, Status.MISSING)


@pytest.mark.parametrize(("status", "verdict"), [(0, Status.FAIL), (2, Status.FAIL), (1, None)])
def test_the_gate_itself_is_tried(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, status: int, verdict: Status | None
) -> None:
    monkeypatch.undo()
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\nexit {status}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(program))
    found = gate._refused(("--profile", "pr"), 1)
    assert (found.status if found else None) is verdict


def test_the_real_gate_is_red_for_an_empty_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert gate._refused(("--profile", "pr", "--level", "L1"), 1) is None
