from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import release
from compare import unrecorded
from poc2prod import releases
from poc2prod.errors import CommandError
from poc2prod.releases import Changes, Version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOTHING = Changes(
    practices=[],
    manual=[],
    added=[],
    removed=[],
    renamed={},
    questions_added=[],
    questions_removed=[],
    questions_renamed={},
)
VERSION = Version(1, 2, 0)
NEWEST = releases.versions()[-1]


@pytest.fixture
def old() -> Iterator[Path]:
    with releases.checkout(NEWEST) as root:
        yield root


@pytest.fixture
def new() -> Iterator[Path]:
    """The newest release with a file that is new, one that is gone, one with another name; and so
    for questions."""
    with releases.checkout(NEWEST) as root:
        project = root / "template/project"
        (project / "{% if use_compose %}new{% endif %}.md.jinja").touch()
        (project / "ruff.toml").unlink()
        (project / "mypy.ini").rename(project / "src/{{ package_name }}/types.ini")
        questions = root / "template/questions/deployment.yml"
        text = questions.read_text("utf-8")
        for name, other in (("deployment", "platform"), ("ci", "region")):
            text, found = re.subn(f"^{name}:", f"{other}:", text, flags=re.MULTILINE)
            assert found == 1
        questions.write_text(text, "utf-8")
        yield root


RIGHT = NOTHING._replace(
    added=["new.md"],
    removed=["ruff.toml"],
    renamed={"mypy.ini": "src/<package_name>/types.ini"},
    questions_added=["region"],
    questions_removed=["ci"],
    questions_renamed={"deployment": "platform"},
)


def test_a_history_that_says_what_changed_is_right(old: Path, new: Path) -> None:
    assert unrecorded(old, new, RIGHT) == ""


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        ({"added": []}, "  added:  # or renamed\n    - new.md\n"),
        ({"removed": []}, "  removed:  # or renamed\n    - ruff.toml\n"),
        (
            {"renamed": {}},
            """\
  added:  # or renamed
    - src/<package_name>/types.ini
  removed:  # or renamed
    - mypy.ini
""",
        ),
        ({"added": ["new.md", "x"]}, "  added:  # or renamed\n    # not so: x\n"),
        ({"removed": ["ruff.toml", "pytest.ini"]}, "  removed:  # or renamed\n    # not so: pytes"),
        ({"questions_added": []}, "  questions.added:  # or renamed\n    - region\n"),
        ({"questions_removed": []}, "  questions.removed:  # or renamed\n    - ci\n"),
        ({"questions_renamed": {}}, "  questions.added:  # or renamed\n    - platform\n"),
    ],
)
def test_what_the_history_lacks_is_said(
    old: Path, new: Path, recorded: dict[str, Any], expected: str
) -> None:
    lines = unrecorded(old, new, RIGHT._replace(**recorded))

    assert lines.startswith(expected)


def test_without_a_next_entry_the_template_must_be_as_released(old: Path, new: Path) -> None:
    assert unrecorded(old, old, None) == ""
    assert unrecorded(old, new, None) == "- version: next\n"
    (old / "template/macros/names.jinja").write_text("", encoding="utf-8")
    with releases.checkout(NEWEST) as newest:
        assert unrecorded(newest, old, None) == "- version: next\n"


def test_the_history_keeps_its_layout_when_it_is_stamped() -> None:
    before = (
        "# A comment\n- version: 0.1.0\n  date: 2026-01-01\n\n- version: next  # soon\n  added: []"
    )

    assert release.stamped(before, VERSION, "2026-02-03") == (
        "# A comment\n- version: 0.1.0\n  date: 2026-01-01\n\n"
        "- version: 1.2.0\n  date: 2026-02-03\n  added: []"
    )


@pytest.mark.parametrize("text", ["[]", "- added: []\n  version: next", "- version: next\n" * 2])
def test_a_history_that_cannot_be_stamped_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match='no entry that starts with "- version: next"'):
        release.stamped(text, VERSION, "2026-02-03")


CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Tea.\n"


@pytest.mark.parametrize("rest", ["", "\n## [0.1.0] - 2026-01-01\n\n- All.\n"])
def test_what_is_unreleased_moves_and_gets_the_historys_notes(rest: str) -> None:
    changes = NOTHING._replace(practices=["Tea " * 40], manual=["Boil water."])
    first, second = (" ".join(["Tea"] * n) for n in (29, 11))

    assert release.moved(CHANGELOG + rest, VERSION, "2026-02-03", changes) == (
        "# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-02-03\n\n### Added\n\n- Tea.\n\n"
        "### Update notes\n\nNew practices:\n\n"
        f"- {first}\n  {second}\n\nBy hand:\n\n- Boil water.\n{rest}"
    )


def test_an_owner_who_need_know_nothing_is_told_nothing() -> None:
    assert "Update notes" not in release.moved(CHANGELOG, VERSION, "2026-02-03", NOTHING)


@pytest.mark.parametrize(
    "text", ["", "## [Unreleased]\n\n## [0.1.0]\n\n- x", "## [Unreleased]\n\n### Added\n\n"]
)
def test_a_changelog_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match=r'CHANGELOG\.md says nothing under "## \[Unreleased\]"'):
        release.moved(text, VERSION, "2026-02-03", NOTHING)


def test_files_are_written_all_or_none(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"old")

    with pytest.raises(FileNotFoundError):
        release.write({one: b"new", two: b"new", tmp_path / "no" / "folder": b"new"})

    assert one.read_bytes() == b"old"
    assert not two.exists()

    release.write({one: b"new", two: b"new"})
    assert (one.read_bytes(), two.read_bytes()) == (b"new", b"new")
