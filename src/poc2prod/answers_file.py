"""A file of answers: YAML, of which only KEY: VALUE is allowed, with the line of each key."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from poc2prod.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGEST = 64 * 1024
"""Bytes; a complete file of answers has about one thousand."""


DEEPEST = 10
"""Levels of nesting; an answer has at most two."""


class Entry(NamedTuple):
    """One answer in a file; lines count from 1."""

    key: str
    value: object
    line: int


def entries(file: Path) -> list[Entry]:
    """Read the answers in `file`.

    Raises:
        UsageError: it is missing, unreadable, too large, not UTF-8, not YAML, not KEY: VALUE, or
            has an alias or a key twice; the message says in which line.
    """
    import yaml  # noqa: PLC0415  # PyYAML costs 20 ms that --help need not pay

    text = _text(file)
    try:
        return list(_parse(file, text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = f"not valid YAML: {error.problem or error.context}"
        raise _refusal(file, mark.line if mark else 0, reason) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position)
        raise _refusal(file, line, "not valid YAML: a control character") from error
    except ValueError as error:  # the 31st of February, a number of 5,000 digits
        raise UsageError(f"{file}: not valid YAML: {error}") from error
    except RecursionError as error:
        raise UsageError(f"{file}: nested too deeply; expected KEY: VALUE lines") from error


def _parse(file: Path, text: str) -> Iterator[Entry]:
    import yaml  # noqa: PLC0415

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    for event in yaml.parse(text, loader):  # what could exhaust the memory or the stack
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        alias = isinstance(event, yaml.AliasEvent)
        if alias or depth > DEEPEST:
            problem = "aliases are not allowed" if alias else "nested too deeply"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)  # type: ignore[arg-type]  # libyaml's mark
    parser = loader(text)
    document = parser.get_single_node()
    if document is None or document.tag == "tag:yaml.org,2002:null":
        return
    if not isinstance(document, yaml.MappingNode):
        raise _refusal(file, document.start_mark.line, "expected KEY: VALUE lines")
    seen = set()
    for key_node, value_node in document.value:
        line = key_node.start_mark.line
        key = str(parser.construct_object(key_node, deep=True))
        if key in seen:
            raise _refusal(file, line, f"{key} is answered twice; keep one")
        seen.add(key)
        yield Entry(key, parser.construct_object(value_node, deep=True), line + 1)


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"can't read the answers file {file}: {error.strerror}") from error
    if len(content) > LARGEST:
        raise UsageError(f"{file} is larger than {LARGEST:,} bytes: not a file of answers")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start)
        raise _refusal(file, line, "not UTF-8 text; save it as UTF-8") from error


def _refusal(file: Path, line: int, reason: str) -> UsageError:
    return UsageError(f"{file}, line {line + 1}: {reason}")
