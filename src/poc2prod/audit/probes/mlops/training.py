"""Step 4: training gives the same model again, and records what it ran with."""

from __future__ import annotations

import ast
import hashlib
from typing import TYPE_CHECKING

from poc2prod.audit.files.tree import Tree, UnreadableError
from poc2prod.audit.outcome import Location, Outcome, failed, passed
from poc2prod.audit.probes.mlops import verdicts
from poc2prod.audit.running import candidates

if TYPE_CHECKING:
    from pathlib import Path

    from poc2prod.audit.context import Context
    from poc2prod.audit.running.candidates import Candidate, Project

STRICT = 1e-6
"""The tolerance where the project declares none."""

SHARE = 0.01
"""Of the narrowest margin of a gate: two trainings must not differ by more, or chance decides."""

WIDEST = 1e-3
"""What a project may declare: rounding differs by less, and an edited prediction by more."""

_TOLERANCE = "/src/*/ops/predictor.py"


def reproducible(context: Context) -> Outcome:
    """Two trainings in fresh processes predict the same, and the record names the lock."""
    project = candidates.ready(context)
    if isinstance(project, Outcome):
        return project
    assert context.contract is not None
    tolerance, place = _tolerance(context.tree)
    if not tolerance <= WIDEST:
        return failed(
            f"the tolerance {tolerance:g} is wider than {WIDEST:g}: it hides more than rounding",
            place,
            value=tolerance,
            threshold=WIDEST,
        )
    first = candidates.candidate(project, "first")
    if first.predictions is None or first.run is None:
        return failed(f"training leaves no model that is evaluated: {_why(first)}")
    found = project.lab.script("recompute", {"bundle": str(first.run)})
    if "error" in found:
        return failed(f"what is trained here can't be recomputed: {found['error']}")
    kept = [v for v in verdicts.judged(context.contract.model_quality, found) if v.passed]
    gates = [v for v in kept if v.blocker and v.gate != "EVALUATION"]
    narrow = min(gates, key=lambda verdict: verdict.margin, default=None)
    if narrow:
        tolerance = min(tolerance, SHARE * narrow.margin)
    return _repeated(project, first, tolerance)


def _repeated(project: Project, first: Candidate, tolerance: float) -> Outcome:
    """Train once more, and compare."""
    assert first.run is not None
    second = candidates.candidate(project, "second")
    if second.predictions is None:
        return failed(f"a second training leaves no model that is evaluated: {_why(second)}")
    tables = [str(first.predictions), str(second.predictions)]
    compared = project.lab.script("compare", {"tables": tables})
    if "error" in compared:
        return failed(f"two trainings can't be compared: {compared['error']}")
    if compared["unlike"] or compared["largest"] > tolerance:
        return failed(
            f"two trainings with one seed differ by {compared['largest']:g} in"
            f" {compared['where'] or 'labels'}, and {compared['unlike']} of their labels or alarms"
            f" are not the same",
            examined=compared["examined"],
            value=compared["largest"],
            threshold=tolerance,
        )
    if reason := _lock(first.copy, first.run):
        return failed(reason, Location("requirements"), examined=compared["examined"])
    return passed(
        f"two trainings predict the same within {tolerance:g}",
        compared["examined"],
        value=compared["largest"],
        threshold=tolerance,
    )


def _why(candidate: candidates.Candidate) -> str:
    return candidate.reason or (candidate.evaluated.reason if candidate.evaluated else "no reason")


def _tolerance(tree: Tree) -> tuple[float, Location]:
    """Return by what predictions may differ, as the project declares it, and where."""
    for path in tree.matching(_TOLERANCE):
        try:
            body = ast.parse(tree.text(path) or "").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise UnreadableError(f"{path} is no Python that can be read") from error
        for node in body:
            if (
                isinstance(node, ast.Assign)
                and any(isinstance(t, ast.Name) and t.id == "TOLERANCE" for t in node.targets)
                and isinstance(node.value, ast.Constant)
                and isinstance(node.value.value, int | float)
            ):
                return float(node.value.value), Location(path, node.lineno)
    return STRICT, Location("src")


def _lock(copy: Path, run: Path) -> str | None:
    """Say what is wrong with the digest of the lock that a run records."""
    files = sorted((copy / "requirements").glob("*.txt"))
    if not files:
        return "nothing in requirements/ pins what training runs with"
    sums = "".join(f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}\n" for f in files)
    record = candidates.made_from(candidates.document(Tree(run), "model.json")).get("lock_sha256")
    if record is None:
        return "the record of a run does not name its lock: made_from.lock_sha256 in model.json"
    if record != hashlib.sha256(sums.encode()).hexdigest():
        return "the lock that a run records, made_from.lock_sha256, is not requirements/*.txt"
    return None
