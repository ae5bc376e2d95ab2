"""Copier's own settings file counts for `poc2prod new` as for `copier copy`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Run


@pytest.fixture
def settings(environment: dict[str, str]) -> Path:
    file = Path(environment["HOME"], "settings.yml")
    environment["COPIER_SETTINGS_PATH"] = str(file)
    return file


def test_the_users_own_defaults_are_taken(
    poc2prod: Run, settings: Path, template: Path, tmp_path: Path
) -> None:
    settings.write_text("defaults: {owner_email: ada@example.com}", encoding="utf-8")

    assert poc2prod("new", "demo", "--defaults", "--template", template).returncode == 0
    recorded = (tmp_path / "demo/.poc2prod/answers.yaml").read_text(encoding="utf-8")
    assert "owner_email: ada@example.com\n" in recorded


@pytest.mark.parametrize(
    ("content", "expected", "status"),
    [
        ("defaults: [", "Copier's settings file is wrong: Invalid YAML data: ", 1),
        ("defaults: 5", "Copier's settings file is wrong: Invalid format: defaults: ", 1),
        ("defaults: {team: ''}", "team can't keep its default, so pass -d team=VALUE: ", 2),
    ],
)
def test_wrong_settings_are_refused_in_a_line(
    poc2prod: Run, settings: Path, template: Path, content: str, expected: str, status: int
) -> None:
    settings.write_text(content, encoding="utf-8")

    result = poc2prod("new", "demo", "--defaults", "--template", template)

    assert result.returncode == status
    assert result.stderr.startswith(f"Error: {expected}")
    assert result.stderr.count("\n") == 1
