# Managed by poc2prod; extend in settings.toml.
"""Files in object storage, or whatever else fsspec reaches. An object is there whole or not."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from ..errors import ProjectError
from ..files import sha256, whole_file
from .store import Local

CACHE = Path("build/parts")


class Remote:
    """A folder in object storage, or whatever else fsspec reaches."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._files, self._root = filesystem(self.url)

    def locate(self, name: str) -> str:
        """The path or URL of a file."""
        return f"{self.url}/{name}"

    def exists(self, name: str) -> bool:
        """Whether a file is there."""
        with _named(self.locate(name)):
            self._files.invalidate_cache()
            return bool(self._files.isfile(f"{self._root}/{name}"))

    def read(self, name: str) -> bytes:
        """Read a small file."""
        with _named(self.locate(name)):
            self._files.invalidate_cache()
            content: bytes = self._files.cat_file(f"{self._root}/{name}")
        return content

    def write(self, name: str, content: bytes) -> None:
        """Write or replace a small file."""
        with _named(self.locate(name)):
            self._folder(name)
            self._files.pipe_file(f"{self._root}/{name}", content)

    def add(self, folder: str, suffix: str, fill: Callable[[Path], None]) -> str:
        """Keep a file under its digest."""
        digest = Local(CACHE).add("", suffix, fill)
        name = f"{folder}/{digest}{suffix}"
        if not self.exists(name):
            with _named(self.locate(name)):
                self._folder(name)
                self._files.put_file(str(CACHE / f"{digest}{suffix}"), f"{self._root}/{name}")
        return digest

    def local(self, name: str) -> Path:
        """A local file with that content."""
        wanted = CACHE / Path(name).name
        if wanted.is_file() and sha256(wanted) == wanted.stem:
            return wanted
        with _named(self.locate(name)):
            self._files.invalidate_cache()
            with whole_file(wanted) as temporary:
                self._files.get_file(f"{self._root}/{name}", str(temporary))
        return wanted

    def digest(self, name: str) -> str:
        """The SHA-256 of a file as it is there."""
        with _named(self.locate(name)), self._files.open(f"{self._root}/{name}", "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""
        with _named(self.locate(name)), suppress(FileNotFoundError):
            self._files.rm_file(f"{self._root}/{name}")

    def ages(self, suffix: str) -> Iterator[tuple[str, datetime]]:
        """Yield each file whose name ends so, and when it was written."""
        with _named(self.url):
            self._files.invalidate_cache()
            found = self._files.find(self._root, detail=True)
            for path in sorted(path for path in found if path.endswith(suffix)):
                written = self._files.modified(path)
                if written.tzinfo is None:
                    written = written.replace(tzinfo=UTC)
                yield str(PurePosixPath(path).relative_to(self._root)), written

    def sweep(self) -> None:
        """Do nothing: an upload that was not ended is no object."""

    @contextmanager
    def lock(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Keep other writers out."""
        # Object storage has no lock that a killed process gives back. Two writers that read the
        # same write the same names; and who writes the head last compares it, before and after.
        yield

    def _folder(self, name: str) -> None:
        # Object storage has no folders, and to make one could try to make the bucket.
        if getattr(self._files, "protocol", None) in ("memory", ("file", "local")):
            self._files.makedirs(f"{self._root}/{name}".rpartition("/")[0], exist_ok=True)


def filesystem(url: str) -> tuple[Any, str]:
    """Open what fsspec has for a URL: the file system, and the path in it.

    Raises:
        ProjectError: a package is not installed; names it.
    """
    import fsspec

    scheme = urlsplit(url).scheme
    try:
        return fsspec.core.url_to_fs(url)  # type: ignore[no-any-return]
    except ImportError as error:
        raise ProjectError(
            f"{url} needs a package: {error}; add it to requirements/own.in (s3fs for s3://, gcsfs"
            " for gs://, adlfs for abfs://) and run make lock"
        ) from None
    except ValueError as error:
        raise ProjectError(f"{url}: fsspec knows no {scheme}://: {error}") from None


@contextmanager
def _named(url: str) -> Iterator[None]:
    """Turn what a client of object storage raises into one line that names the URL."""
    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError(url) from None
    except ProjectError:
        raise
    except Exception as error:  # each client has classes of its own
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise ProjectError(f"{url}: {reason}") from None
