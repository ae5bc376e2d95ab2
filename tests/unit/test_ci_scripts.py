"""The scripts are sound, executable, report what failed, and name nothing of one machine."""

import os
import re
import subprocess
from pathlib import Path

from tools import ROOT, require_tool

# A registry's address or a path that only one machine has. Written so as not to find themselves.
PRIVATE = re.compile(
    r"https?://[r]egistry\.|https?://[^ \"]+/(?:simple(?:/|\"|$)|packages/[0-9a-f]{2}/)"
    r"|(?<![a-z.])/[w]ork/|/[r]oot/",
    re.MULTILINE,
)


def tracked_files() -> list[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [file for name in names.split("\0")[:-1] if (file := ROOT / name).is_file()]


def shell_scripts() -> list[Path]:
    """What is run or sourced as shell; templates of scripts are checked where they are rendered."""
    return [
        file
        for file in tracked_files()
        if file.suffix == ".sh" or re.match(rb"#!.*\b(?:ba)?sh\n", file.read_bytes()[:100])
    ]


def test_shell_scripts_pass_shellcheck() -> None:
    command = [require_tool("shellcheck"), "--external-sources", *map(str, shell_scripts())]
    result = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_scripts_with_a_shebang_are_executable() -> None:
    scripts = [file for file in tracked_files() if file.read_bytes()[:2] == b"#!"]
    assert scripts
    assert [file for file in scripts if not os.access(file, os.X_OK)] == []


def test_a_failed_step_is_named_with_the_end_of_its_log_and_its_status(tmp_path: Path) -> None:
    script = f"""
        source {ROOT}/.ci/lib.sh
        begin good echo fine
        begin bad bash -c 'echo the reason >&2; exit 7'
        finish good
        finish bad
        echo not reached
    """
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 7
    assert result.stdout.split() == ["good", "0", "s"]
    assert "FAILED: bad (status 7)" in result.stderr
    assert "the reason" in result.stderr


def test_no_file_names_a_registry_host_or_a_path_of_one_machine() -> None:
    texts = {file: file.read_text(errors="replace") for file in tracked_files()}
    assert {file: found[0] for file, text in texts.items() if (found := PRIVATE.search(text))} == {}
