"""Repositories that are made to harm whoever audits them."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from poc2prod.audit import bounded_git
from poc2prod.audit.engine import audit
from poc2prod.audit.probes import alert_tests
from poc2prod.audit.report import document
from poc2prod.ops.kpi import load
from poc2prod.ops.monitoring.compiled import write as compiled
from small import write
from small_audits import CONTRACT, NOW, WHOLE, answered, committed, contracted, edited

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "the-secret-of-somebody-else"
SECONDS = 20
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


@pytest.fixture(autouse=True)
def _unbroken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let promtool test the alerts once, not a hundred times broken, which takes half a minute."""
    monkeypatch.setattr(alert_tests, "judged", lambda _suite, _promtool: [])


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which each name that the audit reads is there."""
    root = tmp_path_factory.mktemp("clean") / "project"
    contracted(root)
    edited(root / CONTRACT, "handover: 2026-01-31", "handover: 2099-01-31")
    answered(root, project_name="pump-failure", latency="interactive", ci="github")
    compiled(load(WHOLE), root, "pump_failure")
    there = {name: "{}\n" for name in NAMES if not (root / name).exists() and name[:5] != ".git/"}
    write(root, {**there, ".github/CODEOWNERS": "* ada@plant.eu bob@plant.eu\n"})
    committed(root, "ada@plant.eu", "2026-11-01")
    committed(root, "bob@plant.eu", "2026-11-02")
    return root


@pytest.fixture
def project(clean: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may spoil."""
    return shutil.copytree(clean, tmp_path / "project", symlinks=True)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A folder beside the project, whose files and history are not for the audit to read."""
    root = tmp_path / "beside"
    write(root, dict.fromkeys((*NAMES, "plain"), f"{SECRET}: '{SECRET}'\n"))
    shutil.rmtree(root / ".git")
    committed(root, f"{SECRET}@plant.eu", "2026-11-20")
    return root


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


def replaced(root: Path, name: str) -> Path:
    """Remove what is at a name and return its path."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    return path


def statuses(found: dict[str, Any]) -> dict[str, str]:
    return {result["id"]: result["status"] for result in found["results"]}


BOMB = "a: &a [x]\n" + "".join(
    f"{chr(n)}: &{chr(n)} [{', '.join([f'*{chr(n - 1)}'] * 9)}]\n" for n in range(98, 120)
)


def fifo(path: Path) -> None:
    os.mkfifo(path)


