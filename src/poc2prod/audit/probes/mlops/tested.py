"""Step 4: the tests run here, and they notice mistakes in the code that only a team can write."""

from __future__ import annotations

import json
import math
import os
from typing import TYPE_CHECKING, Any

from poc2prod.audit.files.tree import Tree
from poc2prod.audit.outcome import Location, failed, missing, passed
from poc2prod.audit.running import candidates, suite
from poc2prod.audit.running.code_mutants import Mutant, broken, chosen, mutants
from poc2prod.audit.running.lab import Lab, UnrunnableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from poc2prod.audit.context import Context
    from poc2prod.audit.outcome import Outcome
    from poc2prod.audit.running.candidates import Project

FEATURES = ("/src/*/features.py", "/src/*/sources.py")
"""What turns data into features: the code that no test of the template's can know."""

TOLERANCE = 1e-4
SLOWEST = 600
"""Seconds that all mutants may take."""


def code_tested(context: Context, *, least: float, most: int) -> Outcome:
    """The tests pass, notice mistakes in the feature code, and a trained model predicts."""
    lab = context.lab
    assert lab is not None
    code = {path: context.tree.text(path) or "" for path in context.tree.matching(*FEATURES)}
    mistakes = chosen([m for path, text in code.items() for m in mutants(path, text)], most)
    if not mistakes:
        return missing(
            "there is no feature code: no function in src/*/features.py", Location("src")
        )
    project = candidates.project(context)
    if project is None:
        return candidates.no_package()
    if reason := _predicts(project):
        return failed(reason)
    ran = lab.once("suite", lambda: suite.whole(lab))
    if not ran.passed and not ran.failed:
        if ran.done.status == 5 or ran.done.ok:
            return missing("there are no tests that run: pytest found none", Location("tests"))
        raise UnrunnableError(f"the tests can't run: {ran.done.reason}")
    if ran.failed or not ran.done.ok:
        first = ran.failed[0] if ran.failed else ran.done.reason
        more = f", and {len(ran.failed) - 1} more" if ran.failed[1:] else ""
        return failed(f"tests fail: {first}{more}", Location("tests"), examined=ran.passed)
    own = sorted(ran.files - set(context.ownership.managed))
    survived = _survivors(lab, code, mistakes, own)
    share = 1 - len(survived) / len(mistakes)
    places = tuple(Location(mutant.path, mutant.line) for mutant in survived)
    figures: dict[str, Any] = {
        "examined": len(mistakes),
        "value": round(share, 3),
        "threshold": least,
    }
    if untested := _untested(mistakes, survived):
        return failed(
            f"no test notices when {untested[0].function}() in {untested[0].path} does nothing",
            *places,
            **figures,
        )
    if share < least:
        return failed(
            f"tests notice {share:.0%} of {len(mistakes)} mistakes in the feature code, such as not"
            f" when in {survived[0].function}() {survived[0].what}",
            *places,
            **figures,
        )
    return passed(
        f"{ran.passed} tests pass here and notice {share:.0%} of {len(mistakes)} mistakes in the"
        " feature code; a model trained here predicts",
        ran.passed,
        value=figures["value"],
        threshold=least,
        locations=places,
    )


def _survivors(
    lab: Lab, code: Mapping[str, str], mistakes: Sequence[Mutant], own: Sequence[str]
) -> list[Mutant]:
    """Return the mistakes that no test of the team's notices.

    Raises:
        UnrunnableError: that takes too long.
    """
    if not own:
        return list(mistakes)
    copy = lab.copy()
    for path, text in code.items():
        (copy / path).write_text(broken(path, text), encoding="utf-8")
    calling = sorted(suite.run(lab, copy, *own).unhappy & set(own))
    for path, text in code.items():
        (copy / path).write_text(text, encoding="utf-8")
    if not calling:
        return list(mistakes)
    return _unnoticed(lab, copy, code, mistakes, calling)


def _unnoticed(
    lab: Lab,
    copy: Path,
    code: Mapping[str, str],
    mistakes: Sequence[Mutant],
    tests: Sequence[str],
) -> list[Mutant]:
    """Return the mistakes with which tests pass that call what has them."""
    processes = min(len(mistakes), len(os.sched_getaffinity(0)), 8)
    request = {
        "copies": [str(copy), *(str(lab.copy()) for _ in range(processes - 1))],
        "tests": tests,
        "seconds": SLOWEST,
        "mistakes": [
            {"path": mutant.path, "text": mutant.text, "original": code[mutant.path]}
            for mutant in mistakes
        ],
    }
    found = lab.script("noticed", request, seconds=2 * SLOWEST)
    if not found.get("passes"):
        raise UnrunnableError(f"{', '.join(tests)} fail without the other tests")
    if slow := found.get("slow"):
        raise UnrunnableError(
            f"{', '.join(tests)} take {slow:.0f} s, too long to run for each of"
            f" {len(mistakes)} mistakes: keep tests of the feature code in files of their own"
        )
    return [m for m, noticed in zip(mistakes, found["noticed"], strict=True) if not noticed]


def _untested(mistakes: Sequence[Mutant], survived: Sequence[Mutant]) -> list[Mutant]:
    """Return the functions of which no mistake is noticed."""
    noticed = {(m.path, m.function) for m in mistakes if m not in survived}
    return [m for m in survived if (m.path, m.function) not in noticed]


def _predicts(project: Project) -> str | None:
    """Say why no model that was trained here predicts what it did when it was trained."""
    first = candidates.candidate(project, "first")
    if first.run is None:
        return f"training fails: {first.reason}"
    copy, done = candidates.registered(project)
    champion = project.registry(copy)[1]
    if champion is None:
        return f"no model can be registered, so none predicts: {done.reason}"
    golden = candidates.document(Tree(copy), f"{project.models}/{champion}/golden.json")
    asked = project.command(copy, "predict", json.dumps(golden.get("rows")))
    if not asked.ok:
        return f"predict fails: {asked.reason}"
    try:
        replies = json.loads(asked.output[asked.output.index("[") :])
    except (ValueError, RecursionError):
        return f"predict prints no JSON: {asked.reason}"
    if not replies or not _alike(replies, golden.get("replies")):
        return "predict answers something else than the model did when it was trained"
    return None


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(one == other)
