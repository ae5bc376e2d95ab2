# Managed by poc2prod; extend with a command of your own: a module in ops/commands/.
"""The project's command line: a module of `ops.commands` is a command, a package a group."""

import importlib
import os
import pkgutil
import sys
from types import ModuleType

import typer

from . import commands
from .errors import ProjectError

PROJECT = (__package__ or "project.ops").split(".")[0].replace("_", "-")


def app() -> typer.Typer:
    """Assemble the commands. They import what they need when they run, so help is quick."""
    return _group(PROJECT, commands, "Train, evaluate, register and use the model.")


def _group(name: str, package: ModuleType, meaning: str | None) -> typer.Typer:
    group = typer.Typer(
        name=name,
        help=meaning,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    group.callback()(lambda: None)  # keeps the name of a command that is alone
    for module in pkgutil.iter_modules(package.__path__):
        inner = importlib.import_module(f"{package.__name__}.{module.name}")
        if module.ispkg:
            group.add_typer(_group(module.name, inner, inner.__doc__))
        else:
            group.command(module.name)(inner.run)
    return group


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
        from .quoting import told

        message = f"{type(error).__name__}: {told(error)[:300]} (OPS_DEBUG=1 shows where)"
    else:
        return
    print(f"error: {message}", file=sys.stderr)
    sys.exit(1)
