# Managed by poc2prod; extend in a module of your own that imports it.
"""Files and directories that are there whole or not at all."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_umask: list[int] = []
"""The umask from before `keep_private`; empty where others may read what is written."""


def keep_private(*, wanted: bool) -> None:
    """Let only the owner read what this process writes from now on, or others too again."""
    if wanted and not _umask:
        _umask.append(os.umask(0o077))
    elif not wanted and _umask:
        os.umask(_umask.pop())


def expose(temporary: Path, mode: int = 0o644) -> None:
    """Let others read what `tempfile` made for its owner alone, unless all is to stay private."""
    if not _umask:
        temporary.chmod(mode)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; move it there at the end, or delete it on an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".tmp-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        publish(temporary, path)
    except OSError as error:
        raise _named(error, path) from None
    finally:
        temporary.unlink(missing_ok=True)


def publish(temporary: Path, path: Path) -> None:
    """Move a file that is whole to where others read it, in one step, replacing an older one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _sync(temporary)
    expose(temporary)
    temporary.replace(path)


@contextmanager
def whole_directory(path: Path) -> Iterator[Path]:
    """Yield a temporary directory beside `path`; move it there at the end, or delete it.

    Raises:
        FileExistsError: `path` exists and is not empty.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=".tmp-"))
    try:
        yield temporary
        for file in temporary.rglob("*"):
            if file.is_file():
                _sync(file)
        expose(temporary, 0o755)
        try:
            temporary.rename(path)
        except OSError as error:
            if path.exists():
                raise FileExistsError(f"{path} exists already") from error
            raise
    except OSError as error:
        raise _named(error, path) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Replace a text file in one step."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def to_json(value: Any) -> str:
    """Write JSON that people can read and diff."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def sha256(path: Path) -> str:
    """Digest a file of any size, as 64 hexadecimal characters."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _named(error: OSError, path: Path) -> OSError:
    """Name the file that could not be written: a full disk does not say which it was."""
    error.filename = error.filename or str(path)
    return error


def _sync(path: Path) -> None:
    # Without this, a power cut after the rename can leave an empty file under the final name.
    # Opened for writing because Windows cannot flush a file that is only read.
    with path.open("rb+") as file:
        os.fsync(file.fileno())
