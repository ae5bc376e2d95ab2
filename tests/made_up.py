"""Releases that never were: what templates do to files, in little."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundles import extended

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bundles import Bundle

FIRST, SECOND = "900.0.0", "901.0.0"

OPS = "src/{{ package_name }}/ops"
CHANGED = ("pytest.ini", f"{OPS}/rows.py", f"{OPS}/table.py", "tests/ops/test_rows.py")
"""By the first release, as all here is but what says otherwise."""
RENAMED = {
    f"{OPS}/splits.py": f"{OPS}/parts.py",
    "tests/ops/test_splits.py": "tests/ops/test_parts.py",
}
REMOVED = f"{OPS}/console.py"

CHANGED_AGAIN = ("pytest.ini", f"{OPS}/rows.py", f"{OPS}/parts.py")
RENAMED_AGAIN = {f"{OPS}/parts.py": f"{OPS}/pieces.py"}
REMOVED_LATER = "tests/ops/test_table.py"
ADDED_LATER = (f"{OPS}/extra.py", f"{OPS}/more/extra.py")

_LINES = "".join(f"# extra, line {number}\n" for number in range(1, 9))


def plain(into: Path) -> Bundle:
    """Return the releases with one more, which changes files and adds one."""

    def change(template: Path) -> None:
        for path in CHANGED:
            _change(template, path, FIRST)
        _write(template, ADDED_LATER[0], _LINES)

    return extended(into, FIRST, change)


def two(into: Path) -> Bundle:
    """Return the releases with two more, which change, rename, remove and add files."""
    homes = [into / FIRST, into / SECOND]
    for home in homes:
        home.mkdir()
    return extended(homes[1], SECOND, _second, extended(homes[0], FIRST, _first))


def generated(path: str, package: str) -> str:
    """Return where a file of the template is in a project."""
    return path.replace("{{ package_name }}", package)


def _first(template: Path) -> None:
    for path in (*CHANGED, *RENAMED):
        _change(template, path, FIRST)
    _rename(template, RENAMED)
    (template / "template/project" / REMOVED).unlink()
    _declare(template, RENAMED)


def _second(template: Path) -> None:
    for path in CHANGED_AGAIN:
        _change(template, path, SECOND)
    _rename(template, RENAMED_AGAIN)
    (template / "template/project" / REMOVED_LATER).unlink()
    for path in ADDED_LATER:
        _write(template, path, _LINES)
    _declare(template, RENAMED_AGAIN)


def _change(template: Path, path: str, mark: str) -> None:
    """Replace a line near the start, insert one, delete one, and add one at the end."""
    file = template / "template/project" / path
    lines = file.read_text("utf-8").splitlines()
    lines[1] = f"# {mark} replaced this"
    lines.insert(len(lines) // 2, f"# {mark} inserted this")
    del lines[len(lines) * 3 // 4]
    file.write_text("\n".join([*lines, f"# {mark} added this", ""]), encoding="utf-8")


def _rename(template: Path, names: Mapping[str, str]) -> None:
    for old, new in names.items():
        (template / "template/project" / old).rename(template / "template/project" / new)


def _write(template: Path, path: str, text: str) -> None:
    file = template / "template/project" / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _declare(template: Path, renamed: Mapping[str, str]) -> None:
    """Put renames into the history's next entry."""
    history = template / "template/history.yaml"
    before = history.read_text("utf-8").partition("- version: next")[0]
    lines = [f"    {_named(old)}: {_named(new)}\n" for old, new in renamed.items()]
    history.write_text(f"{before}- version: next\n  renamed:\n{''.join(lines)}", encoding="utf-8")


def _named(path: str) -> str:
    return generated(path, "<package_name>")
