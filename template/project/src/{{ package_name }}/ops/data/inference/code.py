# Managed by poc2prod; extend in what it writes, which is yours.
"""Writes Python as ruff would: literals that fit into a line, or one element a line."""

from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 100


def quoted(value: object) -> str:
    """A literal, with double quotes unless that needs more escapes."""
    written = repr(value)
    if isinstance(value, str) and written.startswith("'") and '"' not in written:
        return f'"{written[1:-1]}"'
    return written


def assigned(name: str, value: Any) -> str:
    """`name = value`, ending with a new line.

    A line that is too long all the same, because of one text, says that lint may leave it.
    """
    return "".join(f"{_waved(line)}\n" for line in _lines(f"{name} = ", value, "", 0))


def _lines(before: str, value: Any, after: str, depth: int) -> list[str]:
    indent = "    " * depth
    flat = f"{indent}{before}{_flat(value)}{after}"
    if len(flat) <= WIDTH or isinstance(value, str) or not isinstance(value, Sequence | Mapping):
        return [flat]
    if isinstance(value, Mapping):
        inner = [
            line
            for key, each in value.items()
            for line in _lines(f"{quoted(key)}: ", each, ",", depth + 1)
        ]
        return [f"{indent}{before}{{", *inner, f"{indent}}}{after}"]
    inner = [line for each in value for line in _lines("", each, ",", depth + 1)]
    return [f"{indent}{before}[", *inner, f"{indent}]{after}"]


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(k)}: {_flat(v)}" for k, v in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_flat, value)) + "]"
    return quoted(value)


def _waved(line: str) -> str:
    return f"{line}  # noqa: E501" if len(line) > WIDTH else line
