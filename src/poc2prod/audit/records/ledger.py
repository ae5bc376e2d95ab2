"""Lists that people keep in YAML: waivers and attestations, with the line of each entry.

All values are read as the words that were written: `on` stays a word, and 2026-02-31 is for the
reader to judge instead of a reason to read nothing.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import yaml

from poc2prod.audit.files import yaml_file
from poc2prod.audit.files.tree import UnreadableError
from poc2prod.audit.outcome import Location

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from poc2prod.audit.files.tree import Tree

MOST = 1000
"""Entries of a list; more than people can answer for."""

LONGEST = 2000
"""Characters of a value that are read."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NOBODY = ("@example.com", "@example.org")


class Entry(NamedTuple):
    """One entry.

    Attributes:
        place: where it begins.
        words: key → what was written, for keys that have one value.
        lists: key → what was written, for keys that have a list.
        faults: what is wrong with its form.
    """

    place: Location
    words: Mapping[str, str] = {}
    lists: Mapping[str, tuple[str, ...]] = {}
    faults: tuple[str, ...] = ()

    def lacks(self, required: Iterable[str], allowed: Iterable[str] = ()) -> list[str]:
        """Say which keys it lacks or should not have, besides the faults of its form."""
        required = list(required)
        found = list(self.faults)
        found += [f"{key} is missing" for key in required if not self.words.get(key, "").strip()]
        known = {*required, *allowed}
        found += [
            f"there is no key {key[:80]}" for key in (*self.words, *self.lists) if key not in known
        ]
        return found


def entries(tree: Tree, path: str, key: str) -> list[Entry] | None:
    """Return the entries of the list `key`; None where there is no such file.

    Raises:
        UnreadableError: it is no YAML, or holds no such list alone.
    """
    text = tree.text(path, yaml_file.LARGEST)
    if text is None:
        return None
    root = yaml_file.nodes(path, text)
    values = {str(name.value): value for name, value in root.value} if root else {}
    if key not in values:
        raise UnreadableError(f"{path} has no list {key}: write `{key}: []` where there are none")
    if extra := sorted(values.keys() - {key}):
        raise UnreadableError(f"{path} has a key {extra[0][:80]}: it holds {key} alone")
    listed = values[key]
    if isinstance(listed, yaml.ScalarNode) and not listed.value:
        return []
    if not isinstance(listed, yaml.SequenceNode):
        raise UnreadableError(f"{path}: {key} is no list")
    if len(listed.value) > MOST:
        raise UnreadableError(f"{path}: {key} has more than {MOST} entries")
    return [_entry(path, node) for node in listed.value]


def day(text: str) -> date | None:
    """Return the day that a text such as 2026-12-01 names; None if it names none."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text.strip()):
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def email(text: str) -> str | None:
    """Return an address as it is compared; None for what is none, or is nobody's."""
    address = text.strip().casefold()
    return address if _EMAIL.fullmatch(address) and not address.endswith(_NOBODY) else None


def _entry(path: str, node: yaml.Node) -> Entry:
    place = Location(path, node.start_mark.line + 1)
    if not isinstance(node, yaml.MappingNode):
        return Entry(place, faults=("it is no mapping of keys to values",))
    words: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    faults = []
    for key, value in node.value:
        name = _line(str(key.value))[:80]
        if name in words or name in lists:
            faults.append(f"{name} is there twice")
        elif isinstance(value, yaml.ScalarNode):
            words[name] = _line(value.value)
        elif isinstance(value, yaml.SequenceNode) and all(
            isinstance(item, yaml.ScalarNode) for item in value.value
        ):
            lists[name] = tuple(_line(item.value) for item in value.value)
        else:
            faults.append(f"{name} is neither a word nor a list of words")
    return Entry(place, words, lists, tuple(faults))


def _line(text: str) -> str:
    """Return what was written in one line that a terminal can be given."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[:LONGEST]).split())
