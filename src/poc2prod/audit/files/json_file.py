"""JSON of a stranger: no key twice, and nothing that JSON does not know."""

from __future__ import annotations

import json
from typing import Any

from poc2prod.audit.files.tree import UnreadableError


def parse(path: str, text: str) -> Any:
    """Return what a JSON text says.

    Raises:
        UnreadableError: it is no JSON; names `path`.
    """
    try:
        return json.loads(text, parse_constant=_refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UnreadableError(f"{path} is not usable JSON: {reason}") from error


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found
