"""YAML of a stranger: parsed at libyaml's speed, and bounded in what it can make of itself."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from poc2prod.audit.files.tree import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 2**20
"""Bytes; the largest that the template writes has a thirtieth of it."""

DEEPEST = 40
"""Levels of nesting, of which libyaml and Python use the stack."""


def mapping(path: str, text: str) -> dict[Any, Any]:
    """Return the mapping that `text` holds, an empty one where it holds nothing.

    Keys and values are what YAML 1.1 makes of plain words: `on` is True, 2026-12-01 a date.

    Raises:
        UnreadableError: it is no YAML or no mapping; has aliases, tags or keys given twice; or is
            nested too deeply. The message names `path` and the line.
    """
    with _explained(path):
        _refuse_bombs(text)
        document = yaml.load(text, _loader())  # noqa: S506  # a SafeLoader
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise UnreadableError(f"{path} holds no mapping of keys to values")
    return document


def nodes(path: str, text: str) -> yaml.MappingNode | None:
    """Return the mapping in `text` with the lines of all, its words as they were written.

    Raises:
        UnreadableError: as `mapping`.
    """
    with _explained(path):
        _refuse_bombs(text)
        root = yaml.compose(text, getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    if root is None:
        return None
    if not isinstance(root, yaml.MappingNode):
        raise UnreadableError(f"{path} holds no mapping of keys to values")
    return root


@contextmanager
def _explained(path: str) -> Iterator[None]:
    """Turn what is wrong with a YAML into one line that names the file and the place."""
    try:
        yield
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        reason = f"{path}{line}: not usable YAML: {error.problem or error.context}"
        raise UnreadableError(reason) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # a NUL, 5,000 digits, a 31st June
        reason = " ".join(str(error).split())[:200]
        raise UnreadableError(f"{path}: not usable YAML: {reason}") from error


def _refuse_bombs(text: str) -> None:
    """Stop at what could exhaust the memory or the stack before anything is built from it."""
    depth = 0
    for event in yaml.parse(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        kind = type(event)
        if kind is yaml.AliasEvent:
            raise _refusal("an alias", event)
        if kind in (yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent):
            if event.tag is not None:  # type: ignore[attr-defined]
                raise _refusal("a tag", event)
            if kind is not yaml.ScalarEvent:
                depth += 1
        elif kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise _refusal("nested too deeply", event)


def _refusal(problem: str, event: yaml.Event) -> yaml.MarkedYAMLError:
    mark: Any = event.start_mark  # libyaml has its own
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


@cache
def _loader() -> Any:
    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    def construct_mapping(self: Any, node: yaml.MappingNode, deep: bool = False) -> Any:  # noqa: FBT001, FBT002  # PyYAML's
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.MarkedYAMLError(
                        problem=f"{key.value[:80]} is there twice", problem_mark=key.start_mark
                    )
                seen.add(key.value)
        return base.construct_mapping(self, node, deep)

    return type("Loader", (base,), {"construct_mapping": construct_mapping})
