"""The template's questions, read from copier.yml and the files that it includes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from poc2prod.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the template, or one value computed from the answers.

    Attributes:
        name: the key of the answer.
        type: Copier's type of the answer, or of one item of it where `multiselect`: str, float, …
        topic: the stem of the file that asks it, such as "kpi".
        help: what it asks and what the answer changes.
        default: the default, usually a Jinja template.
        choices: allowed answer → its label; empty where any answer is allowed.
        multiselect: whether the answer is a list of choices.
        when: Copier's condition for asking; False means computed.
        ask: Copier's second one; False means that it takes its default unless it is given.
    """

    name: str
    type: str
    topic: str
    help: str
    default: Any
    choices: Mapping[Any, str]
    multiselect: bool
    when: str | bool
    ask: str | bool = True

    @property
    def computed(self) -> bool:
        """Whether it is neither asked nor set."""
        return self.when is False

    @property
    def asked(self) -> bool:
        """Whether somebody at the terminal may be asked; if not, `-d` can still set it."""
        return not self.computed and self.ask is not False

    @property
    def expected(self) -> str:
        """What an answer must look like, as a phrase: "one of batch, interactive"."""
        if self.choices:
            allowed = ", ".join(map(str, self.choices))
            return f"any of {allowed}, as a list" if self.multiselect else f"one of {allowed}"
        return _EXPECTED.get(self.type, f"a value of type {self.type}")


_EXPECTED = {
    "str": "text",
    "float": "a number, such as 6.4",
    "int": "a whole number, such as 4",
    "bool": "true or false",
}


def load(root: Path) -> dict[str, Question]:
    """Read the questions of the template in `root`, in the order in which they are asked.

    Raises:
        CommandError: there is no copier.yml, or it can't be read.
    """
    from yaml import YAMLError  # noqa: PLC0415  # PyYAML costs 20 ms that --help need not pay

    try:
        documents = list(_documents(root, root / "copier.yml"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        reason = " ".join(str(error).split())
        raise CommandError(f"{root} is not a template of poc2prod: {reason}") from error
    return {
        name: _question(name, topic, details)
        for topic, document in documents
        for name, details in document.items()
        if not name.startswith("_")
    }


def _documents(root: Path, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the stem of the file and the mapping of each document in `path` and its includes."""
    import yaml  # noqa: PLC0415

    class Loader(yaml.SafeLoader):
        """Knows Copier's `!include PATTERN`."""

    def include(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> list[Path]:
        return sorted(root.glob(loader.construct_scalar(node)))

    Loader.add_constructor("!include", include)
    for document in yaml.load_all(path.read_text("utf-8"), Loader):
        match document:
            case None:
                pass
            case dict():
                yield path.stem, document
            case [*included] if all(isinstance(file, os.PathLike) for file in included):
                for file in included:
                    yield from _documents(root, file)
            case _:
                raise yaml.YAMLError(f"{path.name}: expected a mapping")


def _question(name: str, topic: str, details: Any) -> Question:
    if not isinstance(details, dict):  # Copier's short form, "name: default"
        details = {"default": details}
    default = details.get("default")
    return Question(
        name=name,
        type=details.get("type") or (type(default).__name__ if default is not None else "yaml"),
        topic=topic,
        help=" ".join(str(details.get("help", "")).split()),
        default=default,
        choices=_choices(details.get("choices")),
        multiselect=bool(details.get("multiselect", False)),
        when=details.get("when", True),
        ask=details.get("ask", True),
    )


def _choices(choices: Any) -> dict[Any, str]:
    if isinstance(choices, list):
        choices = {str(value): value for value in choices}
    if not isinstance(choices, dict):  # none, or a Jinja template that only Copier can evaluate
        return {}
    return {
        (value["value"] if isinstance(value, dict) else value): label
        for label, value in choices.items()
    }


def settable(questions: Mapping[str, Question]) -> dict[str, Question]:
    """Return those of `questions` that are not computed: their answers are recorded."""
    return {name: question for name, question in questions.items() if not question.computed}
