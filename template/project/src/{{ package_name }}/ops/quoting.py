# Managed by poc2prod; extend in settings.toml.
"""What messages may say of the data: where it is about people, nothing that stands in a cell."""

import re
from collections.abc import Iterable

from .columns import Column
from .errors import ProjectError

# What polars says of values that cannot be cast, up to where it shows them.
_SAFE = re.compile(
    r"conversion from `[^`]*` to `[^`]*` failed in column '[^']*' for [\d ]+out of \d+"
)


def quotable(columns: Iterable[Column] = ()) -> bool:
    """Whether a message may quote values of these columns."""
    from .settings import settings  # which needs a package that not every reader of tables has

    if any(column.is_personal for column in columns):
        return False
    try:
        return settings().quote_values
    except ProjectError:
        return True


def told(error: BaseException, columns: Iterable[Column] = ()) -> str:
    """What an error of a library says, in one line, without values where they may not be quoted."""
    said = " ".join(str(error).split("\n\n")[0].split())
    if quotable(columns):
        return said
    safe = _SAFE.match(said)
    return safe[0] if safe else f"{type(error).__name__}, which may quote what is personal"
