# Managed by poc2prod; extend in sources.py, features.py and data-contract.yaml.
"""What a run does to each of its partitions: score the rows, or validate them."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import onnxruntime
import polars as pl

from ... import features, sources
from .. import scoring, table
from ..bundle import SUMS
from ..columns import Column
from ..errors import ProjectError
from ..files import sha256
from ..predictor import Predictor
from ..settings import settings
from . import keys
from .privacy import treat
from .sifting import BECAUSE, sift

if TYPE_CHECKING:
    from ..contract import DataContract

Kind = Literal["score", "validate"]


@dataclass(frozen=True)
class Job:
    """What all partitions of a run share. Engines send it to their workers.

    Attributes:
        kind: what is done.
        source: the model's directory, or the data contract.
        output: the directory for the results. Every worker must see both under these paths.
        by: who scored, for the column `predicted_by`, or what validated.
        digest: of everything but the rows that decides the outcome.
        max_rejected_share: the share of a partition's rows above which the run ends.
    """

    kind: Kind
    source: Path
    output: Path
    by: str
    digest: str
    max_rejected_share: float

    def verify(self) -> None:
        """Refuse to take part in a run of other code, packages or another model.

        Raises:
            ProjectError: that is so, or the model is gone.
        """
        if _digest(self.kind, self.source) != self.digest:
            raise ProjectError(
                f"a worker has another {self.source}, features.py or sources.py than this run, or"
                " other packages, or another key: start all workers from one image"
            )


@dataclass(frozen=True)
class Step:
    """How a partition's rows are treated.

    Attributes:
        schema: the columns of the rows that are kept, with their types.
        sift: from rows as they were read to those that are kept and those that are not. These have
            one more column, `rejected_because`.
    """

    schema: dict[str, pl.DataType]
    separate: Callable[[pl.DataFrame], tuple[pl.DataFrame, pl.DataFrame]]


def score(version: Path, output: Path, max_rejected_share: float) -> Job:
    """Prepare the scoring of partitions with a registered version.

    Raises:
        ProjectError: its bundle is broken.
    """
    source = version.resolve()
    digest = _digest("score", source)
    by = f"{version.name} {_predictor(source, digest).metadata.digest[:12]}"
    return Job("score", source, output.resolve(), by, digest, max_rejected_share)


def validate(contract: Path, output: Path, max_rejected_share: float) -> Job:
    """Prepare the validation of partitions against a data contract.

    Raises:
        ProjectError: the contract is broken.
    """
    source = contract.resolve()
    digest = _digest("validate", source)
    _contract(source, digest)
    return Job("validate", source, output.resolve(), contract.name, digest, max_rejected_share)


def step(job: Job, frame: pl.LazyFrame, where: Path) -> Step:
    """Prepare what a job does to the rows of a file.

    Raises:
        ProjectError: the file lacks a column, or has one that scoring would overwrite.
    """
    contract = _contract(job.source, job.digest) if job.kind == "validate" else None
    if contract is not None:
        columns, added = contract.columns, dict[str, pl.DataType]()
        declared: Sequence[Column] = columns
    else:
        predictor = _predictor(job.source, job.digest)
        columns, added = predictor.metadata.inputs, scoring.added(predictor)
        declared = predictor.metadata.personal
    key = keys.read(declared, settings().pseudonym_key_file)
    schema = table.types(frame, columns, where)
    if taken := set(schema) & {*added, BECAUSE}:
        raise ProjectError(f"{where} has a column {min(taken)} already: rename it")

    def separate(chunk: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        good, bad = sift(chunk, columns, contract)
        kept = scoring.beside(good, predictor, job.by) if added else treat(good, declared, key)
        return kept, treat(bad, declared, key, rejected=True)

    there = treat(pl.DataFrame(schema=schema), declared, key).schema
    return Step({**there, **added}, separate)


# A worker that runs many partitions loads a model once.
@lru_cache(maxsize=2)
def _predictor(source: Path, digest: str) -> Predictor:
    return Predictor(source)


@lru_cache(maxsize=2)
def _contract(source: Path, digest: str) -> "DataContract":
    from ..contract import load  # pyyaml, which scoring can do without

    return load(source)


def _digest(kind: Kind, source: Path) -> str:
    decides = [source / SUMS if kind == "score" else source]
    decides += [Path(module.__file__ or "") for module in (features, sources)]
    try:
        digests = [sha256(path) for path in decides]
    except FileNotFoundError as error:
        raise ProjectError(f"there is no {error.filename}") from None
    key = keys.current(settings().pseudonym_key_file)
    parts = [kind, source.name, pl.__version__, onnxruntime.__version__, key and key.id, *digests]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
