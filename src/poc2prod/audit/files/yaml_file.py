"""YAML of a stranger: parsed at libyaml's speed, and bounded in what it can make of itself."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import yaml
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from poc2prod.audit.files.tree import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 2**20
"""Bytes; the largest that the template writes has a thirtieth of it."""

DEEPEST = 40
"""Levels of nesting, of which libyaml and Python use the stack."""

_RESOLVER: Any = Resolver()
_CONSTRUCTOR = SafeConstructor()


def mapping(path: str, text: str) -> dict[Any, Any]:
    """Return the mapping that `text` holds, an empty one where it holds nothing.

    Keys and values are what YAML 1.1 makes of plain words: `on` is True, 2026-12-01 a date.

    Raises:
        UnreadableError: it is no YAML or no mapping; has aliases, tags, merges or keys given twice;
            or is nested too deeply. The message names `path` and the line.
    """
    with _explained(path):
        document = _document(_harmless(text))
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
        for _ in _harmless(text):  # before anything is built from it
            pass
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


def _harmless(text: str) -> Iterator[yaml.Event]:
    """Yield what `text` consists of; stop at what could exhaust the memory or the stack."""
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
        yield event


def _document(events: Iterator[yaml.Event]) -> Any:
    """Return what `yaml.safe_load` would, which parses again and builds nodes before values."""
    documents = 0
    document = None
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _refusal("another document", event)
        elif isinstance(event, yaml.NodeEvent):
            document = _value(event, events)
    return document


def _value(event: yaml.Event, events: Iterator[yaml.Event]) -> Any:
    """Return the value that begins with `event`, and take the rest of it from `events`."""
    kind = type(event)
    if kind is yaml.ScalarEvent:
        return _scalar(event)
    if kind is yaml.SequenceStartEvent:
        items = []
        while type(item := next(events)) is not yaml.SequenceEndEvent:
            items.append(_value(item, events))
        return items
    values, seen = {}, set()
    while type(key := next(events)) is not yaml.MappingEndEvent:
        if type(key) is not yaml.ScalarEvent:
            raise _refusal("a key that is no word", key)
        if key.value in seen:
            raise _refusal(f"{key.value[:80]} is there twice", key)
        seen.add(key.value)
        values[_scalar(key)] = _value(next(events), events)
    return values


def _scalar(event: Any) -> Any:
    """Return what a word is by PyYAML's own rules: a text, if it does not look like more."""
    text: str = event.value
    if not event.implicit[0] or text[:1] not in Resolver.yaml_implicit_resolvers:
        return text
    tag = _RESOLVER.resolve(yaml.ScalarNode, text, event.implicit)
    node = yaml.ScalarNode(tag, text, event.start_mark)
    construct = SafeConstructor.yaml_constructors.get(tag, SafeConstructor.construct_undefined)
    return construct(_CONSTRUCTOR, node)


def _refusal(problem: str, event: yaml.Event) -> yaml.MarkedYAMLError:
    mark: Any = event.start_mark  # libyaml has its own
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark)
