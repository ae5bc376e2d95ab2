"""Where the audit finds the programs that it verifies with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from poc2prod.audit.outcome import Status
from poc2prod.audit.running import programs

if TYPE_CHECKING:
    from pathlib import Path

NAME = "betterleaks"


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[Path, Path]:
    """Our own environment's programs, and PATH, both empty."""
    own, path = tmp_path / "own", tmp_path / "path"
    for folder in (own, path):
        folder.mkdir()
    monkeypatch.setattr("sysconfig.get_path", {"scripts": str(own)}.get)
    monkeypatch.setenv("PATH", str(path))
    return own, path


def install(folder: Path) -> str:
    file = folder / NAME
    file.write_text("#!/bin/sh\n", encoding="utf-8")
    file.chmod(0o755)
    return str(file)


def test_a_program_beside_ours_comes_before_one_on_path(places: tuple[Path, Path]) -> None:
    own, path = places
    assert programs.found(NAME) is None
    on_path = install(path)
    assert programs.found(NAME) == on_path
    in_own = install(own)
    assert programs.found(NAME) == in_own


def test_a_missing_program_is_unknown_with_what_installs_it() -> None:
    outcome = programs.absent(NAME)
    assert outcome.status is Status.UNKNOWN
    assert outcome.message.endswith("pip install 'poc2prod[audit]'")
