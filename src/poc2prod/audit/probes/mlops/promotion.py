"""Step 4: a model that learned nothing, and an edited evaluation, are refused by the gates."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from poc2prod.audit.files.tree import Tree
from poc2prod.audit.outcome import Outcome, failed, passed, unknown
from poc2prod.audit.running import candidates
from poc2prod.audit.running.lab import UnrunnableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from poc2prod.audit.context import Context
    from poc2prod.audit.running.candidates import Candidate, Project

EVALUATION = "evaluation/evaluation.json"


def bad_model_refused(context: Context) -> Outcome:
    """`register` refuses what learned nothing and what was edited, and accepts what is good."""
    project = candidates.ready(context)
    if isinstance(project, Outcome):
        return project
    assert context.contract is not None
    gates = [gate.id for gate in context.contract.model_quality.gates if gate.severity == "blocker"]
    if not gates:
        return failed("kpi-contract.yaml has no gate with severity blocker: nothing is refused")
    first = candidates.candidate(project, "first")
    bad = _shuffled(project, first)
    shown: tuple[Callable[[], Outcome | None], ...] = (
        lambda: _refused(project, bad.copy, "a model of shuffled labels", gates),
        lambda: _accepted(project, first),
        lambda: _refused(project, _edited(project, first), "an edited evaluation"),
        lambda: _refused(
            project, _whitewashed(project, bad, first), "a bad model whose evaluation was rewritten"
        ),
    )
    for wrong in (show() for show in shown):
        if wrong:
            return wrong
    return passed(
        "register refuses a model of shuffled labels by its gate, an edited and a rewritten"
        " evaluation, and accepts a good model",
        4,
    )


def _shuffled(project: Project, first: Candidate) -> Candidate:
    """Train a model from which nothing can be learned.

    Raises:
        UnrunnableError: that can't be done here.
    """
    if first.run is None:
        raise UnrunnableError(f"no model can be trained here: {first.reason}")
    target = candidates.document(Tree(first.run), "model.json").get("target")
    place = project.snapshots or project.data
    if place is None:
        raise UnrunnableError("the data is outside of the repository, so it can't be shuffled")

    def shuffle(copy: Path) -> None:
        request = {"data": str(copy / place), "target": target}
        answer = project.lab.script("shuffle", request)
        if not answer.get("moved"):
            reason = answer.get("error", "all its values are the same")
            raise UnrunnableError(f"{target} of {place} can't be shuffled: {reason}")

    bad = candidates.candidate(project, "shuffled", shuffle)
    if bad.run is None:
        raise UnrunnableError(f"no model can be trained on shuffled labels: {bad.reason}")
    return bad


def _refused(
    project: Project, copy: Path, what: str, gates: list[str] | None = None
) -> Outcome | None:
    """Say what is wrong unless `register` refuses, names one of the gates and changes nothing."""
    before = project.registry(copy)
    done = project.command(copy, "register")
    if done.status is None:
        raise UnrunnableError(f"register is {done.reason}")
    if project.registry(copy) != before:
        return failed(f"register accepts {what}: the registry has changed", examined=4)
    if done.ok:
        return failed(f"register ends with status 0 for {what}: {done.reason}", examined=4)
    if gates and not any(
        re.search(rf"(?<![\w-]){re.escape(g)}(?![\w-])", done.output) for g in gates
    ):
        return failed(
            f"register fails for {what} but names none of the gates {', '.join(gates)}:"
            f" {done.reason}",
            examined=4,
        )
    return None


def _accepted(project: Project, first: Candidate) -> Outcome | None:
    """Say what is wrong unless `register` accepts a model that passes its gates."""
    before = project.registry(first.copy)
    copy, done = candidates.registered(project)
    after = project.registry(copy)
    if first.evaluated is None or not first.evaluated.ok:
        reason = first.evaluated.reason if first.evaluated else first.reason
        return unknown(
            "no model passes its gates here, so it can't be shown that a good one is accepted:"
            f" {reason}"
        )
    if not done.ok:
        return failed(f"register refuses a model that passes its gates: {done.reason}", examined=4)
    new = set(after[0]) - set(before[0])
    if len(new) != 1 or after[1] not in new:
        return failed("register ends with status 0 and registers nothing", examined=4)
    assert first.run is not None
    onnx = copy / project.models / str(after[1]) / "model.onnx"
    if not onnx.is_file() or onnx.read_bytes() != (first.run / "model.onnx").read_bytes():
        return failed("register makes another model the champion than the candidate", examined=4)
    return None


def _edited(project: Project, first: Candidate) -> Path:
    """Copy the good candidate and improve a figure of its evaluation."""

    def improve(document: dict[str, Any]) -> None:
        metrics = document.get("metrics", {}).get("model", {})
        for name, value in metrics.items():
            metrics[name] = value + 0.01

    return _with_evaluation(project, first, improve, seal=False)


def _whitewashed(project: Project, bad: Candidate, good: Candidate) -> Path:
    """Copy the bad candidate and let its evaluation say what the good one's says, sums and all."""
    assert good.run is not None
    text = json.loads((good.run / EVALUATION).read_text("utf-8"))

    def claim(document: dict[str, Any]) -> None:
        keep = ("model_sha256", "data_sha256", "predictions_sha256")
        document.update({key: value for key, value in text.items() if key not in keep})

    return _with_evaluation(project, bad, claim, seal=True)


def _with_evaluation(
    project: Project,
    candidate: Candidate,
    change: Callable[[dict[str, Any]], None],
    *,
    seal: bool,
) -> Path:
    """Copy a candidate and rewrite its evaluation; sealed, as one would who knows of the sums.

    Raises:
        UnrunnableError: there is no evaluation to rewrite.
    """
    assert candidate.run is not None
    copy = project.lab.copy(candidate.copy)
    file = copy / candidate.run.relative_to(candidate.copy) / EVALUATION
    if not file.is_file():
        raise UnrunnableError("evaluate left no evaluation/evaluation.json to edit")
    document = candidates.document(Tree(file.parent), file.name)
    change(document)
    file.write_text(json.dumps(document, indent=2), encoding="utf-8")
    sums = file.parent / "SHA256SUMS"
    if seal and sums.is_file():
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        old = sums.read_text("utf-8")
        sums.write_text(
            re.sub(rf"^\w+(?=  {re.escape(file.name)}$)", digest, old, flags=re.MULTILINE), "utf-8"
        )
    return copy
