"""DAT-05 and DAT-07: what a model learns from, and whether all of it is of use."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from poc2prod.audit.files import data_contract
from poc2prod.audit.files.data_contract import FILE, DataContract
from poc2prod.audit.files.tree import Tree, UnreadableError
from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed
from poc2prod.audit.running import candidates
from poc2prod.audit.running.candidates import SETTINGS, Candidate, Project
from poc2prod.audit.running.lab import INSIDE, UnrunnableError

if TYPE_CHECKING:
    from pathlib import Path

    from poc2prod.audit.context import Context


def without_leaks(context: Context, *, most: float) -> Outcome:
    """No part of the split tells of another, and no column alone tells the target.

    Args:
        context: what is audited.
        most: the AUC, or the rank correlation, up to which a column alone is believed.
    """
    found = trained(context)
    if isinstance(found, Outcome):
        return found
    project, contract, first = found
    target = next(iter(contract.of_role("target")), None)
    answer = project.lab.script(
        "leaks",
        {
            "folder": str(parts(project, first)),
            "columns": [column._asdict() for column in contract.columns],
            "problem": target.problem if target else None,
            "horizon": _horizon(context),
            "predictions": str(first.predictions),
        },
    )
    if "error" in answer:
        raise UnrunnableError(f"the split can't be examined: {answer['error']}")
    rows = sum(answer["rows"].values())
    figures: dict[str, Any] = {"value": round(answer["told"], 4), "threshold": most}
    if answer["faults"]:
        more = f", and {len(answer['faults']) - 1} more" if answer["faults"][1:] else ""
        return failed(f"the split leaks: {answer['faults'][0]}{more}", examined=rows, **figures)
    if answer["told"] > most:
        return failed(
            f"{answer['telling']} alone tells the target ({answer['told']:.3f}): it may be known"
            " only afterwards",
            Location(FILE, context.line(FILE, f"name: {answer['telling']}")),
            examined=rows,
            **figures,
        )
    return passed(
        f"{rows:,} rows are split without a common entity, period or row, and no column alone tells"
        " the target",
        rows,
        **figures,
    )


def features_earn_their_place(context: Context) -> Outcome:
    """Each feature makes the model better on held-out rows, or somebody says why it stays."""
    found = trained(context)
    if isinstance(found, Outcome):
        return found
    project, _, first = found
    assert first.run is not None
    metadata = candidates.document(Tree(first.run), "model.json")
    answer = project.lab.script(
        "worth",
        {
            "part": str(parts(project, first) / "test.npz"),
            "model": str(first.run / "model.onnx"),
            "problem": metadata.get("problem"),
            "classes": metadata.get("classes") or [],
        },
    )
    if "error" in answer:
        raise UnrunnableError(f"features can't be weighed: {answer['error']}")
    worth: dict[str, float] = answer["worth"]
    if not worth:
        return missing("the model has no features", Location("src"))
    signature = metadata.get("features")
    if not isinstance(signature, dict) or list(signature) != list(worth):
        return failed("model.json names other features than the model gets")
    idle = sorted(name for name, gain in worth.items() if gain <= 0)
    best = max(worth, key=lambda name: worth[name])
    if not idle:
        return passed(
            f"each of {len(worth)} features makes predictions of {answer['rows']:,} held-out rows"
            f" better, {best} most",
            len(worth),
        )
    attested = context.attestations.judged(context.check.id if context.check else "DAT-07")
    names = ", ".join(idle)
    if attested.status == "PASS":
        return attested.but(attested.status, f"{names} earn nothing, and stay: {attested.message}")
    return failed(
        f"{names} make no prediction better: leave them out, or attest why they stay",
        examined=len(worth),
        value=len(idle),
        threshold=0,
    )


def parts(project: Project, first: Candidate) -> Path:
    """Return the folder with the split that the project's own code makes, made once.

    Raises:
        UnrunnableError: it makes none.
    """

    def make() -> Path:
        folder = project.lab.home / "parts"
        folder.mkdir()
        script = (str(INSIDE / "parts.py"), project.package, str(folder))
        done = project.lab.run(first.copy, *script, variables=project.variables)
        if not done.ok:
            raise UnrunnableError(f"the data can't be loaded as training does: {done.reason}")
        return folder

    return project.lab.once("parts", make)


def trained(context: Context) -> tuple[Project, DataContract, Candidate] | Outcome:
    """Return what is trained here, and the candidate; or why there is none."""
    contract = data_contract.read(context)
    if contract is None:
        return missing(f"{FILE} is not there", Location(FILE))
    project = candidates.project(context)
    if project is None:
        return candidates.no_package()
    first = candidates.candidate(project, "first")
    if first.run is None:
        return failed(f"training fails: {first.reason}")
    if first.predictions is None:
        return failed("evaluate leaves no predictions of held-out rows")
    return project, contract, first


def _horizon(context: Context) -> float:
    try:
        settings = tomllib.loads(context.tree.text(SETTINGS) or "")
    except tomllib.TOMLDecodeError as error:
        raise UnreadableError(f"{SETTINGS} is no TOML: {error}") from error
    hours = settings.get("label_horizon_hours", 0)
    return float(hours) if isinstance(hours, int | float) else 0.0
