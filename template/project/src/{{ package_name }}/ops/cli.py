# Managed by poc2prod; extend with a command of your own: a module in ops/commands/.
"""The project's command line: every module of `ops.commands` is a command."""

import importlib
import os
import pkgutil
import sys

import typer

from . import commands
from .errors import ProjectError

PROJECT = (__package__ or "project.ops").split(".")[0].replace("_", "-")


def app() -> typer.Typer:
    """Assemble the commands. They import what they need when they run, so help is quick."""
    cli = typer.Typer(
        name=PROJECT,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @cli.callback()
    def _() -> None:
        """Train, evaluate, register and use the model."""

    for module in pkgutil.iter_modules(commands.__path__):
        command = importlib.import_module(f"{commands.__name__}.{module.name}")
        cli.command(module.name)(command.run)
    return cli


def main(arguments: list[str] | None = None) -> None:
    """Run a command, by default the process's own.

    What a person can mend ends with one line and exit status 1.
    """
    try:
        app()(arguments, prog_name=PROJECT)
    except ProjectError as error:
        message = str(error)
    except OSError as error:
        message = f"{error.filename or 'the system'}: {error.strerror or error}"
    except Exception as error:
        if os.environ.get("OPS_DEBUG"):
            raise
        reason = " ".join(str(error).split())[:300]
        message = f"{type(error).__name__}: {reason} (OPS_DEBUG=1 shows where)"
    else:
        return
    print(f"error: {message}", file=sys.stderr)
    sys.exit(1)
