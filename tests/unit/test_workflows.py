"""The project's own GitHub workflows are valid, pinned and confined."""

import subprocess

from tools import ROOT, require_tool

WORKFLOWS = [str(path) for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))]


def test_actionlint_finds_nothing() -> None:
    # With shellcheck it reads the steps' scripts too; without, it would quietly leave them out.
    run("actionlint", "-shellcheck", require_tool("shellcheck"))


def test_zizmor_finds_nothing() -> None:
    run("zizmor", "--offline", "--persona=pedantic")


def test_workflows_follow_githubs_schema() -> None:
    run("check-jsonschema", "--builtin-schema=vendor.github-workflows")


def run(tool: str, *options: str) -> None:
    assert WORKFLOWS
    command = [require_tool(tool), *options, *WORKFLOWS]
    result = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
