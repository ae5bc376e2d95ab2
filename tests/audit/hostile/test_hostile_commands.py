"""Nothing that a repository says is run."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from hostile import SECRET, replaced, statuses
from small import write
from small_audits import CONTRACT, edited

CANARY = "touch {}/canary"

OWN_TOOLS = ("git", "promtool", "betterleaks", "docker")
"""What the audit itself starts, from PATH."""


def armed(root: Path, canary: Path) -> None:
    """Write commands into every place where git, make or a shell would run them."""
    command = CANARY.format(canary)
    script = f"#!/bin/sh\n{command}\n"
    keys = {
        "core": ("fsmonitor", "sshCommand", "editor", "pager", "gitProxy", "askPass"),
        "gpg": ("program",),
        "credential": ("helper",),
        "diff": ("external",),
        'filter "evil"': ("clean", "smudge", "process"),
        'diff "evil"': ("textconv", "command"),
        'merge "evil"': ("driver",),
        "alias": ("status", "log", "diff", "ls-tree", "cat-file"),
        "uploadpack": ("packObjectsHook",),
    }
    config = "".join(
        f"[{section}]\n" + "".join(f'\t{key} = "{command}; :"\n' for key in names)
        for section, names in keys.items()
    )
    with (root / ".git/config").open("a", encoding="utf-8") as stream:
        stream.write(f"[core]\n\thooksPath = {root}/hooks\n[include]\n\tpath = {root}/more\n")
    hooks = ("post-index-change", "post-checkout", "pre-commit", "fsmonitor-watchman")
    for folder in ("hooks", ".git/hooks"):
        for hook in hooks:
            write(root, {f"{folder}/{hook}": script})
            (root / folder / hook).chmod(0o755)
    write(
        root,
        {
            ".gitattributes": "* filter=evil diff=evil merge=evil\n",
            ".git/info/attributes": "* filter=evil diff=evil\n",
            "more": config,
            "Makefile": f"X := $(shell {command})\nall:\n\t{command}\n",
            "setup.py": f"import os; os.system({command!r})",
            "conftest.py": f"import os; os.system({command!r})",
            "sitecustomize.py": f"import os; os.system({command!r})",
            "yaml.py": f"import os; os.system({command!r})",
            "src/pump_failure/__init__.py": f"import os; os.system({command!r})",
        },
    )
    for old in ("CMMS report 17", "queries/downtime.sql", "sum(false_alarms)", "to manual rounds"):
        edited(root / CONTRACT, old, f"$({command}) `{command}` ; {command}".replace(":", ""))


def test_nothing_of_the_repository_is_run_and_nothing_beside_it_read(
    project: Path, secret: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    canary = tmp_path / "fallen"
    canary.mkdir()
    armed(project, canary)
    for name in ("README.md", "docs/runbooks/contacts.md", "readiness/waivers.yaml"):
        replaced(project, name).symlink_to(secret / "plain")
    (project / "monitoring/more").symlink_to(secret)
    log = tmp_path / "trace"
    traced = []
    if shutil.which("strace"):
        traced = ["strace", "-f", "-o", str(log), "-s", "300"]
        traced += ["-e", "trace=execve,open,openat,openat2"]
    command = [sys.executable, "-m", "poc2prod", "audit", str(project), "--profile", "release"]
    done = subprocess.run(
        [*traced, *command, "--format", "json"],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode in range(5), done.stderr
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert "ERROR" not in statuses(json.loads(done.stdout)).values()
    assert list(canary.iterdir()) == []
    if traced:
        calls = log.read_text("utf-8", "replace")
        run = re.findall(r'execve\("([^"]+)".*= 0$', calls, re.MULTILINE)
        assert {Path(name).name for name in run} <= {Path(sys.executable).name, *OWN_TOOLS}
        assert [name for name in run if name.startswith(str(tmp_path))] == []
        read = re.findall(r'open\w*\([^"]*"([^"]+)".*\) = \d+$', calls, re.MULTILINE)
        assert any(str(project) in name for name in read), "the trace shows what is read"
        assert [name for name in read if str(secret) in name] == []


def test_the_canary_would_have_fallen(project: Path, tmp_path: Path) -> None:
    """Git itself, asked in the repository, runs what is armed: the test above can fail."""
    canary = tmp_path / "fallen"
    canary.mkdir()
    armed(project, canary)
    done = subprocess.run(["git", "status"], cwd=project, capture_output=True, check=False)
    assert list(canary.iterdir()) != [], done.stderr
