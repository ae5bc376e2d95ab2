"""What holds for every command: help, exit status, one clear line instead of a traceback."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import poc2prod as package
from poc2prod import __main__ as entry
from poc2prod.explain import explanation, listing
from poc2prod.template import opened
from rendering import ROOT

if TYPE_CHECKING:
    from types import ModuleType

    from conftest import Run

STATUS = "Exit status: 0 done, 1 failed, 2 wrong usage or a wrong answer, 130 interrupted."


@pytest.mark.parametrize("command", [(), ("new",), ("explain",)])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_says_what_the_exit_status_means(
    poc2prod: Run, command: tuple[str, ...], option: str
) -> None:
    result = poc2prod(*command, option)

    assert result.returncode == 0
    assert STATUS in " ".join(result.stdout.split())
    assert "\x1b" not in result.stdout


def test_without_a_command_the_help_is_printed(poc2prod: Run) -> None:
    result = poc2prod()

    assert result.returncode == 2
    assert "explain" in result.stdout + result.stderr


def test_the_version_is_the_packages(poc2prod: Run) -> None:
    from importlib.metadata import version

    assert poc2prod("--version").stdout == f"poc2prod {package.__version__}\n"
    assert version("poc2prod") == package.__version__


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nwe"], "No such command 'nwe'. Did you mean 'new'?"),
        (["new"], "Missing argument 'DEST'."),
        (
            ["new", "x", "--default"],
            "No such option: --default (Possible options: --data, --defaults)",
        ),
        (["new", "x", "y"], "Got unexpected extra argument"),
        (["new", "x", "-d"], "Option '-d' requires an argument."),
        (["explain", "latncy"], 'no question or check "latncy"; did you mean latency?'),
        (["explain", "KPI-1"], 'no question or check "KPI-1"; did you mean KPI-01?'),
        (["explain", "zzz"], 'no question or check "zzz": "audit --list" lists the checks; quest'),
    ],
)
def test_wrong_usage_is_status_2_and_says_what_is_right(
    poc2prod: Run, arguments: list[str], expected: str
) -> None:
    result = poc2prod(*arguments)

    assert result.returncode == 2
    assert expected in result.stderr
    assert "Traceback" not in result.stderr


def test_explain_prints_what_new_would_ask(poc2prod: Run) -> None:
    with opened() as newest:
        assert poc2prod("explain", "latency").stdout == (explanation(newest.root, "latency") + "\n")
        assert poc2prod("explain").stdout == listing(newest.root) + "\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("poc2prod explain kpi_t", ["kpi_target"]),
        ("poc2prod explain KPI-01", ["KPI-01"]),
        ("poc2prod new x -d lat", ["latency="]),
    ],
)
def test_the_shell_completes_questions_and_checks(
    poc2prod: Run, words: str, expected: list[str]
) -> None:
    count = len(words.split()) - 1
    variables = {
        "COMP_WORDS": words,
        "COMP_CWORD": str(count),
        "_POC2PROD_COMPLETE": "complete_bash",
    }

    assert poc2prod(env=variables).stdout.split() == expected


@pytest.mark.parametrize("arguments", [["--help"], ["explain"], ["explain", "latency"]])
def test_a_reader_that_leaves_is_no_error(
    environment: dict[str, str], arguments: list[str]
) -> None:
    command = [sys.executable, "-m", "poc2prod", *arguments]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_cannot_be_written_is_an_error(environment: dict[str, str]) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        result = subprocess.run(
            [sys.executable, "-m", "poc2prod", "explain", "latency"],
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert result.returncode != 0
    assert "No space left on device" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_bug_is_one_line_and_a_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("first line\nsecond line")

    monkeypatch.setattr("poc2prod.explain.explanation", broken)

    assert entry.run(["explain", "latency"]) == 1

    message = capsys.readouterr().err
    match = re.fullmatch(
        r"Error: this is a bug in poc2prod: ZeroDivisionError: first line second line\. "
        r"Details for a report: (.*)\n",
        message,
    )
    assert match
    log = Path(match[1])
    assert "Traceback" in log.read_text(encoding="utf-8")
    assert "['explain', 'latency']" in log.read_text(encoding="utf-8")
    log.unlink()


@pytest.mark.parametrize("how", ["option", "variable"])
def test_debugging_shows_the_traceback(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.setenv("POC2PROD_DEBUG", "1" if how == "variable" else "0")
    arguments = ["--debug"] if how == "option" else []

    with pytest.raises(Exception, match="there is no question or check"):
        entry.run([*arguments, "explain", "zzz"])


def test_help_imports_nothing_that_it_does_not_need(environment: dict[str, str]) -> None:
    script = """
import json, sys
from poc2prod.__main__ import run
run(["--help"])
print(json.dumps([name for name in sys.modules if "." not in name]))
"""
    output = subprocess.check_output([sys.executable, "-c", script], env=environment, text=True)

    loaded = set(json.loads(output.splitlines()[-1]))
    assert not loaded & {"copier", "rich", "jinja2", "yaml", "pydantic", "plumbum", "questionary"}


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("startup", ROOT / "benchmarks" / "startup.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_help_costs_at_most_half_of_copiers(benchmark: ModuleType) -> None:
    measured = benchmark.medians(repetitions=3)

    assert measured["poc2prod"] <= measured["copier"] / 2
