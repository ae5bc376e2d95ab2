# Managed by poc2prod; extend in kpi-contract.yaml.
"""Reads from kpi-contract.yaml what the code enforces: the quality gates."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, FiniteFloat, ValidationError

from .contract import read_yaml
from .errors import ProjectError

PATH = Path("kpi-contract.yaml")


class Gate(BaseModel):
    """A bound that the model must keep on held-out rows.

    Attributes:
        op: gte, at least `value`; lte, at most.
        vs_baseline: by how much the model must be better than the baseline, in the direction of op.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    metric: str
    op: Literal["gte", "lte"]
    value: FiniteFloat
    vs_baseline: FiniteFloat | None = None

    def judge(self, model: dict[str, float], baseline: dict[str, float]) -> dict[str, Any]:
        """Compare the metrics of the model and its baseline with the bounds.

        Returns:
            The gate with `measured`, `baseline`, `passed` and, where it failed, `reason`.

        Raises:
            ProjectError: there is no such metric.
        """
        if self.metric not in model:
            raise ProjectError(
                f"{PATH}: gate {self.id}: there is no metric {self.metric}; there are"
                f" {', '.join(model)}"
            )
        sign = 1 if self.op == "gte" else -1
        measured, other = model[self.metric], baseline[self.metric]
        better_by = sign * (measured - other)
        reason = None
        if not sign * (measured - self.value) >= 0:  # NaN keeps no bound
            word = "at least" if self.op == "gte" else "at most"
            reason = f"{self.metric} is {measured:g}, must be {word} {self.value:g}"
        elif self.vs_baseline is not None and not better_by >= self.vs_baseline:
            reason = (
                f"{self.metric} is {measured:g}, must be better than the baseline's {other:g} by"
                f" {self.vs_baseline:g}"
            )
        return {
            **self.model_dump(),
            "measured": measured,
            "baseline": other,
            "passed": reason is None,
            "reason": reason,
        }


def gates(path: Path = PATH) -> list[Gate]:
    """Read the gates.

    Raises:
        ProjectError: there is none, or one is malformed; names it.
    """
    quality = read_yaml(path).get("model_quality")
    items = quality.get("gates") if isinstance(quality, dict) else None
    if not isinstance(items, list) or not items:
        raise ProjectError(f"{path}: model_quality.gates must list at least one gate")
    found = []
    for number, item in enumerate(items):
        try:
            found.append(Gate.model_validate(item))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, ("model_quality.gates", number, *first["loc"])))
            raise ProjectError(f"{path}: {where}: {first['msg']}") from None
    return found
