# Managed by poc2prod; extend in a module of your own that imports it.
"""A model as a directory: the model, its baseline, its metadata, sums over all of it.

model.onnx  baseline.onnx   safe to load: a graph of operators, no code
model.json                  what it is and what it was made from (`Metadata`)
golden.json                 rows with the replies that it gave when it was trained
SHA256SUMS                  digests of the files above; `sha256sum -c` reads it too
SHA256SUMS.sig              a signature over those, where one was made: see signing.py
evaluation/                 predictions, metrics, verdicts, once evaluated; with sums of its own
"""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from .columns import Column, Problem
from .errors import ProjectError
from .files import sha256, write_text

SUMS = "SHA256SUMS"
SIGNATURE = "SHA256SUMS.sig"


class Metadata(BaseModel):
    """What model.json says.

    Attributes:
        inputs: the columns that a request must hold.
        personal: those columns of the data contract that say something of a person.
        features: the model's columns in order, each with its dtype.
        classes: of a classification, in the order of the model's probabilities.
        threshold: binary: the probability from which on a row is an alarm.
        made_from: snapshot with rows, code version, digests of contracts, settings and pins, seed,
            library versions.
        validation: metrics on the validation rows.
        digests: SHA-256 of model.onnx and baseline.onnx.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    project: str
    problem: Problem
    target: str
    created: datetime
    inputs: tuple[Column, ...]
    personal: tuple[Column, ...] = ()
    features: dict[str, str]
    classes: tuple[bool | int | float | str, ...] = ()
    threshold: float | None = None
    made_from: dict[str, Any]
    validation: dict[str, float]
    digests: dict[str, str]

    @property
    def digest(self) -> str:
        """The model's own digest."""
        return self.digests["model.onnx"]


def seal(directory: Path) -> None:
    """Write the sums over all files of a directory."""
    write_text(directory / SUMS, sums(directory))


def sums(directory: Path) -> str:
    """The sums over all files of a directory, as `sha256sum` writes them."""
    return "".join(f"{sha256(file)}  {file.name}\n" for file in sorted(_files(directory)))


def lock(folder: Path = Path("requirements")) -> str | None:
    """Digest of all pins, as `sha256sum *.txt | sha256sum` in the folder; None without any."""
    lines = "".join(f"{sha256(file)}  {file.name}\n" for file in sorted(folder.glob("*.txt")))
    return hashlib.sha256(lines.encode()).hexdigest() if lines else None


def verify(directory: Path) -> None:
    """Compare every file of a directory with its sum.

    Raises:
        ProjectError: a file is missing, added or changed; names it.
    """
    if not directory.is_dir():
        raise ProjectError(f"there is no {directory}")
    try:
        lines = (directory / SUMS).read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, UnicodeDecodeError):
        raise ProjectError(f"{directory} has no readable {SUMS}: train again") from None
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    found = {file.name for file in _files(directory)}
    for name in sorted(found | set(listed)):
        file = directory / name
        if name not in found:
            raise ProjectError(f"{file} is missing: train again, or restore it")
        if name not in listed:
            raise ProjectError(f"{file} is not listed in {SUMS}: remove it")
        if sha256(file) != listed[name]:
            raise ProjectError(
                f"{file} is not what was written: its SHA-256 differs from {SUMS}; train again, or"
                " restore it"
            )


def read_metadata(directory: Path) -> Metadata:
    """Read model.json of a verified bundle.

    Raises:
        ProjectError: it is not what this version of the project writes.
    """
    try:
        return Metadata.model_validate_json((directory / "model.json").read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ProjectError(f"{directory / 'model.json'}: {where}: {first['msg']}") from None


def read_evaluation(run: Path) -> dict[str, Any]:
    """Read a candidate's evaluation back.

    Raises:
        ProjectError: there is none, it was edited, or it is of another model.
    """
    directory = run / "evaluation"
    if not directory.is_dir():
        raise ProjectError(f"{run.name} is not evaluated: run evaluate first")
    verify(directory)
    evaluation: dict[str, Any] = read_json(directory / "evaluation.json")
    if "predictions_sha256" not in evaluation:
        raise ProjectError(f"{directory} holds no predictions to check it by: run evaluate again")
    if evaluation["model_sha256"] != read_metadata(run).digest:
        raise ProjectError(f"{directory} is of another model: run evaluate again")
    return evaluation


def read_json(path: Path) -> Any:
    """Read a JSON file of a verified bundle."""
    return json.loads(path.read_text(encoding="utf-8"))


def _files(directory: Path) -> list[Path]:
    return [
        file
        for file in directory.iterdir()
        if file.is_file() and file.name not in (SUMS, SIGNATURE)
    ]
