"""What an answer changes, found by following Jinja variables through the template.

A file depends on an answer when its path or its contents mention it, or mention a value computed
from it. What is found is therefore what *can* change: two particular answers may give equal files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, TemplateError, meta, nodes

from poc2prod.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from poc2prod.questions import Question

PROJECT = "template/project"
"""The folder that is rendered: copier.yml's `_subdirectory`."""

SUFFIX = ".jinja"
"""Of the files whose contents are rendered; all others are copied."""

DIGESTS = (f".poc2prod/manifest.json{SUFFIX}", f".poc2prod/ownership.yaml{SUFFIX}")
"""Hold a digest of every file: that they change with each of them isn't worth saying."""

RECORD = "_copier_answers"
"""The variable through which a file mentions every answer that is recorded."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What changing one answer can do; files as they are named in the generated project.

    Attributes:
        through: the computed values that pass the answer on.
        suggests: the questions whose default depends on it.
        present: files and folders that are there or not.
        moved: files and folders whose name contains it.
        edited: other files whose contents contain it.
    """

    through: list[str]
    suggests: list[str]
    present: list[str]
    moved: list[str]
    edited: list[str]


def effects(root: Path, questions: Mapping[str, Question], name: str) -> Effects:
    """Return what the answer to `name` changes in the project that the template `root` generates.

    Raises:
        CommandError: a file of the template can't be parsed; the message names it.
    """
    names = _reached(questions, name)
    in_contents = names | ({RECORD} if any(not questions[n].computed for n in names) else set())
    found = Effects(
        through=[other for other in questions if other in names - {name}],
        suggests=[
            other
            for other, question in questions.items()
            if not question.computed and names & mentioned(question.default) and other not in names
        ],
        present=[],
        moved=[],
        edited=[],
    )
    for file in _files(root):
        if names & file.conditions:
            listed, path = found.present, _affected(file.source, names)
        elif names & file.path_variables:
            listed, path = found.moved, _affected(file.source, names)
        elif in_contents & file.content_variables:
            listed, path = found.edited, rendered(file.source)
        else:
            continue
        if path not in listed:
            listed.append(path)
    return found


def sources(questions: Mapping[str, Question], name: str) -> list[str]:
    """Return the questions whose answers decide the computed value `name`."""
    return [
        other
        for other, question in questions.items()
        if not question.computed and name in _reached(questions, other)
    ]


def mentioned(value: Any) -> set[str]:
    """Return the variables in a Jinja template, or in a list of templates."""
    if isinstance(value, list):
        return set().union(*map(mentioned, value))
    return _variables(value) if isinstance(value, str) else set()


@cache
def _variables(template: str) -> set[str]:
    return meta.find_undeclared_variables(_parser().parse(template))


def _reached(questions: Mapping[str, Question], name: str) -> set[str]:
    """Return `name` and all that is computed from it, directly or not.

    A question that is not asked takes its default, so what decides on asking it reaches it too.
    """
    names = {name}
    for other, question in questions.items():  # in order: a value uses only what precedes it
        computed_from = mentioned(question.default) if question.computed else set()
        if names & (computed_from | mentioned(question.when)):
            names.add(other)
    return names


@dataclass(frozen=True, slots=True)
class _File:
    source: str
    conditions: set[str]
    path_variables: set[str]
    content_variables: set[str]


@cache
def _files(root: Path) -> list[_File]:
    environment = _parser(root)
    files = []
    for file in sorted((root / PROJECT).rglob("*")):
        if not file.is_file() or "__pycache__" in file.parts:
            continue
        path = file.relative_to(root / PROJECT).as_posix()
        if path in DIGESTS:
            continue
        try:
            is_rendered = path.endswith(SUFFIX)
            contents = _contents(environment, f"{PROJECT}/{path}") if is_rendered else set()
        except (TemplateError, UnicodeDecodeError) as error:
            raise CommandError(f"the template's file {file} is broken: {error}") from error
        conditions = set(re.findall(r"\{% if (\w+) %\}", path))
        variables = meta.find_undeclared_variables(environment.parse(path))
        files.append(_File(path, conditions, variables - conditions, contents))
    return files


def _affected(path: str, names: set[str]) -> str:
    """Return the file or folder of the template's `path` whose own name uses one of `names`."""
    parts = path.split("/")
    last = max(i for i, part in enumerate(parts) if names & set(re.findall(r"\w+", part)))
    return rendered("/".join(parts[: last + 1])) + ("/" if last < len(parts) - 1 else "")


def rendered(path: str) -> str:
    """Return the path of a template's file as the project has it: "src/<package_name>/app.py"."""
    path = re.sub(r"\{%.*?%\}", "", path.removesuffix(SUFFIX))
    return re.sub(r"\{\{\s*(\w+).*?\}\}", r"<\1>", path)


def _contents(environment: Environment, name: str) -> set[str]:
    """Return the variables in the template file `name`, and in those that it includes."""
    assert environment.loader is not None
    tree = environment.parse(environment.loader.get_source(environment, name)[0], name)
    found = meta.find_undeclared_variables(tree)
    inclusions: Iterator[nodes.Include | nodes.Import | nodes.FromImport] = tree.find_all(
        (nodes.Include, nodes.Import, nodes.FromImport)
    )
    for node in inclusions:
        if node.with_context:  # else the other file can't see the answers
            if not isinstance(node.template, nodes.Const):
                raise TemplateError(f"line {node.lineno}: only a literal file can be included")
            found |= _contents(environment, node.template.value)
    return found


def _parser(root: Path | None = None) -> Environment:
    return Environment(  # noqa: S701  # it only parses
        loader=FileSystemLoader(root) if root else None,
        extensions=["jinja2_ansible_filters.AnsibleCoreFiltersExtension"],  # Copier's filters
    )
