# Managed by poc2prod; extend in a module of your own that imports it.
"""Which commit the code is of that runs."""

import os
import subprocess


def commit(*paths: str) -> tuple[str | None, bool | None]:
    """Return the commit, and whether what git sees at some paths differs from it.

    An image has no git: the variable OPS_COMMIT names what it was built from. Both are None where
    nobody knows.
    """
    changes = _git("status", "--porcelain", "--", *paths)
    if changes is not None:
        return _git("rev-parse", "--verify", "HEAD"), bool(changes)
    built, _, modified = os.environ.get("OPS_COMMIT", "").partition("-")
    return (built, bool(modified)) if built else (None, None)


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
