"""AUD-04: nothing hides the failure of the audit that a workflow runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gates import AUDIT, BY_MAKE, CI, JOB, MAKEFILE, WORKFLOW, judged
from poc2prod.audit.outcome import Status

if TYPE_CHECKING:
    from pathlib import Path


def script(*lines: str) -> str:
    return WORKFLOW.replace(AUDIT, "|\n" + "\n".join(f"          {line}" for line in lines))


WEAK = {
    "continue-on-error on the job": WORKFLOW.replace(JOB, f"{JOB}    continue-on-error: true\n"),
    "continue-on-error on the step": WORKFLOW.replace(
        AUDIT, f"{AUDIT}\n        continue-on-error: true"
    ),
    "|| true": script(f"{AUDIT} || true"),
    "|| :": script(f"{AUDIT} \\", "  || :"),
    "|| echo": script(f"{AUDIT} || echo failed"),
    "|| exit 0": script(f"{AUDIT} || exit 0"),
    "|| …": script(f"{AUDIT} || s=$?", "echo $s"),
    "exit 0": script(AUDIT, "exit 0"),
    "exit 0 ": script(f"{AUDIT}; exit 0"),
    "set +e": script("set +e", AUDIT, "echo done"),
    "a trap": script("trap 'exit' EXIT", AUDIT),
    "a pipe without pipefail": script(f"{AUDIT} | tee log"),
    "it runs in the background": script(f"{AUDIT} &"),
    "&& before other commands": script(f"{AUDIT} && echo ok", "echo done"),
    "it is in a branch": script(f"if {AUDIT}; then echo ok; fi"),
    "it is in a branch, a": script("if false; then", AUDIT, "fi"),
    "a loop": script("gate() {", f"  {AUDIT}", "}", "echo gate"),
    "or decides one": script(f"! {AUDIT}"),
    "other commands after it": WORKFLOW.replace(
        AUDIT, f"{AUDIT}; echo done\n        shell: bash {{0}}"
    ),
    "if: false": WORKFLOW.replace(JOB, f"{JOB}    if: false\n"),
    "if: ${{ false }}": WORKFLOW.replace(AUDIT, f"{AUDIT}\n        if: ${{{{ false }}}}"),
    "if: github.actor": WORKFLOW.replace(JOB, f"{JOB}    if: github.actor != 'me'\n"),
    "if: vars.GO": WORKFLOW.replace(JOB, f"{JOB}    needs: build\n").replace(
        "  build:\n", "  build:\n    if: vars.GO\n"
    ),
    "--profile fast": WORKFLOW.replace("--profile pr ", ""),
    "L0, which asks for nothing: run it with --level L1": WORKFLOW.replace(
        "--allow-exec", "--level L0"
    ),
    "--level ${{vars.LEVEL·L1·}}": WORKFLOW.replace(
        "--allow-exec", "--level ${{ vars.LEVEL || 'L1' }}"
    ),
    "poc2prod audit ${{·true·}}": WORKFLOW.replace("--allow-exec", "${{ '|| true' }}"),
    "--level $LEVEL": WORKFLOW.replace("--allow-exec", "--level=$LEVEL"),
    "--as-of": WORKFLOW.replace("--allow-exec", "--as-of 2026-01-01"),
    "poc2prod audit other": WORKFLOW.replace("--allow-exec", "other"),
    "another folder": WORKFLOW.replace(AUDIT, f"{AUDIT}\n        working-directory: sub"),
    "make ignores errors": BY_MAKE.replace("make audit", "make -i audit"),
}
MADE = {
    "its recipe starts with -": MAKEFILE.replace("@$(POC", "-@$(POC"),
    "make ignores errors": f".IGNORE: audit\n{MAKEFILE}",
    "make audit: || true": MAKEFILE.replace("$(ARGS)", "|| true"),
    "make audit: a pipe": MAKEFILE.replace("$(ARGS)", "| tee log"),
    "other commands after it": MAKEFILE.replace("$(ARGS)", "; echo done"),
    "L0, which asks for nothing": MAKEFILE.replace(":= L1", ":= L0"),
}


@pytest.mark.parametrize("reason", WEAK)
def test_what_hides_a_failure_is_named(tmp_path: Path, reason: str) -> None:
    assert WEAK[reason] not in (WORKFLOW, BY_MAKE)
    found = judged(tmp_path, WEAK[reason])
    assert found.status is Status.FAIL, found.message
    assert reason.strip() in found.message
    assert found.locations[0].path == CI


@pytest.mark.parametrize("reason", MADE)
def test_what_hides_a_failure_in_the_makefile_is_named(tmp_path: Path, reason: str) -> None:
    assert MADE[reason] != MAKEFILE
    found = judged(tmp_path, BY_MAKE, MADE[reason])
    assert found.status is Status.FAIL, found.message
    assert reason in found.message