def sock(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's path may have 107 bytes
    try:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind(path.name)
    finally:
        os.chdir(here)


def sparse(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(2**30)


KINDS: dict[str, Callable[[Path], object]] = {
    "a pipe": fifo,
    "a socket": sock,
    "1 GB": sparse,
    "a folder": lambda path: path.mkdir(),
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "itself": lambda path: path.symlink_to(path.name),
    "binary": lambda path: path.write_bytes(bytes(range(256)) * 4000),
    "a bomb": lambda path: path.write_text(BOMB, "utf-8"),
    "brackets": lambda path: path.write_text("[" * 60_000, "utf-8"),
    "many items": lambda path: path.write_text(f"business_kpis: [{'a,' * 30_000}]", "utf-8"),
    "many keys": lambda path: path.write_text("".join(f"k{n}: 1\n" for n in range(6_000))),
    "a number": lambda path: path.write_text("9" * 5000, "utf-8"),
    "wrong types": lambda path: path.write_text(
        "{metadata: [], groups: {}, managed: 1, yours: {}, project_name: {a: 2026-01-01},"
        " latency: [], availability: {}, _commit: [2026-01-01], waivers: {a: 1}, 1: 2}"
    ),
    "a tag": lambda path: path.write_text("a: !!bool x\nb: !!python/name:os.system x\n"),
    "long lines": lambda path: path.write_text("`make " + "a " * 500_000 + "`\n" + "*" * 10**6),
    "open comments": lambda path: path.write_text("<!-- " * 200_000 + "](" * 200_000),
}


TOGETHER = [
    [CONTRACT],
    [name for name in NAMES if name.startswith((".poc2prod", "readiness", "data", "README"))],
    [name for name in NAMES if name.startswith(("monitoring", ".github", "src"))],
    ["docs/runbooks/service-down.md", "docs/runbooks/contacts.md", "Makefile"],
    [".gitignore", ".gitattributes", ".mailmap"],
    [".git/HEAD"],
    [".git/config", ".git/index", ".git/info/attributes"],
    [".git/packed-refs", ".git/refs/heads/main"],
    [".git/shallow", ".git/commondir"],
    [".git/objects/info/alternates"],
    [".git/objects/pack/pack-1.idx"],
]
"""Names of which one does not hide another from the audit."""


@pytest.mark.parametrize("names", TOGETHER, ids=lambda names: names[0])
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_at_a_name_the_audit_reports(
    project: Path, monkeypatch: pytest.MonkeyPatch, kind: str, names: list[str]
) -> None:
    monkeypatch.setattr(bounded_git, "SECONDS", 1.0)
    for name in names:
        KINDS[kind](replaced(project, name))
    report(project)


def test_each_name_is_spoilt_once() -> None:
    assert sorted(name for names in TOGETHER for name in names) == sorted(NAMES)


def test_the_clean_project_is_examined_to_its_depth(clean: Path) -> None:
    found = statuses(report(clean))
    assert found["KPI-01"] == found["MON-01"] == "PASS"
    assert found["ORG-01"] == "FAIL", "it comes to the share of each author"


@pytest.mark.parametrize(
    "name", [*NAMES, ".git", ".poc2prod", "monitoring", "docs", ".git/objects"]
)
def test_a_link_out_of_the_tree_is_not_followed(project: Path, secret: Path, name: str) -> None:
    replaced(project, name).symlink_to(secret / name)
    report(project)


@pytest.mark.parametrize(
    "content", ["gitdir: {}/.git\n", "gitdir: {}/.git/worktrees/x\n", "gitdir: ../beside/.git\n"]
)
def test_a_file_that_names_another_history_is_not_followed(
    project: Path, secret: Path, content: str
) -> None:
    replaced(project, ".git").write_text(content.format(secret), "utf-8")
    assert report(project)["project"]["commit"] is None


def test_objects_from_elsewhere_are_not_read(project: Path, secret: Path) -> None:
    (project / ".git/HEAD").write_bytes((secret / ".git/refs/heads/main").read_bytes())
    for name, content in {
        ".git/commondir": f"{secret}/.git\n",
        ".git/objects/info/alternates": f"{secret}/.git/objects\n",
    }.items():
        write(project, {name: content})
        assert report(project)["project"]["commit"] is None
        (project / name).unlink()
    fake = project / "fake/worktrees/x"
    write(
        fake, {"gitdir": ".git\n", "commondir": f"{secret}/.git\n", "HEAD": "ref: refs/heads/main"}
    )
    replaced(project, ".git").write_text(f"gitdir: {fake}\n", "utf-8")
    assert report(project)["project"]["commit"] is None


def test_links_and_pipes_among_the_objects_are_not_read(project: Path, secret: Path) -> None:
    objects = project / ".git/objects"
    head = (project / ".git/refs/heads/main").read_text("ascii").strip()
    file = replaced(project, f".git/objects/{head[:2]}/{head[2:]}")
    fifo(file)
    assert report(project)["project"]["commit"] is None
    file.unlink()
    shutil.rmtree(objects)
    objects.mkdir()
    (project / ".git/HEAD").write_bytes((secret / ".git/refs/heads/main").read_bytes())
    for folder in (secret / ".git/objects").iterdir():
        (objects / folder.name).symlink_to(folder)
    assert report(project)["project"]["commit"] is None


def test_a_tree_of_trees_of_itself_is_not_listed_to_its_end(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_git, "SECONDS", 2.0)

    def git(*arguments: str, text: str = "") -> str:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
        return subprocess.run(
            command, cwd=project, input=text, text=True, capture_output=True, check=True
        ).stdout.strip()

    entry = f"100644 blob {git('hash-object', '-w', '--stdin', text='x')}\t"
    tree = ""
    for _ in range(10):
        tree = git("mktree", text="".join(f"{entry}{n}\n" for n in range(10)))
        entry = f"040000 tree {tree}\t"
    git("update-ref", "refs/heads/main", git("commit-tree", tree, "-m", "x"))
    found = report(project)
    assert statuses(found)["ORG-01"] == "FAIL"
    assert found["project"]["dirty"]


def test_absurdly_deep_folders_are_left_alone(project: Path) -> None:
    here = Path.cwd()
    os.chdir(project)
    try:
        for _ in range(2_000):
            Path("d").mkdir()
            os.chdir("d")
    finally:
        os.chdir(here)
    report(project)
    subprocess.run(["rm", "-rf", str(project / "d")], check=True)


def test_a_hundred_thousand_files_are_not_too_many(project: Path) -> None:
    for number in range(100):
        folder = project / f"monitoring/{number}"
        folder.mkdir()
        for inner in range(1000):
            os.close(os.open(folder / f"{inner}.txt", os.O_CREAT | os.O_WRONLY))
    report(project)


def test_names_that_are_no_text_and_no_options_are_reported(project: Path) -> None:
    for name in (b"\xff\xfe.yaml", b"--help", b"a\nb.yaml", b"\x1b[31m.yaml", b":(top)x"):
        (Path(os.fsdecode(os.fsencode(project / "monitoring") + b"/" + name))).write_text(
            "groups: 1"
        )
    committed(project, "ada@plant.eu", "2026-11-03")
    report(project)


CANARY = "touch {}/canary"


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
        f"[{section}]\n" + "".join(f'\t{key} = "{command} ||"\n' for key in names)
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
        timeout=120,
    )
    assert done.returncode in range(5), done.stderr
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert "ERROR" not in statuses(json.loads(done.stdout)).values()
    assert list(canary.iterdir()) == []
    if traced:
        calls = log.read_text("utf-8", "replace")
        run = re.findall(r'execve\("([^"]+)".*= 0$', calls, re.MULTILINE)
        assert {Path(name).name for name in run} <= {Path(sys.executable).name, "git"}
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
