"""Turn a fresh project into one whose people did their part, as integration tests need it.

In a project without a repository (`rendering.render`, or `poc2prod new --no-git`):

    finish(root, today)             # all of it, or step by step:
    fill_in(root, today)
    commit(root, today - timedelta(days=2))
    approve(root, today - timedelta(days=1))
    commit(root, today - timedelta(days=1))   # ADA: who approves has written no line of it
"""

from __future__ import annotations

import os
import re
import subprocess
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from poc2prod.ops.kpi.document import read
from poc2prod.ops.kpi.loading import check
from poc2prod.project import OWNERSHIP, Ownership

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

GRACE, ADA, BOB, ERIN = (f"{name}@plant.eu" for name in ("grace", "ada", "bob", "erin"))
"""Accountable; two who maintain it and own its code; operations."""

ANSWERS: dict[str, Any] = {
    "owner_email": GRACE,
    "team": "Reliability Engineering",
    "deployment": ["compose", "kubernetes"],
    "rollout": "canary",
}
"""With these, nothing that is managed names an address of nobody either."""

APPROVERS = {"business": GRACE, "operations": ERIN}
"""Role → who approves the contract; neither has written it."""

CONTRACT = "kpi-contract.yaml"
SENTINEL = re.compile(r"<!-- poc2prod:fill (\S+).*?-->", re.DOTALL)
NOBODY = re.compile(r"[\w.+-]+@example\.com")


def finish(root: Path, today: date) -> None:
    """Do all that only people can do, in the order in which they would."""
    fill_in(root, today)
    commit(root, today - timedelta(days=2))
    approve(root, today - timedelta(days=1))
    commit(root, today - timedelta(days=1))


def fill_in(root: Path, today: date) -> None:
    """Write what only people know into the owners' files; the contract stays a draft."""
    _contract(root / CONTRACT, today)
    (root / "deploy/helm/values-production.yaml").write_text(
        "image: {repository: registry.plant.eu/pumps}\n", encoding="utf-8"
    )
    base = re.search(r"(?m)^ARG BASE=(\S+)", (root / "deploy/Dockerfile").read_text("utf-8"))
    assert base
    (root / "deploy/base.Dockerfile").write_text(
        f"FROM {base[1]}@sha256:{'0' * 64}\n", encoding="utf-8"
    )
    last = today.replace(day=1) - timedelta(days=1)
    (root / "kpi-values.csv").write_text(
        "kpi,period_start,period_end,value,source\n"
        f"BK-1,{last.replace(day=1)},{last},6.1,maintenance system\n",
        encoding="utf-8",
    )
    (root / "project.mk").write_text("READINESS_LEVEL = L1\n", encoding="utf-8")
    data = root / "data-contract.yaml"
    text = data.read_text(encoding="utf-8").replace("\nstatus: draft\n", "\nstatus: active\n")
    data.write_text(text, encoding="utf-8")
    owners = root / ".github/CODEOWNERS"
    if not owners.exists():
        owners = root / "CODEOWNERS"
    owners.write_text(f"# Who reviews a change.\n* {ADA} {BOB}\n", encoding="utf-8")
    readme = root / "README.md"
    with readme.open("a", encoding="utf-8") as stream:
        stream.write("\nThe planners of the night shift see its alarms in their work list.\n")
    for path in _of_the_owners(root):
        file = root / path
        text = file.read_text(encoding="utf-8")
        written = SENTINEL.sub(r"We wrote this about \1 ourselves.", NOBODY.sub(GRACE, text))
        if written != text:
            file.write_text(written, encoding="utf-8")


def _of_the_owners(root: Path) -> list[str]:
    """Return the texts of the owners, but for code."""
    owned = Ownership.read(root / OWNERSHIP).owns(
        path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()
    )
    return sorted(path for path in owned if path.endswith((".md", ".yaml", ".toml")))


def _contract(file: Path, today: date) -> None:
    start, end = today - timedelta(days=240), today - timedelta(days=60)
    text = file.read_text(encoding="utf-8")
    for asked, answer in (
        ("review_by: unknown", f"review_by: {today + timedelta(days=90)}"),
        (r"role: ML engineer, email: unknown", f"role: ML engineer, email: {ADA}"),
        (r"role: Operations, email: unknown", f"role: Operations, email: {BOB}"),
        (
            "team: unknown, handover: unknown",
            f"team: Plant IT, handover: {today + timedelta(days=60)}",
        ),
        ("from: unknown, to: unknown", f"from: {start}, to: {end}"),
        ("source: unknown", "source: report 17 of the maintenance system"),
        ("by: unknown", f"by: {today + timedelta(days=180)}"),
        ("ref: unknown", "ref: kpi-values.csv"),
        ("decider: unknown", "decider: Head of Maintenance"),
    ):
        text, found = re.subn(asked, answer, text)
        assert found == 1, asked
    file.write_text(NOBODY.sub(GRACE, text), encoding="utf-8")
    left = [finding for finding in check(file, today) if finding.kind in ("error", "incomplete")]
    assert not left, left


def approve(root: Path, on: date, approvers: Mapping[str, str] = APPROVERS) -> None:
    """Approve the contract as it is now, in place of earlier approvals."""
    file = root / CONTRACT
    text = file.read_text(encoding="utf-8").partition("\napprovals:\n")[0].rstrip("\n")
    text = text.replace("status: draft", "status: approved")
    file.write_text(f"{text}\n", encoding="utf-8")
    digest = read(file).digest  # of all but the approvals
    lines = [
        f"  - {{role: {role}, email: {email}, date: {on}, contract_sha256: {digest}}}\n"
        for role, email in approvers.items()
    ]
    file.write_text(f"{text}\n\napprovals:\n{''.join(lines)}", encoding="utf-8")


def commit(root: Path, on: date, authors: Sequence[str] = (ADA, BOB)) -> None:
    """Commit what changed, one commit an author: each has written an equal share of the files.

    The first of them writes the KPI contract.
    """
    if not (root / ".git").exists():
        git(root, "init", "--quiet", "--initial-branch=main")
    listed = git(root, "ls-files", "-z", "--others", "--modified", "--exclude-standard")
    changed = sorted({*listed.split("\0")} - {""}, key=lambda path: (path != CONTRACT, path))
    for number, author in enumerate(authors):
        share = changed[number :: len(authors)]
        if not share:
            continue
        git(root, "add", "--", *share)
        when = f"{on}T{8 + number:02}:00:00+00:00"
        git(root, "commit", "--quiet", "--message", f"Write {share[0]}", author=author, when=when)


def git(root: Path, *arguments: str, author: str = ADA, when: str = "") -> str:
    """Run git without the user's configuration, as `author`, and return its output."""
    name = author.partition("@")[0].capitalize()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(root),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": author}
        environment |= {f"GIT_{role}_DATE": when} if when else {}
    return subprocess.run(
        ["git", *arguments], cwd=root, env=environment, check=True, capture_output=True, text=True
    ).stdout
