"""Names alone are worth nothing, and a fresh project is worth what is in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bundles import NEXT
from poc2prod.audit.contract import plain
from poc2prod.ops.kpi.document import read
from rendering import tree
from small import write
from small_audits import committed
from tools import require_tool

if TYPE_CHECKING:
    from pathlib import Path

    from updates import Workbench

HEADINGS = "# Pump\n\n## Impact\n\n## Confirm\n\n## Mitigate\n\n## Roll back\n\n## Escalate\n"
SCRIPT = "#!/bin/sh\nexit 0\n"
RECORDS = (".poc2prod/answers.yaml",)


@pytest.fixture(scope="module")
def fresh(bench: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A default project, committed, that nobody has touched."""
    return bench.new(tmp_path_factory.mktemp("fresh") / "default-model", NEXT, {})


def report(bench: Workbench, root: Path, *options: str) -> dict[str, Any]:
    done = bench("audit", root, "--format", "json", *options)
    assert done.status == done.report["exit"]
    assert done.report["counts"]["ERROR"] == 0, done.stdout
    return dict(done.report)


@pytest.mark.parametrize("options", [(), ("--allow-exec",)], ids=["static", "executed"])
@pytest.mark.parametrize("kept", [(), RECORDS], ids=["all", "all but the answers"])
@pytest.mark.parametrize("text", ["", "x\n", HEADINGS], ids=["empty", "x", "headings"])
def test_files_that_only_have_the_right_names_pass_nothing(
    bench: Workbench,
    fresh: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    kept: tuple[str, ...],
    options: tuple[str, ...],
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")  # others have an image of that name
    require_tool("betterleaks")
    require_tool("promtool")
    root = tmp_path / fresh.name
    for path, content in tree(fresh).items():
        stub = SCRIPT.encode() if content.startswith(b"#!") else text.encode()
        write(root, {path: content if path in kept else stub})
    committed(root, "ada@plant.eu", "2026-11-01")
    committed(root, "bob@plant.eu", "2026-11-02")
    python = root / ".venv/bin/python"
    write(root, {".venv/bin/python": SCRIPT})
    python.chmod(0o755)

    found = report(bench, root, "--profile", "release", *options)
    passed = {r["id"]: r["message"] for r in found["results"] if r["status"] == "PASS"}
    assert passed == {}
    assert len(found["results"]) == sum(found["counts"].values()) > 10
    assert found["exit"] == 1
    assert found["level"]["reached"] is None


def test_a_fresh_project_has_what_only_people_write_before_it(
    bench: Workbench, fresh: Path
) -> None:
    found = report(bench, fresh, "--profile", "fast")
    assert {r["id"]: r["status"] for r in found["results"]} == {
        "KPI-01": "STUB",  # eleven gaps
        "KPI-04": "PASS",  # what is promised to callers follows from the answers
        "KPI-05": "MISSING",
        "KPI-06": "NA",  # never approved
        "DAT-01": "STUB",  # whose data it is
        "DAT-08": "NA",  # it is of pumps
        "DAT-09": "MISSING",  # nothing was predicted yet
        "INF-02": "NA",  # no cluster
        "INF-07": "NA",  # no code of it either
        "INF-08": "MISSING",  # no drill was held
        "MON-01": "PASS",  # compiled from the contract
        "MON-03": "STUB",  # whom to call
        "REL-03": "NA",  # no canary
        "SEC-03": "MISSING",  # nothing was scanned
        "SEC-04": "PASS",  # the workflow came pinned
        "ORG-01": "STUB",
        "AUD-02": "PASS",  # none is needed
        "AUD-03": "MISSING",  # nothing was measured
    }
    assert found["exit"] == 1
    assert found["level"]["reached"] is None
    said = {r["id"]: r["message"] for r in found["results"]}
    assert "only people know this" in said["KPI-01"]
    assert "contacts.md is as it was generated" in said["MON-03"]
    assert json.dumps(found).count("owner@example.com") >= 1


def test_the_contract_of_a_fresh_project_is_read_without_the_models(fresh: Path) -> None:
    assert plain.read(read(fresh / "kpi-contract.yaml").data)
