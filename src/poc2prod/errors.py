"""The errors that poc2prod reports in one line; any other exception is a bug."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class CommandError(Exception):
    """The command could not be carried out; the message says why and what to do."""

    exit_code = 1


class UsageError(CommandError):
    """The command line or an answer is wrong; the message names it and what is expected."""

    exit_code = 2


def nearest(name: str, names: Iterable[str]) -> str:
    """Return "; did you mean X?" where one of `names` resembles `name`, else ""."""
    import difflib  # noqa: PLC0415  # few commands end in an error

    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else ""
