"""Whose each generated file is: declared once, listed in the project, said in the file itself."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from copier._template import Template
from pathspec import GitIgnoreSpec

from ownership import MANIFEST, NAME, located, manifest, page, patterns, sources
from pairs import all_pairs, axes
from poc2prod import releases
from poc2prod.audit.files.tree import normalised
from poc2prod.effects import PROJECT, SUFFIX
from poc2prod.questions import load, settable
from rendering import ROOT, render, tree

if TYPE_CHECKING:
    from pathlib import Path

QUESTIONS = load(ROOT)
ROWS = all_pairs(axes(QUESTIONS))
ONCE: list[str] = QUESTIONS["yours_once"].default
WHERE_MISSING: list[str] = QUESTIONS["yours_where_missing"].default

OF_THE_OWNERS = {"project.mk", "conftest.py", ".ruff.toml", "compose.override.yaml"}
"""No project is born with them; tests/generated/test_extension_points.py makes use of them."""
MARKER = "# Yours: below.\n"
WITHOUT_HEADER = {
    r"\.github/python-version": "holds a version and nothing else",
    r"\.poc2prod/(answers|ownership)\.yaml": "poc2prod writes them; nobody adds to them",
    r"\.poc2prod/kpi-contract\.schema\.json": "JSON has no comments; its $comment says it",
    r"LICENSE": "a legal text",
    r"deploy/helm/values\.schema\.json": "JSON has no comments; its $comment says it",
    r"requirements/.*\.txt": "uv writes them, and names the command",
}


def declared(root: Path) -> Any:
    return yaml.safe_load((root / NAME).read_text(encoding="utf-8"))


def test_the_lists_of_files_are_current() -> None:
    for name, expected in ((NAME, page()), (MANIFEST, manifest())):
        written = (ROOT / PROJECT / f"{name}{SUFFIX}").read_text(encoding="utf-8")
        assert written == expected, "run make ownership"


@pytest.fixture(scope="module", params=ROWS, ids=str)
def project(
    request: pytest.FixtureRequest, template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    return render(template, tmp_path_factory.mktemp("row") / "demo-model", request.param)


def test_every_file_is_somebodys(project: Path) -> None:
    files, owned = tree(project), declared(project)

    yours = set(GitIgnoreSpec.from_lines(owned["yours"]).match_files(files))
    assert owned["managed"] == {
        path: hashlib.sha256(content).hexdigest()
        for path, content in files.items()
        if path not in yours and path != NAME
    }
    assert list(owned["managed"]) == sorted(owned["managed"])
    assert owned["written"] == {
        path: normalised(content.decode())
        for path, content in files.items()
        if path in yours and path != MANIFEST
    }
    assert json.loads(files[MANIFEST]) == owned["written"]


def test_white_space_is_the_same_for_the_template_and_for_the_audit() -> None:
    every = "".join(map(chr, [*range(0xD800), *range(0xE000, sys.maxunicode + 1)]))
    # What regex_replace of Copier's filters does.
    assert re.compile(r"\s+").sub("", every) == "".join(every.split())


def test_the_owners_are_recorded_nowhere_else(template: Path, tmp_path: Path) -> None:
    root = render(template, tmp_path / "demo-model")
    answers = yaml.safe_load((root / ".poc2prod/answers.yaml").read_text(encoding="utf-8"))

    assert not answers.keys() & {"yours_once", "yours_where_missing"}
    assert not settable(QUESTIONS).keys() & {"yours_once", "yours_where_missing"}


def test_copier_is_told_the_same(template: Path) -> None:
    read = Template(str(template))
    *excluded, last = read.exclude

    assert excluded == ONCE
    assert last.startswith("{% if _copier_operation != 'update' %}!*")
    assert list(read.skip_if_exists) == [*ONCE, *WHERE_MISSING] == patterns()


def test_what_updates_leave_out_is_in_every_project_since_the_first_release() -> None:
    with releases.checkout(releases.versions()[0]) as first:
        generated = [located(source) for source in sources(first)]
    for pattern in ONCE:
        spec = GitIgnoreSpec.from_lines([pattern])
        found = [conditions for path, conditions in generated if spec.match_file(path)]
        assert found, f"{pattern}: new since, so an update must bring it"
        assert not any(found), f"{pattern}: depends on an answer, so an update may have to bring it"


@pytest.mark.parametrize("pattern", patterns())
def test_a_pattern_is_anchored_and_in_use(pattern: str) -> None:
    # No Jinja: when owners deleted any file, Copier reads the patterns before its computed values.
    assert re.fullmatch(r"(/([\w.-]+|\*))+", pattern)
    spec = GitIgnoreSpec.from_lines([pattern])
    assert any(spec.match_file(located(source)[0]) for source in sources())


def test_a_managed_file_names_its_extension_point(project: Path) -> None:
    files, managed = tree(project), declared(project)["managed"]
    exempt = re.compile("|".join(WITHOUT_HEADER))
    owners = {path.rpartition("/")[2] for path in files.keys() - managed.keys()} | OF_THE_OWNERS
    for path, content in files.items():
        first = content.decode().partition("\n")[0]
        if path in managed and not exempt.fullmatch(path):
            header = r"# Managed by poc2prod; extend (in|with|below) [^;]*"
            assert re.fullmatch(rf"{header}|//{header[1:]}|<!--{header[1:]} -->", first), path
            named = re.findall(r"[\w.-]+\.(?:py|mk|toml|in|yaml)\b", first)
            assert {*named} - {path} <= owners, path
        elif path not in managed and path != NAME:
            assert "Managed" not in first, path


def test_a_place_for_the_owners_lines_is_at_the_very_end() -> None:
    for source in sources():
        text = (ROOT / PROJECT / source).read_bytes()
        below = b"extend below its last line" in text.partition(b"\n")[0]
        assert below == text.endswith(b"\n\n" + MARKER.encode()), source


def test_nobodys_exemption_is_forgotten() -> None:
    paths = {located(source)[0] for source in sources()}
    for pattern in WITHOUT_HEADER:
        assert any(re.fullmatch(pattern, path) for path in paths), pattern
