# Managed by poc2prod; extend in kpi-contract.yaml.
"""Which model may serve. Nothing that an evaluation says is taken on trust.

Its sums show an edit, its metrics and verdicts are computed again from predictions.parquet, and
those predictions are made again by the model, from the data that it was evaluated on.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from . import bundle, dataset, predictions, registry, signing
from .contract import DataContract
from .errors import ProjectError
from .evaluation import TABLE, conclude, rival, tabulate
from .files import sha256, to_json
from .judging import blockers
from .kpi.quality import ModelQuality
from .predictor import TOLERANCE, Predictor
from .settings import Settings


@dataclass(frozen=True)
class Promotion:
    """What decides: the contracts and the registry."""

    contract: DataContract
    quality: ModelQuality
    settings: Settings

    def register(self, run: Path, *, promote: bool = True) -> Path:
        """Copy a candidate into the registry as its next version and make it the champion.

        Returns:
            The directory of the new version.

        Raises:
            ProjectError: it misses a gate, or it or its evaluation was changed; names which.
        """
        made_from = bundle.read_metadata(run).made_from
        data = dataset.load(self.contract, self.settings, made_from)
        evaluation = self._examine(run, data)
        if evaluation["model_quality"] != _dumped(self.quality):
            raise ProjectError(
                f"model_quality in kpi-contract.yaml has changed since {run.name} was evaluated:"
                " run evaluate again"
            )
        self._refuse(run.name, "registered", evaluation, evaluation["verdicts"])
        version = registry.store(run, self.settings.models, self.settings.signing_key)
        if promote:
            signing.check(version, self.settings.signed_by)
            registry.appoint(version)
        return version

    def promote(self, name: str) -> tuple[Path, bool]:
        """Make a registered version the champion: a newer one, or an older one again.

        Going back has to work in a hurry, with data that has moved on and a contract that asks for
        more. So an older version is not compared with the champion, its evaluation may be old and
        lack a slice, and its predictions are made again only where its data is still there. A newer
        one is then held against today's champion, which may be another than when it registered.

        Returns:
            Its directory, and whether its predictions were made again.

        Raises:
            ProjectError: it misses a gate of today's contract, or was changed; names which.
        """
        version = registry.version(self.settings.models, name)
        signing.check(version, self.settings.signed_by)
        data = self._data_of(version)
        evaluation = self._examine(version, data)
        frame = predictions.read(version / "evaluation" / TABLE)
        metadata = bundle.read_metadata(version)
        quality, back = self.quality, self._is_back(version)
        if back:
            frame = frame.drop([c for c in frame.columns if c.startswith("champion/")])
            quality = _judgeable(quality, frame)
        elif data is not None:
            champion = registry.champion_or_none(self.settings.models)
            met = evaluation["champion"] = rival(champion, metadata)
            other = champion if met and met["compared"] else None
            frame = tabulate(version, other, self.contract, data, quality)
        today = conclude(frame, metadata, quality)
        self._refuse(version.name, "promoted", evaluation, today["verdicts"], back=back)
        registry.appoint(version)
        return version, data is not None

    def _examine(self, directory: Path, data: dataset.Dataset | None) -> dict[str, Any]:
        """Read an evaluation and repeat it.

        Raises:
            ProjectError: it is not what the model gives.
        """
        Predictor(directory)
        evaluation = bundle.read_evaluation(directory)
        path = directory / "evaluation" / TABLE
        if sha256(path) != evaluation["predictions_sha256"]:
            raise ProjectError(f"{path} is not what was evaluated: run evaluate again")
        frame, metadata = predictions.read(path), bundle.read_metadata(directory)
        quality = ModelQuality.model_validate_json(to_json(evaluation["model_quality"]))
        found = _difference(evaluation, conclude(frame, metadata, quality))
        if found:
            raise ProjectError(
                f"{directory / 'evaluation/evaluation.json'} is not what its predictions give:"
                f" {found}; run evaluate again"
            )
        if data is not None:
            champion = evaluation["champion"]
            compared = champion and champion["compared"]
            other = (
                registry.version(self.settings.models, champion["version"]) if compared else None
            )
            again = tabulate(directory, other, self.contract, data, quality)
            found = predictions.difference(frame, again)
            if found:
                raise ProjectError(
                    f"{path} is not what the model predicts: {found}; run evaluate again"
                )
        return evaluation

    def _refuse(
        self,
        name: str,
        done: str,
        evaluation: dict[str, Any],
        verdicts: list[dict[str, Any]],
        *,
        back: bool = False,
    ) -> None:
        missed = blockers(verdicts)
        if missed:
            raise ProjectError(f"{name} is not {done}, it misses its gates: {'; '.join(missed)}")
        if back:
            return
        # A version is never changed any more, and so not evaluated again either.
        remedy = "run evaluate again" if done == "registered" else "train another"
        champion = registry.champion_or_none(self.settings.models)
        digest = bundle.read_metadata(champion).digest if champion else None
        other = evaluation["champion"]
        if digest not in (other and other["model_sha256"], evaluation["model_sha256"]):
            raise ProjectError(
                f"{name} is not {done}: the champion is {champion.name if champion else 'gone'},"
                f" and it was compared with {other['version'] if other else 'none'}: {remedy}"
            )
        limit = self.quality.evaluation.max_age
        age = datetime.now(UTC) - datetime.fromisoformat(evaluation["evaluated"])
        if limit is not None and age > limit:
            raise ProjectError(
                f"{name} is not {done}: EVALUATION: it was evaluated {age.days} days ago, must be"
                f" at most {limit.days}: {remedy}"
            )

    def _data_of(self, version: Path) -> dataset.Dataset | None:
        """Load the data that a version was evaluated on, if that is what is there."""
        made_from = bundle.read_metadata(version).made_from
        if not dataset.is_there(self.settings, made_from):
            return None
        data = dataset.load(self.contract, self.settings, made_from)
        return data if all(made_from.get(k) == v for k, v in data.origin.items()) else None

    def _is_back(self, version: Path) -> bool:
        champion = registry.champion_or_none(self.settings.models)
        return champion is not None and registry.number(version) <= registry.number(champion)


def _judgeable(quality: ModelQuality, frame: pl.DataFrame) -> ModelQuality:
    """What of a contract can be judged by predictions that were made under an older one."""
    firsts = {column.partition("/")[0] for column in frame.columns}
    kept = {
        "slices": tuple(piece for piece in quality.slices if f"slice/{piece.by}" in frame.columns),
        "robustness": tuple(test for test in quality.robustness if test.id in firsts),
    }
    return quality.model_copy(update=kept)


def _dumped(quality: ModelQuality) -> dict[str, Any]:
    dumped: dict[str, Any] = quality.model_dump(mode="json", exclude_unset=True)
    return dumped


def _difference(got: Any, want: Any, where: str = "") -> str | None:
    """Say where a document lacks or contradicts another one, by more than rounding does."""
    if isinstance(want, dict) and isinstance(got, dict):
        pairs = [(got.get(key), inner, f"{where}.{key}") for key, inner in want.items()]
    elif isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        pairs = [
            (one, other, f"{where}[{i}]")
            for i, (one, other) in enumerate(zip(got, want, strict=True))
        ]
    elif isinstance(want, float) and isinstance(got, float):
        same = math.isclose(got, want, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
        return None if same else f"{where.lstrip('.')} is {got}, not {want}"
    else:
        return None if got == want else f"{where.lstrip('.')} is {got}, not {want}"
    return next(filter(None, (_difference(*pair) for pair in pairs)), None)
