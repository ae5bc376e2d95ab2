"""Which form a report takes, by its name or by a file's ending."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

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
}
"""Form → ending. Each is a module here with a function of the same name, report → text."""


def named(form: str) -> Writer:
    """Return the writer of a form."""
    module = importlib.import_module(
        f"poc2prod.audit.reports.{'as_json' if form == 'json' else form}"
    )
    return getattr(module, "write")  # type: ignore[no-any-return]  # noqa: B009


def by_suffix(path: Path) -> Writer:
    """Return the writer of the form that a file's ending names.

    Raises:
        UsageError: it names none.
    """
    for form, ending in FORMATS.items():
        if path.name.endswith(ending):
            return named(form)
    raise UsageError(f"--output {path}: end it in one of {', '.join(FORMATS.values())}")
