"""Entry point: whatever happens, a user sees a sentence and an exit status, not a traceback."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from poc2prod import __version__
from poc2prod.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType


def main() -> NoReturn:
    """Run the command line of this process and exit with the status that --help lists."""
    # Print what a user typed whatever the terminal's encoding; for stderr Python does this itself.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    signal.signal(signal.SIGTERM, _interrupt)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status."""
    try:
        _command(list(arguments))
    except SystemExit as leaving:  # how Typer always ends
        status = leaving.code if isinstance(leaving.code, int) else 0
        if status == 130:
            _say("Interrupted.")
        return status
    except KeyboardInterrupt:
        _say("Interrupted.")
        return 130
    except CommandError as error:
        if _debugging():
            raise
        _say(f"Error: {error}")
        return error.exit_code
    except OSError as error:  # the disk or the terminal; what a command writes has better messages
        if _debugging():
            raise
        _say(f"Error: {error}")
        return 1
    except Exception as error:
        if _debugging():
            raise
        what = " ".join(f"{type(error).__name__}: {error}".split())
        _say(f"Error: this is a bug in poc2prod: {what}. Details for a report: {_log(arguments)}")
        return 1
    return 0


def _command(arguments: list[str]) -> None:
    # Imported here, else a Ctrl-C during an import shows.
    from pathlib import Path  # noqa: PLC0415

    folders = [argument for argument in arguments[1:] if not argument.startswith("-")]
    if (
        arguments[:1] == ["status"]
        and len(folders) < 2
        and {*arguments[1:]} <= {*folders, "--json"}
    ):
        # Prompts ask for it all the time, and Typer costs as much as the answer.
        from poc2prod.status import show  # noqa: PLC0415

        show(Path(*folders), as_json="--json" in arguments)
        return
    if arguments[:1] == ["audit"] and (plain := _plain(arguments[1:])):
        # So do hooks before each commit, and Typer costs as much as a third of the checks.
        from poc2prod.audit.command import run as audit  # noqa: PLC0415

        sys.exit(audit(Path(plain.pop("folder")), **plain))
    from poc2prod.cli import app  # noqa: PLC0415

    app(arguments, prog_name="poc2prod")


def _plain(arguments: list[str]) -> dict[str, Any] | None:
    """Read the options of an audit that only reads and prints; None if there are others."""
    given: dict[str, str] = {}
    words = iter(arguments)
    for word in words:
        name = {"--profile": "profile", "--level": "level", "--format": "form"}.get(word)
        value = next(words, "-") if name else word
        if value.startswith("-") or (not name and ("folder" in given or word == "diff")):
            return None
        given[name or "folder"] = value
    return {"folder": ".", **given}


def _say(message: str) -> None:
    print(message, file=sys.stderr)


def _debugging() -> bool:
    return os.environ.get("POC2PROD_DEBUG", "").lower() in {"1", "on", "true", "yes"}


def _log(arguments: Sequence[str]) -> str:
    """Write the exception in hand to a file of its own and return the path."""
    import platform  # noqa: PLC0415
    import tempfile  # noqa: PLC0415
    import traceback  # noqa: PLC0415

    with tempfile.NamedTemporaryFile(
        "w", prefix="poc2prod-", suffix=".log", encoding="utf-8", errors="replace", delete=False
    ) as log:
        log.write(f"poc2prod {__version__}, Python {sys.version}, {platform.platform()}\n")
        log.write(f"{list(arguments)}\n{traceback.format_exc()}")
    return log.name


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
