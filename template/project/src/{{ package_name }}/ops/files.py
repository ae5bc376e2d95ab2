# Managed by poc2prod; extend in a module of your own that imports it.
"""Files and directories that are there whole or not at all."""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

if sys.platform != "win32":
    import fcntl

_BEGUN = ".tmp-ops-"
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
    try:
        with begun(path.parent, path.suffix) as temporary:
            yield temporary
            publish(temporary, path)
    except OSError as error:
        raise _named(error, path) from None


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
    try:
        with begun(path.parent) as temporary:
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


@contextmanager
def begun(directory: Path, suffix: str | None = None) -> Iterator[Path]:
    """Yield a new file with a suffix, or a new directory; delete it, unless it was moved away.

    What writers that were killed had begun in `directory` is deleted too.
    """
    directory.mkdir(parents=True, exist_ok=True)
    _sweep(directory.absolute())
    while True:
        if suffix is None:
            temporary = Path(tempfile.mkdtemp(dir=directory, prefix=_BEGUN))
        else:
            handle, name = tempfile.mkstemp(dir=directory, prefix=_BEGUN, suffix=suffix)
            os.close(handle)
            temporary = Path(name)
        lock = _lock(temporary, wait=True)
        if temporary.exists():
            break
        _unlock(lock)  # who sweeps came before it
    try:
        yield temporary
    finally:
        _delete(temporary)
        _unlock(lock)


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


@cache  # once in a process: a directory may hold many files
def _sweep(directory: Path) -> None:
    for left in directory.glob(f"{_BEGUN}*"):
        lock = _lock(left, wait=False)
        if lock is not None:
            with suppress(OSError):  # another user's
                _delete(left)
            _unlock(lock)


def _lock(path: Path, *, wait: bool) -> int | None:
    """Lock what is being written, until its handle is closed or its writer dies.

    Returns:
        The handle; None if it is locked or not there, or where there are no locks, so that nobody
        can tell whether a writer lives.
    """
    if sys.platform == "win32":
        return None
    lock = None
    try:
        lock = os.open(path, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        _unlock(lock)
        return None
    return lock


def _unlock(lock: int | None) -> None:
    if lock is not None:
        os.close(lock)


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _named(error: OSError, path: Path) -> OSError:
    """Name the file that could not be written: a full disk does not say which it was."""
    error.filename = error.filename or str(path)
    return error


def _sync(path: Path) -> None:
    # Without this, a power cut after the rename can leave an empty file under the final name.
    # Opened for writing because Windows cannot flush a file that is only read.
    with path.open("rb+") as file:
        os.fsync(file.fileno())
