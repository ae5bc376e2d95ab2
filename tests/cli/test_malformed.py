"""Whatever is answered: a status of 1 or 2, one clear line, never a traceback, never a project."""

from __future__ import annotations

import io
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from poc2prod.__main__ import run
from poc2prod.questions import load, settable
from rendering import ROOT

QUESTIONS = load(ROOT)
TEXT = [name for name, q in settable(QUESTIONS).items() if q.type == "str" and not q.multiselect]
NUMBERS = [name for name, question in settable(QUESTIONS).items() if question.type == "float"]

# What a command line can hold: anything but NUL, and surrogates for bytes that are not UTF-8.
anything = st.text(
    st.characters(exclude_characters="\x00", exclude_categories=()).filter(
        lambda char: not "\ud800" <= char <= "\udc7f" and not "\udd00" <= char <= "\udfff"
    ),
    max_size=30,
)


def number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def bad_line(text: str) -> bool:
    return not text.strip() or text != text.strip() or not text.isprintable()


pairs = st.one_of(
    anything.filter(lambda text: "=" not in text),
    st.builds("{}={}".format, anything.filter(lambda key: key not in QUESTIONS), anything),
    st.builds(
        "{}={}".format, st.sampled_from([*(QUESTIONS.keys() - settable(QUESTIONS))]), anything
    ),
    st.builds("{}={}".format, st.sampled_from(NUMBERS), anything.filter(lambda t: not number(t))),
    st.builds("{}={}".format, st.sampled_from(NUMBERS), st.sampled_from(["nan", "inf", "-inf"])),
    st.builds("{}={}".format, st.sampled_from(TEXT), anything.filter(bad_line)),
    st.builds("{}={}".format, st.just("team"), st.text("x", min_size=61, max_size=5000)),
    st.builds("project_name={}".format, anything.filter(lambda text: not text.isascii())),
    st.builds("owner_email={}".format, anything.filter(lambda text: "@" not in text)),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), anything)
documents = st.one_of(
    st.binary().map(lambda content: b"latncy: " + content),
    st.binary().map(lambda content: content + b"\xff"),
    st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(scalars, inner))
    .filter(lambda value: value is not None and value != {})
    .map(lambda value: repr(value).encode("utf-8", "surrogatepass")),
    st.dictionaries(anything.filter(lambda key: key not in QUESTIONS), anything, min_size=1).map(
        lambda value: repr(value).encode("utf-8", "surrogatepass")
    ),
)


def outcome(template: Path, arguments: list[str]) -> tuple[int, str, bool]:
    """Return status, what was printed, and whether anything was left, of `poc2prod new`."""
    output = io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        destination = Path(folder, "out", "demo")
        command = ["new", str(destination), "--defaults", "--template", str(template), *arguments]
        with redirect_stdout(output), redirect_stderr(output):
            status = run(command)
        return status, output.getvalue(), any(Path(folder).iterdir())


def assert_refused(template: Path, arguments: list[str]) -> None:
    status, printed, left = outcome(template, arguments)
    assert status in {1, 2}, printed
    assert printed.startswith("Error: ")
    assert printed.count("\n") == 1
    assert printed.endswith("\n")
    assert "Traceback" not in printed
    assert "bug" not in printed
    assert len(printed) < 500
    assert not left


many = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@many
@given(pair=pairs)
def test_a_malformed_answer(template: Path, pair: str) -> None:
    assert_refused(template, [f"--data={pair}"])


@many
@given(content=documents)
def test_a_malformed_file(template: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        assert_refused(template, ["--answers", file.name])


@many
@given(name=anything)
def test_an_unknown_question(name: str) -> None:
    output = io.StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        status = run(["explain", "--", name])

    assert status in {0, 2}
    assert "Traceback" not in output.getvalue()


@pytest.mark.parametrize("answers", [{"team": "x"}, {"kpi_baseline": "6"}])
def test_the_harness_can_see_a_project(template: Path, answers: dict[str, str]) -> None:
    status, printed, left = outcome(template, [f"--data={k}={v}" for k, v in answers.items()])

    assert (status, left) == (0, True), printed
