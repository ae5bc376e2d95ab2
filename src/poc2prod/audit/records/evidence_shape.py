"""The shape of an envelope of evidence, and what is wrong with what has not got it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError


def _once(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise ValueError("an item is there twice")
    return names


Word = Annotated[str, Field(min_length=1, max_length=200)]
Instant = Annotated[
    str,
    Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})$"),
]
"""With an offset, such as 2026-11-20T09:30:00+00:00."""

Path = Annotated[
    str,
    Field(max_length=1000, pattern=r"^(?!/)(?!(.*/)?\.\.(/|$))[^\\\x00]+$"),
]
"""Relative to the project's root, with forward slashes and no `..`."""


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, regex_engine="python-re")


class File(_Block):
    """A file, with the SHA-256 of its bytes in lower-case hexadecimal."""

    path: Path
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ProducedBy(_Block):
    """What measured, and the command as one could type it again."""

    tool: Word
    version: Word
    command: Annotated[str, Field(min_length=1, max_length=4000)]


class CI(_Block):
    """A run in CI."""

    run_url: Annotated[str, Field(pattern=r"^https://[^\s]+$", max_length=2000)]
    actor: Word


class Shape(_Block):
    """What a run measured, of what, with what, and when: one file readiness/evidence/NAME.json.

    Attributes:
        checks: the ids of the checks that it is evidence for, such as MDL-02; maybe none.
        git_sha: the commit that was checked out; null without git, which counts as dirty.
        dirty: whether a file differed from git_sha or was new, those that git ignores and
            readiness/evidence/ apart; true without git.
        inputs: the files that were read: code, data, configuration.
        subject: what was measured, by name, such as model, predictions or image.
        env: what else decides the result: Python, platform, the digest of the lock file.
        ci: the run in CI; null where a person ran it.
        values: what was measured: names to numbers, texts or lists of them.
    """

    schema_: Annotated[Literal["poc2prod/evidence/v1"], Field(alias="schema")]
    checks: Annotated[
        list[Annotated[str, Field(pattern=r"^[A-Z]{3}-[0-9]{2}$")]],
        Field(max_length=100, json_schema_extra={"uniqueItems": True}),
        AfterValidator(_once),
    ]
    produced_by: ProducedBy
    git_sha: Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")] | None
    dirty: bool
    started: Instant
    finished: Instant
    inputs: Annotated[list[File], Field(max_length=10_000)]
    subject: Annotated[dict[str, File], Field(max_length=100)]
    env: dict[str, str | float | bool | None]
    ci: CI | None
    values: dict[str, Any]


def fault(value: Any) -> str | None:
    """Say what is wrong first with a value; None if it has the shape of an envelope."""
    try:
        Shape.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part)[:60] for part in first["loc"]) or "it"
        return f"{place}: {first['msg']}"
    return None
