"""DAT-06: a request gets the features, and so the answer, that training computed for the row."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from poc2prod.audit.files.data_contract import FILE
from poc2prod.audit.files.tree import Tree
from poc2prod.audit.outcome import Outcome, failed, missing, passed
from poc2prod.audit.probes.data.splits import parts, trained
from poc2prod.audit.running import candidates
from poc2prod.audit.running.lab import INSIDE, UnrunnableError

if TYPE_CHECKING:
    from pathlib import Path

    from poc2prod.audit.context import Context
    from poc2prod.audit.running.candidates import Project

PERTURBED = """

_as_trained = build


def build(inputs):
    return {name: value * 1.01 + 0.01 for name, value in _as_trained(inputs).items()}
"""
"""Appended to features.py: what serves computes all features a little differently."""


def same_features(context: Context, *, tolerance: float, least: int) -> Outcome:
    """Held-out rows and rows at edges get one answer, asked for as a request, scored or evaluated.

    Args:
        context: what is audited.
        tolerance: by which two answers may differ.
        least: rows that must be compared.
    """
    found = trained(context)
    if isinstance(found, Outcome):
        return found
    project, contract, first = found
    copy, done = candidates.registered(project)
    if project.registry(copy)[1] is None:
        return failed(f"no model can be registered, so none serves: {done.reason}")
    folder = project.lab.home / "skew"
    folder.mkdir(exist_ok=True)
    request: dict[str, Any] = {"part": str(parts(project, first) / "test.parquet")}
    request |= {"folder": str(folder), "columns": [column._asdict() for column in contract.columns]}
    made = project.lab.script("edges", request)
    if "error" in made:
        raise UnrunnableError(f"no rows to ask about can be made: {made['error']}")
    if made["held_out"] < least:
        return missing(f"there are only {made['held_out']} held-out rows, of {least} to compare")
    if reason := _answered(project, copy, folder):
        return failed(f"{reason}, for rows at the edges of {FILE}")
    answer = project.lab.script(
        "answers",
        {
            "asked": str(folder / "asked.json"),
            "scored": str(folder / "out.parquet"),
            "predictions": str(first.predictions),
            "numbers": made["numbers"],
        },
    )
    if "error" in answer:
        return failed(f"a request and a table get other answers: {answer['error']}")
    number = made["held_out"] + made["edges"]
    figures: dict[str, Any] = {"value": answer["largest"], "threshold": tolerance}
    reason = _unlike(answer, tolerance) or _blind(context, project, copy)
    if reason:
        return failed(reason, examined=number, **figures)
    return passed(
        f"{number} rows, {made['edges']} of them at edges, get one answer as a request, in a table"
        " and in the evaluation; features that differ from those of training are refused",
        number,
        **figures,
    )


def _unlike(answer: dict[str, Any], tolerance: float) -> str | None:
    if not answer["unlike"] and answer["largest"] <= tolerance:
        return None
    return (
        f"the same row gets answers that differ by {answer['largest']:.3g} as a request, in a table"
        f" and in the evaluation ({answer['unlike']} other values differ)"
    )


def _answered(project: Project, copy: Path, folder: Path) -> str | None:
    """Let a table be scored and the same rows be asked about; say what fails."""
    table = (str(folder / "rows.parquet"), str(folder / "out.parquet"))
    done = project.command(copy, "score", *table)
    if not done.ok:
        return f"score fails: {done.reason}"
    asked = (str(folder / "rows.json"), str(folder / "asked.json"))
    script = (str(INSIDE / "fed.py"), *asked, project.package, "predict", "-")
    done = project.lab.run(copy, *script, variables=project.variables)
    return None if done.ok else f"predict fails: {done.reason}"


def _blind(context: Context, project: Project, copy: Path) -> str | None:
    """Say that features which differ from those of training serve unnoticed."""
    paths = context.tree.matching("/src/*/features.py")
    if not paths:
        return "there is no src/*/features.py, so nothing says what a model sees"
    other = project.lab.copy(copy)
    file = other / paths[0]
    file.write_text(file.read_text("utf-8") + PERTURBED, encoding="utf-8")
    champion = project.registry(copy)[1]
    golden = candidates.document(Tree(copy), f"{project.models}/{champion}/golden.json")
    done = project.command(other, "predict", json.dumps(golden.get("rows")))
    if done.ok:
        return f"{paths[0]} was changed after training, and predict answers as if it had not been"
    return None
