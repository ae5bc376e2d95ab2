from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from bundles import make_bundle
from poc2prod import git, releases
from poc2prod.errors import CommandError
from poc2prod.releases import Version

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three releases, the newest of which was tagged first."""
    file = make_bundle(tmp_path / "some.bundle", "v0.10.0", "v0.9.0", "v0.9.1", "nightly")
    monkeypatch.setattr(releases, "BUNDLE", file)
    return file


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "history.yaml"
    monkeypatch.setattr(releases, "HISTORY", file)
    return file


@pytest.mark.parametrize("text", ["0.10.2", "v0.10.2"])
def test_a_version_is_parsed(text: str) -> None:
    version = Version.parse(text)

    assert version == Version(0, 10, 2)
    assert (str(version), f"{version}", version.tag) == ("0.10.2", "0.10.2", "v0.10.2")
    assert Version(0, 9, 9) < version < Version(1, 0, 0)


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.2", "1.2.3.4", "1.2.3rc1", "V1.2.3", "01.2.3", "-1.2.3", "1.2.3\n", "1.2.³"],
)
def test_anything_else_is_no_version(text: str) -> None:
    assert Version.parse(text) is None


def test_versions_are_read_without_git(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bundle.exists()
    monkeypatch.setenv("PATH", "")

    assert list(map(str, releases.versions())) == ["0.9.0", "0.9.1", "0.10.0"]


def test_the_header_says_what_git_says() -> None:
    listed = git.git("bundle", "list-heads", str(releases.BUNDLE)).splitlines()
    tags = {line.partition("refs/tags/")[2] for line in listed} - {""}

    assert {version.tag for version in releases.versions()} == tags


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"# v2 git bundle\n",
        b"# v2 git bundle\n\nPACK",
        b"# v2 git bundle\n" + b"0" * 40 + b" refs/tags/nightly\n\nPACK",
        b"# v2 git bundle\n" + b"0" * 40 + b" refs/tags/v1.0.0\n",
        b"# v2 git bundle\n" + b"0" * 40 + b" refs/tags/v1.0.0\n\n<html>",
        b"# v2 git bundle\nnonsense refs/tags/v1.0.0\n\nPACK",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n\n",
        b"\xff\n\n",
    ],
)
def test_a_bundle_that_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    file = tmp_path / "no.bundle"
    monkeypatch.setattr(releases, "BUNDLE", file)
    if content is not None:
        file.write_bytes(content)

    for read in (releases.versions, lambda: releases.unbundled().__enter__()):
        with pytest.raises(CommandError, match=r"no\.bundle: .*; reinstall poc2prod$") as caught:
            read()
        assert "\n" not in str(caught.value)


def test_a_damaged_bundle_is_refused(bundle: Path) -> None:
    content = bytearray(bundle.read_bytes())
    content[-30] ^= 0xFF
    bundle.write_bytes(content)

    assert len(releases.versions()) == 3
    with (
        pytest.raises(CommandError, match=r"can't read the releases in .*; reinstall") as caught,
        releases.unbundled(),
    ):
        pass
    assert "\n" not in str(caught.value)


def test_it_is_unbundled_with_all_tags_and_removed(bundle: Path) -> None:
    assert bundle.exists()
    with releases.unbundled() as repository:
        assert git.git("tag", cwd=repository).split() == ["nightly", "v0.10.0", "v0.9.0", "v0.9.1"]
        assert git.git("rev-parse", "--is-bare-repository", cwd=repository) == "true"
        assert git.git("symbolic-ref", "HEAD", cwd=repository) == "refs/heads/main"
    assert not repository.exists()


def test_a_release_is_checked_out_under_its_name(bundle: Path) -> None:
    assert bundle.exists()
    with releases.checkout(Version(0, 9, 0)) as root:
        assert (root / "copier.yml").read_text(encoding="utf-8") == "tag: v0.9.0\n"
        assert git.git("describe", "--tags", cwd=root) == "v0.9.0"
    assert not root.exists()


def test_anybody_can_clone_it(tmp_path: Path) -> None:
    subprocess.run(
        ["git", "clone", "-q", str(releases.BUNDLE), str(tmp_path / "clone")], check=True
    )

    assert (tmp_path / "clone/copier.yml").is_file()


HISTORY = """\
- version: 0.9.0
  date: 2026-01-31
  practices: [no, 1.10]
