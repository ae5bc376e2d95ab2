"""The few things that poc2prod asks of git, shielded from the user's hooks and templates."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from typing import TYPE_CHECKING

from poc2prod.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

FALLBACK_IDENTITY = ("poc2prod", "poc2prod@example.invalid")
"""Name and e-mail of the first commit where none are configured."""

_SHIELD = {
    "commit.gpgSign": "false",
    "core.attributesFile": os.devnull,
    "core.excludesFile": os.devnull,  # else a global "*.lock" leaves generated files out
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.safecrlf": "false",
    "gc.auto": "0",
    "init.templateDir": "",
}
_REPOSITORY = ("DIR", "WORK_TREE", "INDEX_FILE", "OBJECT_DIRECTORY", "COMMON_DIR", "PREFIX")


@cache
def shield() -> None:
    """Set the environment of this process, and so of Copier's git, so that git acts by default.

    Without it a hook, a template directory or a signing key of the user's takes part in rendering,
    and run from a git hook, git writes to the hook's repository.

    Raises:
        CommandError: git is not installed.
    """
    for name in _REPOSITORY:
        os.environ.pop(f"GIT_{name}", None)
    count = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    for number, (key, value) in enumerate(_SHIELD.items(), count):
        os.environ[f"GIT_CONFIG_KEY_{number}"] = key
        os.environ[f"GIT_CONFIG_VALUE_{number}"] = value
    os.environ["GIT_CONFIG_COUNT"] = str(count + len(_SHIELD))
    git("version")


def git(*arguments: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run git and return what it prints, without the last line break.

    Raises:
        CommandError: it failed; the message is the line that says why.
    """
    output = run(*arguments, cwd=cwd, env=env).stdout
    return output.decode(errors="replace").removesuffix("\n")


def run(
    *arguments: str,
    stdin: bytes = b"",
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    allowed: Container[int] = (0,),
) -> subprocess.CompletedProcess[bytes]:
    """Run git on bytes, and accept its exit status if it is one of `allowed`.

    Raises:
        CommandError: it failed; the message is the line that says why.
    """
    try:
        result = subprocess.run(
            ["git", *arguments],  # noqa: S607  # the user's own git
            cwd=cwd,
            env={**os.environ, "LC_ALL": "C", **(env or {})},  # its errors in English
            input=stdin,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise CommandError("git is not installed, or not on PATH: install it first") from error
    if result.returncode not in allowed:
        reason = _reason(result.stderr.decode(errors="replace")) or f"status {result.returncode}"
        command = next(argument for argument in arguments if not argument.startswith("-"))
        raise CommandError(f"git {command} failed: {reason}")
    return result


def _reason(errors: str) -> str:
    """Return the line that says what failed; advice may follow it."""
    lines = errors.strip().splitlines() or [""]
    return next((line for line in lines if line.startswith(("error: ", "fatal: "))), lines[-1])


def holds(path: Path) -> bool:
    """Tell whether `path`, which need not exist, belongs to a repository that would track it."""
    folder = next(parent for parent in (path, *path.parents) if parent.is_dir())
    try:
        if git("rev-parse", "--is-inside-work-tree", cwd=folder) != "true":
            return False
    except CommandError:  # no repository
        return False
    try:
        git("check-ignore", "--quiet", "--", f"{path}/", cwd=folder)
    except CommandError:  # not ignored
        return True
    return False


def first_commit(root: Path, message: str) -> str | None:
    """Make a repository of the folder `root` and commit all its files on branch main.

    Returns:
        The identity of the commit where the fallback had to be used.
    """
    git("init", "--quiet", cwd=root)
    git("symbolic-ref", "HEAD", "refs/heads/main", cwd=root)  # init knows no -b before 2.28
    git("add", "--all", cwd=root)
    fallback: dict[str, str] = {}
    for role in ("AUTHOR", "COMMITTER"):
        try:
            git("-c", "user.useConfigOnly=true", "var", f"GIT_{role}_IDENT", cwd=root)
        except CommandError:  # none configured, and a guess would record the host's name
            name, email = FALLBACK_IDENTITY
            fallback |= {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": email}
    git("commit", "--quiet", "--message", message, cwd=root, env=fallback)
    return "{} <{}>".format(*FALLBACK_IDENTITY) if fallback else None
