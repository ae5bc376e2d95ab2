"""SEC-02: a scanner that finds what is planted finds nothing else, in all that git ever had."""

from __future__ import annotations

import hashlib
import random
from typing import TYPE_CHECKING

import pytest

from bundles import git
from planting import LETTERS, PLAIN, TOKEN, commit, only
from poc2prod.audit.outcome import Location, Status
from poc2prod.audit.probes.security import secrets
from poc2prod.audit.running import scanner
from poc2prod.new import create
from probing import outcome
from projects import ROOT
from small import write
from tools import require_tool

if TYPE_CHECKING:
    from pathlib import Path

VAGUE = "".join(random.Random(2).choices(LETTERS, k=32))


@pytest.fixture
def betterleaks(monkeypatch: pytest.MonkeyPatch) -> str:
    path = require_tool("betterleaks")
    only(monkeypatch, betterleaks=path)
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    commit(root, app__py="print(1)\n")
    return root


@pytest.mark.usefixtures("betterleaks")
def test_a_history_without_secrets_passes_and_says_that_no_image_was_seen(project: Path) -> None:
    found = outcome(project, "SEC-02")
    assert (found.status, found.examined) == (Status.PASS, 3), found.message
    assert "no image" in found.message


@pytest.mark.usefixtures("betterleaks")
def test_a_default_project_passes(tmp_path: Path) -> None:
    """No digest of its requirements or pins is taken for a secret."""
    root = tmp_path / "demo-model"
    create(root, defaults=True, source=str(ROOT), ref="HEAD")
    found = outcome(root, "SEC-02")
    assert found.status is Status.PASS, found.message
    assert found.examined > 100


@pytest.mark.usefixtures("betterleaks")
def test_the_digest_of_a_file_is_no_secret_and_other_digits_are(project: Path) -> None:
    code = "def key():\n    return 1\n"
    digest = hashlib.sha256(code.encode()).hexdigest()
    commit(project, keys__py=code, owned__yaml=f"  src/keys.py: {digest}\n")
    assert outcome(project, "SEC-02").status is Status.PASS
    digits = "".join(random.Random(4).choices("0123456789abcdef", k=64))
    commit(project, owned__yaml=f"  src/keys.py: {digits}\n")
    found = outcome(project, "SEC-02")
    assert found.status is Status.FAIL
    assert "owned.yaml:1 (generic-api-key)" in found.message


@pytest.mark.usefixtures("betterleaks")
def test_a_committed_secret_fails_with_its_place_and_never_its_text(project: Path) -> None:
    commit(project, app__py=f"a = 1\ntoken = '{TOKEN}'\n")
    found = outcome(project, "SEC-02")
    assert found.status is Status.FAIL
    assert "app.py:2 (github-pat)" in found.message
    assert found.locations == (Location("app.py", 2),)
    assert TOKEN not in repr(found)


@pytest.mark.usefixtures("betterleaks")
def test_a_secret_that_was_removed_is_found_with_the_commit_that_brought_it(project: Path) -> None:
    bad = commit(project, old__py=f"token = '{TOKEN}'\n")
    commit(project, old__py=None)
    commit(project, app__py="print(2)\n")
    found = outcome(project, "SEC-02")
    assert found.status is Status.FAIL
    assert f"old.py:1 (github-pat) since commit {bad[:12]}" in found.message


@pytest.mark.usefixtures("betterleaks")
def test_one_secret_in_many_versions_of_a_file_counts_once(project: Path) -> None:
    for number in range(3):
        commit(project, app__py=f"token = '{TOKEN}'\nprint({number})\n")
    assert outcome(project, "SEC-02").value == 1


@pytest.mark.usefixtures("betterleaks")
def test_a_file_that_is_about_to_be_committed_counts_and_an_ignored_one_does_not(
    project: Path,
) -> None:
    write(project, {".env": f"GITHUB_TOKEN={TOKEN}\n", "build/log.txt": TOKEN})
    assert outcome(project, "SEC-02").status is Status.PASS
    write(project, {"new.py": f"token = '{TOKEN}'\n"})
    found = outcome(project, "SEC-02")
    assert found.status is Status.FAIL
    assert found.locations == (Location("new.py", 1),)


@pytest.mark.usefixtures("betterleaks")
@pytest.mark.parametrize("name", [".env__example", "prod__env", ".env"])
@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("DB_PASSWORD=Tr0ub4dor&3\n", Status.FAIL),
        ("DB_PASSWORD=<password>\n", Status.PASS),
        ("DB_PASSWORD=changeme\n", Status.PASS),
        ("DB_PASSWORD=${DB_PASSWORD}\n", Status.PASS),
        ("DB_PASSWORD=\nDB_HOST=database\n", Status.PASS),
    ],
)
def test_examples_hold_no_values_that_look_live(
    project: Path, name: str, line: str, status: Status
) -> None:
    commit(project, **{name: line})
    found = outcome(project, "SEC-02")
    assert found.status is status, found.message


