from __future__ import annotations

import time

import pytest

from poc2prod.audit.files.codeowners import owning, parsed

PATHS = ("a.md", "docs/a.md", "docs/deep/a.md", "src/docs/a.py", "src/x.py", "my file")


@pytest.mark.parametrize(
    ("pattern", "fitting"),
    [
        ("*", PATHS),
        ("*.md", ("a.md", "docs/a.md", "docs/deep/a.md")),
        ("docs/", ("docs/a.md", "docs/deep/a.md", "src/docs/a.py")),
        ("docs", ("docs/a.md", "docs/deep/a.md", "src/docs/a.py")),
        ("/docs/", ("docs/a.md", "docs/deep/a.md")),
        ("/docs", ("docs/a.md", "docs/deep/a.md")),
        ("docs/*", ("docs/a.md",)),
        ("docs/**", ("docs/a.md", "docs/deep/a.md")),
        ("**/docs", ("docs/a.md", "docs/deep/a.md", "src/docs/a.py")),
        ("**/a.*", ("a.md", "docs/a.md", "docs/deep/a.md", "src/docs/a.py")),
        ("/src/**/*.py", ("src/docs/a.py", "src/x.py")),
        ("/*", ("a.md", "my file")),
        ("x.p?", ("src/x.py",)),
        ("my\\ file", ("my file",)),
        ("/a.md/", ()),
        ("d[o]cs/", ()),
        ("/", PATHS),
    ],
)
def test_a_pattern_fits_what_it_fits_for_github(pattern: str, fitting: tuple[str, ...]) -> None:
    entries = parsed(f"{pattern} @me")
    assert tuple(path for path in PATHS if owning(entries, path)) == fitting


def test_the_last_entry_that_fits_decides_even_if_it_names_nobody() -> None:
    entries = parsed("# all\n* @all\n/src/ @code b@plant.eu # both\n/src/docs/\n")
    assert owning(entries, "a.md") == ("@all",)
    assert owning(entries, "src/x.py") == ("@code", "b@plant.eu")
    assert owning(entries, "src/docs/a.py") == ()


def test_entries_of_a_gitlab_section_have_its_owners() -> None:
    entries = parsed("[Docs][2] @writers\ndocs/\nsrc/ @coders\n^[Rest]\n*.md\n")
    assert owning(entries, "docs/a.txt") == ("@writers",)
    assert owning(entries, "src/x.py") == ("@coders",)
    assert owning(entries, "a.md") == ()


def test_no_pattern_takes_long() -> None:
    entries = parsed("*a" * 100 + "b @x\n" + "/**/a" * 100 + "/b @x\n")
    started = time.process_time()
    assert owning(entries, "a" * 250) == ()
    assert owning(entries, "a/" * 1000 + "c") == ()
    assert time.process_time() - started < 1
