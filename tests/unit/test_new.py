from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from poc2prod.new import _move

if TYPE_CHECKING:
    import pytest


def test_the_repository_is_moved_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    staged = tmp_path / ".poc2prod-x" / "demo"
    for name in (".git", ".dockerignore", "README.md"):
        (staged / name).mkdir(parents=True)
    moved: list[str] = []
    rename = Path.rename

    def spy(path: Path, target: Path) -> Path:
        moved.append(path.name)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", spy)
    _move(staged, tmp_path)

    assert moved[-1] == ".git"
    assert {path.name for path in tmp_path.iterdir()} == {".poc2prod-x", *moved}
