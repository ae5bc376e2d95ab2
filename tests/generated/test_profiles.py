"""Three quite different projects: their own demo, tests and checks pass and leave git clean."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import jsonschema

from pipelines import GitLab, said
from poc2prod.audit.records.evidence_shape import Shape
from projects import UNKILLED

if TYPE_CHECKING:
    from pathlib import Path

    from projects import Project


def made(project: Project, home: Path) -> tuple[str, str]:
    """Return what `make demo` and `make test` print: in GitLab's pipeline where there is one.

    That one runs all tests, the others those that do not kill what is the same in each project.
    """
    if not (project.root / ".gitlab-ci.yml").exists():
        return project.make("demo"), project.make("test", f"ARGS={UNKILLED}")
    gitlab = GitLab.host(project.root, home, project.environment)
    log = gitlab.run("make check", "make test", "make demo", "make secrets")
    return said(log, "make demo"), said(log, "make test")


def test_demo_tests_and_checks_pass_and_git_stays_clean(
    any_project: Project, tmp_path: Path
) -> None:
    project = any_project
    shown, tested = made(project, tmp_path / "hosted")
    assert re.search(r"^\w+( +-?\d+\.\d{4}){4,5}$", shown, re.MULTILINE), "held-out metrics"
    assert "failed" not in shown
    if (project.root / "src" / project.package / "ops/serving").exists():
        assert '"predictions"' in shown
    else:
        assert "build/scored.parquet: 103,680 rows" in shown
    envelope = json.loads((project.root / "readiness/evidence/evaluate.json").read_text("utf-8"))
    jsonschema.validate(envelope, Shape.model_json_schema())
    assert (envelope["dirty"], len(envelope["git_sha"])) == (False, 40)
    assert re.search(r"\d+ passed", tested)
    assert not re.search(r"skipped|failed|error", tested)
    project.make("format", "check")
    status = project("git", "status", "--porcelain").stdout
    assert status == ""
