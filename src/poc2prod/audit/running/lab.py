"""A copy of the repository in which its code may run, be broken, and be thrown away.

A copy has neither git nor an environment. Its commands run by the project's own interpreter, with
the copy's code before what is installed there, none of the user's variables, and an end in time.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from poc2prod.audit.running.copying import Copying, UnrunnableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["SAID", "Done", "Lab", "UnrunnableError"]

T = TypeVar("T")

SAID = 2**16
"""Bytes of a command's output that are kept, from its end."""

PYTHON = ".venv/bin/python"
SET_UP = "run `make demo` first, which sets it up"
INSIDE = Path(__file__).parent / "inside"

# No core files, and none above 4 GB: `ulimit -f` counts half kilobytes, in some shells whole ones.
_LIMITED = 'ulimit -c 0; ulimit -f 8388608; exec "$@"'


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended.

    Attributes:
        status: its exit status; negative: the signal that ended it; None: it took too long.
        output: the end of what it printed, errors too.
        seconds: how long it took.
    """

    status: int | None
    output: str
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether it ended with status 0."""
        return self.status == 0

    @property
    def reason(self) -> str:
        """The last line that it printed, or its status."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        last = lines[-1][:300] if lines else f"exit status {self.status}"
        return f"not done after {self.seconds:.0f} s: {last}" if self.status is None else last


class Lab:
    """Copies of a repository. Nothing that a command does in one changes the repository itself."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._home: Path | None = None
        self._copies = 0
        self._known: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)
            self._home = None
            self._known.clear()

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what `make` returns or raises, and call it once however many checks ask."""
        if name not in self._known:
            try:
                self._known[name] = make()
            except UnrunnableError as error:
                self._known[name] = error
        known = self._known[name]
        if isinstance(known, UnrunnableError):
            raise known
        return known  # type: ignore[no-any-return]

    def copy(self, of: Path | None = None) -> Path:
        """Return a new copy of the repository as it was when first copied, or of another copy.

        Raises:
            UnrunnableError: it is too large, or a file can't be read.
        """
        return self._copied(of or self.pristine)

    @property
    def pristine(self) -> Path:
        """The copy that others are made of, which nobody changes."""
        return self.once("the repository", lambda: self._copied(self.root))

    def run(
        self,
        copy: Path,
        *arguments: str,
        seconds: float = 900,
        variables: Mapping[str, str] | None = None,
    ) -> Done:
        """Run the project's interpreter in a copy, with the copy's code.

        Raises:
            UnrunnableError: there is no interpreter.
        """
        given = {"PYTHONPATH": str(copy / "src"), **(variables or {})}
        return self._run(copy, (*self._python(), *arguments), seconds, given)

    def script(self, name: str, request: Mapping[str, Any], *, seconds: float = 300) -> Any:
        """Return what a script of ours answers, by the project's libraries without its code.

        Raises:
            UnrunnableError: it can't run with them.
        """
        asked, answer = self.home / "request.json", self.home / "answer.json"
        asked.write_text(json.dumps(request), encoding="utf-8")
        answer.unlink(missing_ok=True)
        command = (*self._python(), "-I", "-B", str(INSIDE / "answer.py"), name)
        done = self._run(self.home, (*command, str(asked), str(answer)), seconds, {})
        try:
            return json.loads(answer.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            reason = f"{name} can't run with the project's libraries: {done.reason}"
            raise UnrunnableError(f"{reason}; {SET_UP}") from None

    def _python(self) -> tuple[str]:
        def find() -> tuple[str]:
            python = self.root / PYTHON
            if not python.is_file() or not os.access(python, os.X_OK):
                raise UnrunnableError(f"there is no {PYTHON}: {SET_UP}")
            asked = self._run(self.home, (str(python), "-I", "-c", "print(6 * 7)"), 60, {})
            if not asked.ok or asked.output.strip() != "42":
                raise UnrunnableError(f"{PYTHON} is no Python that works: {SET_UP}")
            return (str(python),)

        return self.once("the interpreter", find)

    @property
    def home(self) -> Path:
        """A folder that is deleted at the end."""
        if self._home is None:
            self._home = Path(tempfile.mkdtemp(prefix="poc2prod-lab-")).resolve()
            (self._home / "tmp").mkdir()
        return self._home

    def _run(
        self, folder: Path, command: tuple[str, ...], seconds: float, given: Mapping[str, str]
    ) -> Done:
        log = self.home / "output"
        started = time.monotonic()
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["/bin/sh", "-c", _LIMITED, "sh", *command],
                cwd=folder,
                env=self._environment(given),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                status: int | None = process.wait(seconds)
            except subprocess.TimeoutExpired:
                status = None
            finally:  # Ctrl-C reaches this process alone, and a command may leave others behind
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        with log.open("rb") as printed:
            printed.seek(max(0, log.stat().st_size - SAID))
            said = printed.read(SAID).decode(errors="replace")
        return Done(status, said, time.monotonic() - started)

    def _environment(self, given: Mapping[str, str]) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.home),
            "TMPDIR": str(self.home / "tmp"),
            "LANG": "C.UTF-8",
            "OMP_NUM_THREADS": "1",
            "GIT_CEILING_DIRECTORIES": str(self.home),
            "PYTHONDONTWRITEBYTECODE": "1",  # what has changed within a second must not be cached
            **given,
        }

    def _copied(self, source: Path) -> Path:
        self._copies += 1
        copy = self.home / f"copy-{self._copies}" / self.root.name
        copy.mkdir(parents=True)
        Copying(source).folder(source, copy, 0)
        return copy
