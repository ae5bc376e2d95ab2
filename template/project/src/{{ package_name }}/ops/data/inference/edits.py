# Managed by poc2prod; extend in settings.toml and model.py, which are yours.
"""Changes lines of the team's files and leaves all others, comments too, as they are."""

import re
import tomllib

from ...errors import ProjectError

_SHUFFLE = """
# The last rows of the table have other values of the target than the first, so rows are held out by
# chance. Take this out where the order means something; better, name an entity or a time in
# data-contract.yaml.
shuffle_rows = true
"""
_PUMPS = (168, 720)  # label horizons of the simulated table
_LEAF = re.compile(r"(?<=min_samples_leaf=)50(?=,)")


def settings(text: str, data: str, *, shuffle: bool) -> str:
    """Name another table in settings.toml.

    Args:
        text: the file.
        data: the table's path.
        shuffle: whether the rows' order must not decide which are held out.

    Raises:
        ProjectError: it names sources, or is no TOML.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProjectError(f"settings.toml: {error}") from None
    if "sources" in found:
        raise ProjectError(
            "settings.toml names sources, which are used instead of one table: take them out, or"
            " write data-contract.yaml with --output and compare"
        )
    lines = text.splitlines()
    value = '"' + data.replace("\\", "\\\\").replace('"', '\\"') + '"'
    lines = _set(lines, "data", value)
    if found.get("label_horizon_hours") in _PUMPS:
        lines = _drop(lines, "label_horizon_hours")
    if shuffle and not found.get("shuffle_rows"):
        lines = _after(lines, "data", _SHUFFLE.splitlines())
    elif not shuffle and "shuffle_rows" in found:
        lines = _drop(lines, "shuffle_rows")
    return "\n".join(lines).rstrip("\n") + "\n"


def model(text: str, rows: int) -> str:
    """Let the model's leaves be as small as a small table asks for."""
    leaf = max(5, rows // 40)
    return _LEAF.sub(str(leaf), text) if leaf < 50 else text


def _set(lines: list[str], key: str, value: str) -> list[str]:
    at = _find(lines, key)
    if at is None:
        return [f"{key} = {value}", *lines]
    comment = re.search(r"\s+#[^\"']*$", lines[at])
    return [*lines[:at], f"{key} = {value}{comment[0] if comment else ''}", *lines[at + 1 :]]


def _after(lines: list[str], key: str, added: list[str]) -> list[str]:
    at = _find(lines, key)
    assert at is not None  # noqa: S101 - it was just set
    return [*lines[: at + 1], *added, *lines[at + 1 :]]


def _drop(lines: list[str], key: str) -> list[str]:
    """Take a setting out, with the comment that stands right above it."""
    at = _find(lines, key)
    if at is None:
        return lines
    start = at
    while start and lines[start - 1].startswith("#"):
        start -= 1
    while start and not lines[start - 1].strip():
        start -= 1
    if start == 0:  # the comment at the top is the file's own
        start = at
    return lines[:start] + lines[at + 1 :]


def _find(lines: list[str], key: str) -> int | None:
    for number, line in enumerate(lines):
        if line.startswith("["):
            return None
        if re.match(rf"{key}\s*=", line):
            return number
    return None
