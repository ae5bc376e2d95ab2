# Managed by poc2prod; extend in settings.toml.
"""Files in object storage, or whatever else fsspec reaches. An object is there whole or not."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from ..errors import ProjectError
from ..files import sha256, to_json, whole_file
from .store import Local

CACHE = Path("build/parts")
_TIMES = "written.json"


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
        name = f"{folder}/{digest}{suffix}".lstrip("/")
        if not self.exists(name):
            self.put(name, CACHE / f"{digest}{suffix}")
        return digest

    def put(self, name: str, file: Path) -> None:
        """Keep a copy of a file, and leave none in the cache."""
        with _named(self.locate(name)):
            self._folder(name)
            self._files.put_file(str(file), f"{self._root}/{name}")

    def fetch(self, name: str, file: Path) -> None:
        """Copy a file as it is there, whatever the cache holds."""
        with _named(self.locate(name)):
            self._files.invalidate_cache()
            self._files.get_file(f"{self._root}/{name}", str(file))

    def local(self, name: str) -> Path:
        """A local file with that content."""
        wanted = CACHE / Path(name).name
        if not wanted.is_file() or sha256(wanted) != wanted.stem:
            with whole_file(wanted) as temporary:
                self.fetch(name, temporary)
        return wanted

    def digest(self, name: str) -> str:
        """The SHA-256 of a file as it is there."""
        with _named(self.locate(name)), self._files.open(f"{self._root}/{name}", "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def delete(self, name: str) -> None:
        """Delete a file, if it is there, and the copy of it here."""
        (CACHE / Path(name).name).unlink(missing_ok=True)
        with _named(self.locate(name)), suppress(FileNotFoundError):
            self._files.rm_file(f"{self._root}/{name}")

    def ages(self, suffix: str) -> Iterator[tuple[str, datetime]]:
        """Yield each file whose name ends so, and when it was written."""
        with _named(self.url):
            self._files.invalidate_cache()
            found = self._files.find(self._root, detail=True)
            names = {str(PurePosixPath(path).relative_to(self._root)): path for path in found}
            before = json.loads(self.read(_TIMES)) if _TIMES in names else {}
            said = self._modified(names[_TIMES]) if before else None
            for name in sorted(name for name in names if name.endswith(suffix)):
                written = self._modified(names[name])
                if said and name in before and written <= said:
                    written = datetime.fromisoformat(before[name])
                yield name, written

    def backdate(self, times: Mapping[str, datetime]) -> None:
        """Say that files that are there were written before."""
        # Nobody can set an object's own time. What is written after this file has its own again.
        said = {name: time.isoformat() for name, time in times.items()}
        self.write(_TIMES, to_json(said).encode())

    def sweep(self) -> None:
        """Do nothing: an upload that was not ended is no object."""

    @contextmanager
    def lock(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Keep other writers out."""
        # Object storage has no lock that a killed process gives back. Two writers that read the
        # same write the same names; and who writes the head last compares it, before and after.
        yield

    def _modified(self, path: str) -> datetime:
        found: datetime = self._files.modified(path)
        return found if found.tzinfo else found.replace(tzinfo=UTC)

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
