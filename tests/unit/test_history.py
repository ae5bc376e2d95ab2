"""What this repository's own history, bundle and changelog say is one story."""

from __future__ import annotations

import re

import poc2prod
import release
from compare import unrecorded
from poc2prod import releases
from rendering import ROOT


def test_every_release_is_in_the_bundle_and_in_the_history() -> None:
    assert [entry.version for entry in releases.history()] == releases.versions()
    assert str(releases.versions()[-1]) == poc2prod.__version__


def test_what_has_changed_since_the_last_release_is_in_the_history() -> None:
    with releases.checkout(releases.versions()[-1]) as newest:
        lines = unrecorded(newest, ROOT, releases.upcoming())

    assert not lines, f"add to template/history.yaml:\n{lines}"


def test_the_changelog_has_every_release_with_its_history_as_update_notes() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]

    assert sections[0].startswith("[Unreleased]\n")
    for entry, section in zip(reversed(releases.history()), sections[1:], strict=True):
        assert section.startswith(f"[{entry.version}] - {entry.date}\n")
        _, heading, text = section.partition("### Update notes")
        assert (heading + re.split("^##", text, flags=re.MULTILINE)[0]).strip() == release.notes(
            entry.changes
        )


def test_a_release_holds_nothing_but_the_template() -> None:
    for version in releases.versions():
        with releases.checkout(version) as root:
            assert {path.name for path in root.iterdir()} == {".git", "copier.yml", "template"}