@pytest.mark.usefixtures("betterleaks")
def test_the_repository_cannot_silence_the_scanner(project: Path) -> None:
    allowed = f"token = '{TOKEN}'  # gitleaks:allow betterleaks:allow\n"
    silence = "[extend]\nuseDefault = false\n[allowlist]\npaths = ['.*']\nregexes = ['.*']\n"
    names = (".gitleaks__toml", ".betterleaks__toml", ".gitleaksignore", "gitleaks__toml")
    commit(project, app__py=allowed, **dict.fromkeys(names, silence))
    found = outcome(project, "SEC-02")
    assert found.status is Status.FAIL, found.message
    assert found.locations == (Location("app.py", 1),)


@pytest.mark.usefixtures("betterleaks")
def test_an_unlikely_one_fails_while_it_is_there_and_is_counted_after(project: Path) -> None:
    commit(project, app__py=f'api_key = "{VAGUE}"\n')
    assert outcome(project, "SEC-02").status is Status.FAIL
    commit(project, app__py="print(3)\n")
    found = outcome(project, "SEC-02")
    assert found.status is Status.PASS, found.message
    assert "1 unlikely ones in the past" in found.message


@pytest.mark.usefixtures("betterleaks")
def test_a_cut_history_is_unknown_and_says_how_to_get_all_of_it(
    project: Path, tmp_path: Path
) -> None:
    commit(project, app__py="print(2)\n")
    cut = tmp_path / "cut"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{project}", str(cut))
    found = outcome(cut, "SEC-02")
    assert found.status is Status.UNKNOWN
    assert "fetch-depth: 0" in found.message
    write(cut, {"new.py": f"token = '{TOKEN}'\n"})
    assert outcome(cut, "SEC-02").status is Status.FAIL


@pytest.mark.usefixtures("betterleaks")
def test_without_a_history_it_does_not_pass(tmp_path: Path) -> None:
    assert outcome(tmp_path / "bare", "SEC-02", PLAIN).status is Status.UNKNOWN
    assert outcome(tmp_path / "empty", "SEC-02").status is Status.MISSING
    leaking = {"a.py": f"token = '{TOKEN}'\n"}
    assert outcome(tmp_path / "leaking", "SEC-02", leaking).status is Status.FAIL


@pytest.mark.usefixtures("betterleaks")
def test_what_is_too_large_to_scan_is_unknown(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "LARGEST", 1000)
    commit(project, data__csv=b"1\n" * 1000)
    found = outcome(project, "SEC-02")
    assert found.status is Status.UNKNOWN
    assert "data.csv" in found.message


def test_without_a_scanner_it_is_unknown_and_says_what_installs_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch)
    found = outcome(project, "SEC-02")
    assert found.status is Status.UNKNOWN
    assert "pip install 'poc2prod[audit]'" in found.message


@pytest.mark.parametrize(
    "script",
    [
        "exit 0",
        "echo '[]' >\"$out\"",
        "echo 'no json' >\"$out\"",
        'echo \'{"scan": {"state": "complete"}, "findings": null}\' >"$out"',
        'echo \'{"scan": {"state": "cut"}, "findings": []}\' >"$out"',
        'echo \'{"scan": {"state": "complete"}, "findings": [3]}\' >"$out"',
    ],
)
def test_a_scanner_that_does_not_find_what_is_planted_is_an_error(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    blind = tmp_path / "betterleaks"
    blind.write_text(f"#!/bin/sh\nout=$3\n{script}\n", encoding="utf-8")
    blind.chmod(0o755)
    only(monkeypatch, betterleaks=str(blind))
    found = outcome(project, "SEC-02")
    assert found.status is Status.ERROR, found.message


def test_gitleaks_reports_are_read_too(tmp_path: Path) -> None:
    item = {"RuleID": "github-pat", "Secret": TOKEN, "File": f"{tmp_path}/3/a.py", "StartLine": 7}
    found = scanner._finding(item, tmp_path)
    assert found
    assert (found.number, found.line, found.rule, found.sure) == (3, 7, "github-pat", True)
    vague = scanner._finding({**item, "RuleID": "generic-api-key"}, tmp_path)
    assert vague
    assert not vague.sure


@pytest.mark.usefixtures("betterleaks")
def test_hostile_names_and_contents_are_scanned(project: Path) -> None:
    names = ["-x.py", "a\nb.py", "é\u202e.py", "x" * 250, ".git.py", "'; rm *", "a/.git.d/c"]
    write(project, {name: f"{n} = '{TOKEN}'\n" for n, name in enumerate(names)})
    write(project, {"a.bin": bytes(range(256)) * 100, "b.zip": b"PK\x03\x04" + b"\0" * 100})
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "Hostile")
    (project / "out.py").symlink_to("/etc/passwd")
    found = outcome(project, "SEC-02")
    assert (found.status, found.value) == (Status.FAIL, len(names)), found.message
    assert "\n" not in found.message
