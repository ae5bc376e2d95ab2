"""Patterns mean what they mean to git, whoever reads them."""

from __future__ import annotations

from itertools import product

import pytest
from pathspec import GitIgnoreSpec

from poc2prod.audit.catalogue import load
from poc2prod.audit.files import patterns

STEPS = ("a", "b.yaml", "*", "*.yaml", "a*", "**", "?", "[ab]", "a**")
PATHS = [
    "/".join(names) for n in (1, 2, 3, 4) for names in product(("a", "ab", "b.yaml"), repeat=n)
]


@pytest.mark.parametrize("steps", [1, 2, 3])
@pytest.mark.parametrize(("start", "end"), [("", ""), ("/", ""), ("", "/"), ("/", "/")])
def test_a_pattern_selects_what_pathspec_selects(start: str, end: str, steps: int) -> None:
    for chosen in product(STEPS, repeat=steps):
        pattern = f"{start}{'/'.join(chosen)}{end}"
        wanted = sorted(GitIgnoreSpec.from_lines([pattern]).match_files(PATHS))
        assert patterns.select([pattern], PATHS) == wanted, pattern


@pytest.mark.parametrize(
    "chosen", [["a"], ["a", "/b.yaml"], ["*.yaml", "!b.yaml"], ["#a", "a b", ""], ["/a/", "?b"], []]
)
def test_several_patterns_select_what_pathspec_selects(chosen: list[str]) -> None:
    wanted = sorted(GitIgnoreSpec.from_lines(chosen).match_files(PATHS))
    assert patterns.select(chosen, PATHS) == wanted


def test_most_patterns_of_the_catalogue_need_no_pathspec() -> None:
    used = {each for check in load().checks.values() for each in (*check.paths, *check.documents)}
    known = {each for each in used if patterns._regex(each)}
    assert len(known) > len(used) / 2