- version: 0.10.0
  date: 2026-02-01
  renamed: {a.py: src/<package_name>/b.py}
  questions: {added: [ci], removed: [cd], renamed: {speed: latency}}
"""


def test_the_history_is_read_as_text(history: Path) -> None:
    history.write_text(HISTORY, encoding="utf-8")
    old, new = releases.history()

    assert (old.version, old.date) == (Version(0, 9, 0), "2026-01-31")
    assert old.changes.practices == ["no", "1.10"]
    assert (new.changes.manual, new.changes.added, new.changes.removed) == ([], [], [])
    assert new.changes.renamed == {"a.py": "src/<package_name>/b.py"}
    assert new.changes.questions_added == ["ci"]
    assert new.changes.questions_removed == ["cd"]
    assert new.changes.questions_renamed == {"speed": "latency"}
    assert releases.upcoming() is None


def test_what_comes_next_is_no_release_yet(history: Path) -> None:
    history.write_text(HISTORY + "- version: next\n  manual: [Drink tea.]\n", encoding="utf-8")

    assert [str(release.version) for release in releases.history()] == ["0.9.0", "0.10.0"]
    changes = releases.upcoming()
    assert changes
    assert changes.manual == ["Drink tea."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "can't read .*history.yaml: .*No such file"),
        ("- [", "can't read .*history.yaml: .*"),
        ("a: b", "history.yaml: expected a list of releases"),
        ("- 0.1.0", "entry 1: expected KEY: VALUE lines"),
        ("- date: 2026-01-01", "entry 1: version: expected one such as 0.2.0"),
        ("- {version: [0.1.0], date: 2026-01-01}", "entry .*: version: expected one"),
        ("- {version: 0.1, date: 2026-01-01}", "entry 0.1: version: expected one such as 0.2.0"),
        ("- {version: next, date: 2026-01-01}", "entry next: version: .* which has no date"),
        ("- version: 0.1.0", "entry 0.1.0: date: expected YYYY-MM-DD"),
        ("- {version: 0.1.0, date: tomorrow}", "entry 0.1.0: date: expected YYYY-MM-DD"),
        ("- {version: 0.1.0, date: 2026-13-01}", "entry 0.1.0: month must be in 1..12"),
        (HISTORY + "  manuel: []", "entry 0.10.0: unknown key manuel"),
        (HISTORY + "  manual: tea", "entry 0.10.0: manual: expected a list of lines"),
        (HISTORY + "  manual:", "entry 0.10.0: manual: expected a list of lines"),
        (HISTORY + "  manual: {a: b}", "entry 0.10.0: manual: expected a list of lines"),
        (HISTORY + "  added: [[a]]", "entry 0.10.0: added: expected a list of lines"),
        (HISTORY + "  added: ['']", "entry 0.10.0: added: expected a list of lines"),
        (HISTORY + "  renamed: [a]", "entry 0.10.0: renamed: expected OLD: NEW lines"),
        (HISTORY + "  renamed: {a: [b]}", "entry 0.10.0: renamed: expected OLD: NEW lines"),
        (HISTORY.replace("{added: [ci]", "{add: [ci]"), "entry 0.10.0: unknown key questions.add"),
        (HISTORY + "  questions: []", "entry 0.10.0: questions: expected KEY: VALUE lines"),
        (HISTORY + HISTORY, "entry 0.9.0: it must be newer than 0.10.0 before it"),
        ("- version: next\n" + HISTORY, 'entry 0.9.0: "next" must come last'),
        ("- version: next\n- version: next", 'entry next: "next" must come last'),
    ],
)
def test_a_malformed_history_is_one_line_that_names_the_entry(
    history: Path, text: str | None, expected: str
) -> None:
    if text is not None:
        history.write_text(text, encoding="utf-8")

    for read in (releases.history, releases.upcoming):
        with pytest.raises(CommandError, match=expected) as caught:
            read()
        assert "\n" not in str(caught.value)


def test_an_empty_list_is_a_history(history: Path) -> None:
    history.write_text("[]", encoding="utf-8")

    assert releases.history() == []
    assert releases.upcoming() is None
