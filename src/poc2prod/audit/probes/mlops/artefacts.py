"""REL-04: a model is in a safe format, signed, and nobody changes it unnoticed."""

from __future__ import annotations

import hashlib
import io
import pickle
import pickletools
import zipfile
from typing import TYPE_CHECKING

from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed, unknown
from poc2prod.audit.running import candidates

if TYPE_CHECKING:
    from pathlib import Path

    from poc2prod.audit.context import Context
    from poc2prod.audit.running.candidates import Project
    from poc2prod.audit.running.lab import Done

KEY = "model.pub"
"""In the repository's root: the public keys, one of which must have signed the model."""

LARGEST = 256 * 2**20
SUMS = "SHA256SUMS"


class _Planted:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("a pickle ran",)


def tamper_evident(context: Context) -> Outcome:
    """The champion runs no code, is signed, and is refused after any change."""
    assert context.lab is not None
    project = candidates.project(context)
    if project is None:
        return missing("no package in src/ has commands that load a model", Location("src"))
    copy = project.lab.copy()
    _, champion = project.registry(copy)
    if champion is None:
        return missing(f"{project.models}/ has no champion: run `make demo`")
    bundle = copy / project.models / champion
    if not is_pickle(pickle.dumps(_Planted())):
        return unknown("a planted pickle was not recognised, so none would be")
    if found := next(filter(None, map(_pickled, sorted(bundle.rglob("*")))), None):
        shown = found.relative_to(copy).as_posix()
        return failed(f"{shown} is a pickle: to load it runs whatever code it holds")
    if not context.tree.has(KEY):
        return failed(f"{KEY} is not there, so nothing says who may sign a model", Location(KEY))
    if reason := _accepted(project, bundle.relative_to(copy).as_posix()):
        return failed(reason)
    return passed(f"{project.models}/{champion} is signed, and any change of it is refused", 3)


def _accepted(project: Project, bundle: str) -> str | None:
    """Say what is wrong with what the loader accepts: it is the model as it is, and no other."""
    done = _verified(project, project.lab.copy())
    if not done.ok:
        return f"{bundle} is not accepted: {done.reason}"
    for what, change in (("a changed byte", _flip), ("a changed byte and new sums", _flip_and_sum)):
        broken = project.lab.copy()
        change(broken / bundle)
        if _verified(project, broken).ok:
            return f"the loader accepts {bundle} with {what}"
    return None


def _pickled(path: Path) -> Path | None:
    if not path.is_file() or path.stat().st_size > LARGEST:
        return None
    return path if is_pickle(path.read_bytes()) else None


def is_pickle(content: bytes) -> bool:
    """Tell whether Python's pickle would load it, or an archive of pickles such as PyTorch's."""
    if content[:4] == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return any(name.endswith((".pkl", ".pickle")) for name in archive.namelist())
        except (zipfile.BadZipFile, ValueError):
            return False
    try:
        operations = [operation.name for operation, _, _ in pickletools.genops(content)]
    except Exception:  # noqa: BLE001  # whatever it is, it is no pickle
        return False
    return len(operations) > 2 or content[:1] == b"\x80"


def _verified(project: Project, copy: Path) -> Done:
    return project.command(copy, "verify", "--signed-by", KEY)


def _flip(bundle: Path) -> None:
    file = bundle / "model.onnx"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _flip_and_sum(bundle: Path) -> None:
    _flip(bundle)
    digest = hashlib.sha256((bundle / "model.onnx").read_bytes()).hexdigest()
    sums = bundle / SUMS
    lines = sums.read_text("utf-8").splitlines()
    kept = [line if line.split()[-1] != "model.onnx" else f"{digest}  model.onnx" for line in lines]
    sums.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
