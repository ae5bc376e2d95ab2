# Managed by poc2prod; extend in a module of your own that imports it.
"""The code, the configuration and the pins that a model records, compared with what is there."""

import hashlib
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .. import bundle
from ..files import sha256

State = Literal["ok", "changed", "broken"]
CONFIGURATION = {
    "data_contract_sha256": "data-contract.yaml",
    "kpi_contract_sha256": "kpi-contract.yaml",
    "settings_sha256": "settings.toml",
}


@dataclass(frozen=True)
class Link:
    """One thing that a model comes from.

    Attributes:
        depth: how far it is below the model.
        kind: such as model, code, snapshot, part or source.
        name: its path or id.
        digest: that was recorded.
        state: "ok": it is what was recorded. "changed": what is here now is another version, and
            the one that was recorded is not lost or not ours to keep. "broken": it is damaged.
        note: about the state.
    """

    depth: int
    kind: str
    name: str
    digest: str | None
    state: State
    note: str = ""


def code(made_from: dict[str, Any]) -> Iterator[Link]:
    """Compare code, configuration and pins with the commit, or with what is here."""
    commit, modified = made_from.get("commit"), made_from.get("modified")
    if commit is None:
        yield Link(1, "code", "no commit", None, "changed", "it was trained outside of git")
    elif _git("cat-file", "-e", f"{commit}^{{commit}}") is None:
        yield Link(1, "code", commit, None, "changed", "this repository does not have that commit")
    else:
        note = "with changes that were not committed" if modified else ""
        yield Link(1, "code", commit, None, "changed" if modified else "ok", note)
    for key, path in CONFIGURATION.items():
        if recorded := made_from.get(key):
            yield _configured(path, recorded, commit, modified, _blob, _here)
    if recorded := made_from.get("lock_sha256"):
        yield _configured("requirements", recorded, commit, modified, _locked, _lock_here)


def _configured(
    path: str,
    recorded: str,
    commit: str | None,
    modified: bool | None,
    then: Callable[[str, str], str | None],
    now: Callable[[str], str | None],
) -> Link:
    """Compare a digest with the commit's; where it can't be there, with what is here."""
    kind = "pins" if path == "requirements" else "configuration"
    committed = then(commit, path) if commit else None
    if recorded in (committed, now(path)):
        return Link(1, kind, path, recorded, "ok")
    if committed is not None and not modified:
        note = f"it is not what commit {commit} holds"
        return Link(1, kind, path, recorded, "broken", note)
    return Link(1, kind, path, recorded, "changed", "what is here is another version")


def _blob(commit: str, path: str) -> str | None:
    content = _git("show", f"{commit}:./{path}")
    return None if content is None else hashlib.sha256(content).hexdigest()


def _here(path: str) -> str | None:
    return sha256(Path(path)) if Path(path).is_file() else None


def _locked(commit: str, folder: str) -> str | None:
    """The digest of the pins of a commit, as `bundle.lock` makes it."""
    listed = _git("ls-tree", "--name-only", f"{commit}:./{folder}")
    names = sorted(n for n in (listed or b"").decode().splitlines() if n.endswith(".txt"))
    lines = "".join(f"{_blob(commit, f'{folder}/{name}')}  {name}\n" for name in names)
    return hashlib.sha256(lines.encode()).hexdigest() if names else None


def _lock_here(folder: str) -> str | None:
    return bundle.lock(Path(folder))


def _git(*arguments: str) -> bytes | None:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
