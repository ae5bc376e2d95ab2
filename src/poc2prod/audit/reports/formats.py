"""Which form a report takes, by its name or by a file's ending."""

from __future__ import annotations

import importlib
import io
from typing import TYPE_CHECKING, Any, TextIO

from poc2prod.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Writer = Callable[[Mapping[str, Any]], str]

FORMATS = {
    "text": ".txt",
    "json": ".json",
    "md": ".md",
    "html": ".html",
    "sarif": ".sarif",
    "junit": ".xml",
    "badge": ".svg",
    "badge-json": ".badge.json",
}
"""Form → ending."""

_MODULES = {"json": "as_json", "html": "as_html", "badge-json": "badge_json"}
"""Form → its module, where that has another name. Each has `write`, report → text."""


def named(form: str) -> Writer:
    """Return the writer of a form."""
    module = importlib.import_module(f"poc2prod.audit.reports.{_MODULES.get(form, form)}")
    return getattr(module, "write")  # type: ignore[no-any-return]  # noqa: B009


def printer(form: str, stream: TextIO) -> Callable[[Mapping[str, Any]], None]:
    """Return what prints a report; only text suits itself to the terminal."""
    if form == "text":
        from poc2prod.audit.reports import text  # noqa: PLC0415

        terminal = text.Terminal.of(stream)
        return lambda report: print(text.write(report, terminal), end="", file=stream)
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8")  # as XML, HTML and JSON say of themselves
    write = named(form)
    return lambda report: print(write(report), end="", file=stream)


def by_suffix(path: Path) -> Writer:
    """Return the writer of the form that a file's ending names.

    Raises:
        UsageError: it names none.
    """
    for form, ending in sorted(FORMATS.items(), key=lambda pair: -len(pair[1])):
        if path.name.endswith(ending):
            return named(form)
    raise UsageError(f"--output {path}: end it in one of {', '.join(FORMATS.values())}")
