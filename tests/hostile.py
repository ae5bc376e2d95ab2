"""A repository that is made to harm whoever audits it: its names, and what must come of it."""

from __future__ import annotations

import json
import os
import shutil
import time
from typing import TYPE_CHECKING, Any

from poc2prod.audit.engine import audit
from poc2prod.audit.reports.document import document
from small_audits import CONTRACT, NOW

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "the-secret-of-somebody-else"
SECONDS = 60
"""More than an audit may take here, of whatever; a clean one takes half a second."""

NAMES = (
    CONTRACT,
    "data-contract.yaml",
    "Makefile",
    "README.md",
    ".gitignore",
    ".gitattributes",
    ".mailmap",
    ".poc2prod/answers.yaml",
    ".poc2prod/ownership.yaml",
    ".poc2prod/manifest.json",
    ".github/CODEOWNERS",
    ".github/workflows/ci.yml",
    "monitoring/rules/service.yaml",
    "monitoring/dashboard.json",
    "docs/runbooks/service-down.md",
    "docs/runbooks/contacts.md",
    "readiness/waivers.yaml",
    "readiness/attestations.yaml",
    "readiness/evidence/load.json",
    "src/pump_failure/ops/commands/promote.py",
    ".git/HEAD",
    ".git/config",
    ".git/index",
    ".git/packed-refs",
    ".git/shallow",
    ".git/refs/heads/main",
    ".git/info/attributes",
    ".git/objects/info/alternates",
    ".git/objects/pack/pack-1.idx",
    ".git/commondir",
)


def report(root: Path) -> dict[str, Any]:
    """Audit in this process; whatever is there, it must end soon and without an error."""
    started = time.monotonic()
    found = document(audit(root, profile="release", now=NOW), "L1")
    assert time.monotonic() - started < SECONDS
    text = json.dumps(found)
    assert SECRET not in text
    assert [r["message"] for r in found["results"] if r["status"] == "ERROR"] == []
    assert found["exit"] in range(5)
    return found


def statuses(found: dict[str, Any]) -> dict[str, str]:
    return {result["id"]: result["status"] for result in found["results"]}


def replaced(root: Path, name: str) -> Path:
    """Remove what is at a name and return its path."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    return path


def fifo(path: Path) -> None:
    os.mkfifo(path)
