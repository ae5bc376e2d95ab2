# Managed by poc2prod; extend in kpi-contract.yaml.
"""Reads a contract's YAML as plain values, and remembers in which line each is."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ..errors import ProjectError
from .findings import ContractError, Finding, Place

UNKNOWN = "unknown"
"""Stands for what only people know; the contract is incomplete until they write it."""

PLACEHOLDER = "@example.com"
"""Ends the address of nobody."""

LARGEST = 64 * 1024
DEEPEST = 12


class _Loader(yaml.SafeLoader):
    """Takes plain words for what YAML 1.2, JSON and editors do: 1e9 is a number, a date is text."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  # declared so by PyYAML


class _Fast(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The same by libyaml, ten times as fast; what it says of mistakes is no help."""

    yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers


for _tag, _pattern in {
    "null": r"~|null|",
    "bool": r"true|false",
    "int": r"[-+]?(0|[1-9]\d*)",
    "float": r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?|[-+]?\.inf|\.nan",
}.items():
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$", re.ASCII), None
    )


class Document(NamedTuple):
    """A contract as it was written."""

    file: Path
    data: dict[str, Any]
    root: yaml.Node

    @property
    def digest(self) -> str:
        """SHA-256 of what was written, whatever its layout and comments, without the approvals."""
        said = {key: value for key, value in self.data.items() if key != "approvals"}
        text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def finding(self, place: Place, message: str, fix: str, kind: Any = "error") -> Finding:
        """Locate a finding; what is not there has the line of what it should be in.

        A step that leads nowhere is left out, as pydantic names the variants of a union among them.
        """
        node, line, kept = self.root, 1, []
        for number, step in enumerate(place):
            inner, at = _step(node, step)
            if inner is not None:
                node, line = inner, at
            elif number < len(place) - 1:
                continue
            kept.append(step)
        return Finding(self.file, line, tuple(kept), message, fix, kind)


def read(file: Path) -> Document:
    """Read a contract without judging what it says.

    Raises:
        ContractError: it is missing, too large, not UTF-8, not YAML, or has what no contract
            needs: aliases, tags, keys given twice, many levels.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except FileNotFoundError:
        raise ProjectError(f"{file} is not here: run this in the project's directory") from None
    return parse(file, content)


def parse(file: Path, content: bytes) -> Document:
    """Take what was read of a file, or what it once held, for a contract.

    Raises:
        ContractError: as `read`.
    """
    text = _text(file, content)
    try:
        return _parsed(file, text, _Fast)
    except (yaml.YAMLError, ValueError):
        return _explained(file, text)


def _explained(file: Path, text: str) -> Document:
    """Parse again, to say what is wrong."""
    try:
        return _parsed(file, text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line if mark else 0
        tab = "\t" in (text.splitlines()[line : line + 1] or [""])[0]
        fix = "indent with spaces, not with tabs" if tab else error.note or "mend this line"
        reason = f"not valid YAML: {error.problem or error.context}"
        raise ContractError(Finding(file, line + 1, (), reason, fix)) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        finding = Finding(file, line, (), "not valid YAML: a control character", "delete it")
        raise ContractError(finding) from None
    except ValueError as error:  # a number of 5,000 digits
        raise ContractError(Finding(file, 1, (), f"not valid YAML: {error}", "mend it")) from None


def _parsed(file: Path, text: str, kind: Any) -> Document:
    _refuse_bombs(yaml.parse(text, kind))
    loader = kind(text)
    root = loader.get_single_node()
    if not isinstance(root, yaml.MappingNode):
        what = "is empty" if root is None else "holds no mapping of keys to values"
        raise ContractError(Finding(file, 1, (), what, "restore it with git"))
    return Document(file, _plain(loader, root), root)


def _text(file: Path, content: bytes) -> str:
    if len(content) > LARGEST:
        finding = Finding(
            file, 1, (), f"larger than {LARGEST:,} bytes", "a contract is far shorter"
        )
        raise ContractError(finding)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ContractError(Finding(file, line, (), "not UTF-8 text", "save it as UTF-8")) from None


def _refuse_bombs(events: Iterator[yaml.Event]) -> None:
    """Stop at what could exhaust the memory or the stack before anything is built from it."""
    depth = 0
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        for wrong, problem, fix in (
            (isinstance(event, yaml.AliasEvent), "an alias", "write the value out"),
            (getattr(event, "tag", None), "a tag", "delete it"),
            (depth > DEEPEST, "nested too deeply", f"a contract has at most {DEEPEST} levels"),
        ):
            if wrong:
                raise yaml.MarkedYAMLError(
                    problem=problem,
                    problem_mark=event.start_mark,  # type: ignore[arg-type]  # libyaml's mark
                    note=fix,
                )


def _plain(loader: Any, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, item) for item in node.value]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node)
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = key_node.value
        if not isinstance(key, str) or key in values:
            known = isinstance(key, str)
            raise yaml.MarkedYAMLError(
                problem=f"{key} is there twice" if known else "a key that is no text",
                problem_mark=key_node.start_mark,
                note="keep one" if known else "write a word",
            )
        values[key] = _plain(loader, value_node)
    return values


def _step(node: yaml.Node, step: str | int) -> tuple[yaml.Node | None, int]:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item, item.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return value, key.start_mark.line + 1
    return None, 0
