"""What becomes of every edit, by the command line and in a real repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from updating import TEXT, changed, edited

if TYPE_CHECKING:
    from updating import Case


def test_what_nobody_edited_is_as_the_new_release_has_it(case: Case) -> None:
    report = case.update()

    assert case.read("guide.md") == changed(2)
    assert case.read("new.md") == changed(2)
    assert case.read("added.md") == TEXT
    assert not case.exists("old.md")
    assert not case.exists("gone.md")
    assert "moved       old.md → new.md" in report
    assert "Two is better than one." in report
    assert "Read the guide." in report
    case.commit()
    assert case.update() == "pump-guard is up to date: poc2prod 2.0.0\n"
