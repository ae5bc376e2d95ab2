# Managed by poc2prod; extend in data-contract.yaml.
"""Reads YAML, and says in which line a mistake is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ..errors import ProjectError

# Libyaml is ten times as fast, but what it says of mistakes is no help.
_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Place = Sequence[str | int]
"""Keys and indices from the document's root."""


@dataclass(frozen=True)
class Written:
    """A document as it was written."""

    path: Path
    data: dict[str, Any]
    root: yaml.Node

    def error(self, place: Place, message: str) -> ProjectError:
        """Locate what is wrong: by the line, by the keys that lead there, by the column's name.

        A step that leads nowhere is left out, unless it is the last: that may be missing.
        """
        node: yaml.Node | None = self.root
        value: Any = self.data
        line, said = 1, ""
        for number, step in enumerate(place):
            inner, at = _step(node, step)
            if inner is None and number < len(place) - 1:
                continue
            node, line = inner or node, at or line
            value = _inside(value, step)
            said += f"[{step}]" if isinstance(step, int) else f".{step}"
            name = value.get("name") if isinstance(value, dict) and isinstance(step, int) else None
            if isinstance(name, str) and number < len(place):
                said += f" ({' '.join(name.split())[:60]})"
        where = said.removeprefix(".").replace(").", "): ")
        return ProjectError(f"{self.path}:{line}: {where}{': ' if where else ''}{message}")


def read(path: Path) -> Written:
    """Read a YAML file that holds a mapping.

    Raises:
        ProjectError: it is missing, is not YAML (with the line), or holds something else.
    """
    try:
        root, document = _parsed(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ProjectError(f"{path} is not here: run this in the project's directory") from None
    except RecursionError:
        raise ProjectError(f"{path} is not valid YAML: nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:  # not UTF-8, no date, too long a number
        reason = " ".join(str(error).split())
        raise ProjectError(f"{path} is not valid YAML: {reason}") from None
    if not isinstance(document, dict) or root is None:
        raise ProjectError(f"{path} must hold a mapping of keys to values")
    written = Written(path, document, root)
    _refuse_twice(written)
    return written


def plain(message: str) -> str:
    """Say what pydantic says in the words of who writes YAML."""
    message = re.sub(r"a valid dictionary( or instance of \w+)?", "a mapping", message)
    return message.removeprefix("Value error, ").replace("Input should be", "must be")


def _parsed(text: str) -> tuple[yaml.Node | None, Any]:
    try:
        return yaml.compose(text, _FAST), yaml.load(text, _FAST)  # noqa: S506  # the safe loader
    except yaml.YAMLError:
        return yaml.compose(text, yaml.SafeLoader), yaml.safe_load(text)


def _refuse_twice(written: Written) -> None:
    """Refuse a key that is there twice, of which YAML would keep the last in silence."""
    waiting: list[yaml.Node] = [written.root]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:  # an alias
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            keys: set[str] = set()
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value in keys and key.value != "<<":
                    line = key.start_mark.line + 1
                    raise ProjectError(
                        f"{written.path}:{line}: {key.value} is there twice: keep one"
                    )
                keys.add(str(key.value))
                waiting.append(value)


def _step(node: yaml.Node | None, step: str | int) -> tuple[yaml.Node | None, int]:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item, item.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return value, key.start_mark.line + 1
    return None, 0


def _inside(value: Any, step: str | int) -> Any:
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None
