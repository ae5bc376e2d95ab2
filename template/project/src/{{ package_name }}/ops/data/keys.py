# Managed by poc2prod; extend in settings.toml.
"""The key of pseudonyms: 64 hexadecimal digits, from the environment or a file, never from git.

A new key makes new pseudonyms: rows that are read again get them, and what was kept before can't be
joined with them any more. Whoever deletes the last copy of a key makes its pseudonyms anonymous to
all who do not know the values already.
"""

import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from ..columns import Column
from ..errors import ProjectError
from .privacy import Key

VARIABLE = "OPS_PSEUDONYM_KEY"


def read(columns: Iterable[Column], file: Path) -> Key | None:
    """Read the key, if there is one and a column is pseudonymised.

    Args:
        columns: the declared ones.
        file: holds it where the environment does not.

    Raises:
        ProjectError: it is malformed.
    """
    if not any(column.treatment == "pseudonymise" for column in columns):
        return None
    return current(file)


def current(file: Path) -> Key | None:
    """Read the key, if there is one.

    Raises:
        ProjectError: it is malformed.
    """
    text, where = os.environ.get(VARIABLE, ""), VARIABLE
    if not text:
        where = str(file)
        try:
            text = file.read_text(encoding="ascii")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            text = ""
    if not re.fullmatch(r"[0-9a-f]{64}\s*", text):
        raise ProjectError(f"{where} must hold 64 hexadecimal digits; `privacy key` makes a key")
    return Key(bytes.fromhex(text.strip()))


def create(file: Path, *, rotate: bool = False) -> bool:
    """Make a key that only the owner of its file can read.

    Args:
        file: where.
        rotate: replace the one that is there.

    Returns:
        Whether there is a new one; a key that is there is kept.
    """
    if file.exists() and not rotate:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(f"{secrets.token_hex(32)}\n")
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)
    return True
