"""Copier, called in this process, with its errors turned into sentences."""

from __future__ import annotations

import re
import traceback
import warnings
from typing import TYPE_CHECKING, Any

from poc2prod.answers import shown
from poc2prod.errors import CommandError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from poc2prod.template import Template


def render(
    template: Template, into: Path, answers: Mapping[str, Any], *, defaults: bool
) -> Mapping[str, Any]:
    """Render `template` into the folder `into`, asking what `answers` leave open unless `defaults`.

    Returns:
        All answers, the computed ones too.

    Raises:
        UsageError: an answer was refused.
        CommandError: the template is broken, or asks to run commands.
        OSError: a file can't be written, or Copier's git failed.
        KeyboardInterrupt: the user left a question.
    """
    # Importing Copier costs half a second, and it reads the environment then: see git.shield.
    from copier import load_settings, run_copy  # noqa: PLC0415
    from copier.errors import CopierError, SettingsError, UnsafeTemplateError  # noqa: PLC0415
    from jinja2 import TemplateError  # noqa: PLC0415

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a checkout is rendered with its changes
            worker = run_copy(
                str(template.root),
                into,
                data=dict(answers),
                vcs_ref=template.ref,
                defaults=defaults,
                quiet=True,
                settings=load_settings(),  # the user's own defaults, as for every Copier template
            )
    except KeyboardInterrupt:  # Copier's is a CopierError, too
        raise
    except TemplateError as error:
        raise CommandError(f"the template is broken: {_place(error)}{error}") from error
    except UnsafeTemplateError as error:
        raise CommandError("the template runs commands, which poc2prod doesn't allow") from error
    except SettingsError as error:
        reason = " ".join(str(error).split())
        raise CommandError(f"Copier's settings file is wrong: {reason}") from error
    except (CopierError, ValueError) as error:
        raise _refusal(error, answers) from error
    return dict(worker.answers.combined)


def _refusal(error: Exception, answers: Mapping[str, Any]) -> CommandError:
    message = " ".join(str(error).split())
    match = re.match(r"(?:Validation error for question|Invalid choice for) '(\w+)': (.*)", message)
    if not match:
        return CommandError(f"Copier failed: {message}")
    name, reason = match.groups()
    if name in answers:
        return UsageError(f"{name} can't be {shown(answers[name])}: {reason}")
    return UsageError(f"{name} can't keep its default, so pass -d {name}=VALUE: {reason}")


def _place(error: Exception) -> str:
    """Return the file and line of the template at which Jinja failed, as "FILE, line N: "."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if match := re.search(
            r"[\\/](template[\\/](?:project|macros|questions)[\\/].*)", frame.filename
        ):
            return f"{match[1]}, line {frame.lineno}: "
    return ""
