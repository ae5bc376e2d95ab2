"""Runs the checks: which apply, each on its own, and the rules that hold for all of them."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from poc2prod.audit.catalogue import PROFILES, load
from poc2prod.audit.conditions import ConditionError, holds
from poc2prod.audit.context import Context
from poc2prod.audit.files.tree import Tree, UnreadableError
from poc2prod.audit.git import view
from poc2prod.audit.outcome import Location, Outcome, Status, missing, unknown
from poc2prod.audit.running.copying import UnrunnableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from poc2prod.audit.catalogue import Check, Profile, Severity
    from poc2prod.audit.git.repository import Repository
    from poc2prod.audit.records.waiver import Waiver
    from poc2prod.audit.records.waivers import Waivers
    from poc2prod.audit.running.lab import Lab


class Result(NamedTuple):
    """What a check came to.

    Attributes:
        severity: how badly it matters at the project's tier.
        waiver: the one that accepts the failure; the outcome is then that of the probe, WAIVED.
        advisory: it is not yet in force, so it blocks nothing.
        seconds: how long it took.
    """

    check: Check
    outcome: Outcome
    severity: Severity
    waiver: Waiver | None = None
    advisory: bool = False
    seconds: float = 0.0

    @property
    def status(self) -> Status:
        """Its status."""
        return self.outcome.status

    @property
    def blocks(self) -> bool:
        """Whether it is a blocker that is in force and has not passed."""
        fine = self.status in (Status.PASS, Status.NA, Status.WAIVED)
        return self.severity == "blocker" and not self.advisory and not fine


class Audit(NamedTuple):
    """A finished audit.

    Attributes:
        context: what was audited.
        profile: how far it went.
        results: of the checks that were run or don't apply, in the catalogue's order.
        left: the ids of those that this profile does not run.
        waivers: what the team accepted, with what is wrong with it.
        commit: what was checked out; None without git.
        dirty: whether files differed from it, besides what audits and measurements record.
    """

    context: Context
    profile: Profile
    results: tuple[Result, ...]
    left: tuple[str, ...]
    waivers: Waivers
    commit: str | None
    dirty: bool

    @property
    def unclean(self) -> tuple[str, ...]:
        """The evidence that was made while files differed from a commit."""
        return self.context.evidence.dirty

    @property
    def complete(self) -> bool:
        """Whether all checks that apply were run."""
        return not self.left


def audit(
    root: Path,
    *,
    profile: Profile,
    now: datetime,
    allow_exec: bool = False,
    step: Callable[[Check], None] | None = None,
) -> Audit:
    """Audit the folder `root`, calling `step` before each check.

    Raises:
        CommandError: the catalogue or git can't be used.
    """
    catalogue = load()
    with ExitStack() as stack:
        tree = Tree(root)
        history = stack.enter_context(view.opened(tree.root))
        lab = stack.enter_context(_lab(tree.root)) if allow_exec else None
        context = Context(tree, history, now, catalogue, lab)
        waivers = context.waivers
        results, left = [], []
        for check in catalogue.checks.values():
            if check.replaced_by:
                continue
            if reason := _inapplicable(check, context):
                outcome, seconds = Outcome(Status.NA, reason), 0.0
            elif PROFILES.index(check.profile) > PROFILES.index(profile):
                left.append(check.id)
                continue
            else:
                if step:
                    step(check)
                outcome, seconds = _run(check, context)
            advisory = bool(check.effective_from and check.effective_from > now.date())
            severity = check.severity[context.tier]
            results.append(Result(check, outcome, severity, advisory=advisory, seconds=seconds))
        judged = waivers.applied(results)
        return Audit(
            context,
            profile,
            tuple(judged),
            tuple(left),
            waivers,
            commit=history.head if history else None,
            dirty=_dirty(history),
        )


def _lab(root: Path) -> Lab:
    from poc2prod.audit.running.lab import Lab  # noqa: PLC0415  # most audits run nothing

    return Lab(root)


def _dirty(history: Repository | None) -> bool:
    try:
        return bool(history and history.edited)
    except UnreadableError:  # what can't be compared is not shown to be clean
        return True


def _inapplicable(check: Check, context: Context) -> str | None:
    """Say why a check does not apply; None where it does."""
    if check.severity[context.tier] == "off":
        return f"not asked for at tier {context.tier}"
    if check.when is None:
        return None
    values = {**context.answers, "tier": context.tier}
    if "contract" in check.when:
        model = context.model
        values["contract"] = model.model_dump(mode="json", by_alias=True) if model else {}
    try:
        return None if holds(check.when, values) else f"applies where {check.when}"
    except ConditionError:
        return None  # malformed answers: let the probe say what is wrong


def _run(check: Check, context: Context) -> tuple[Outcome, float]:
    """Run one check, which can't hurt the others whatever it does."""
    started = time.perf_counter()
    try:
        outcome = _judged(check, context.about(check))
    except UnreadableError as error:
        outcome = Outcome(Status.FAIL, str(error), 1)
    except UnrunnableError as error:
        outcome = unknown(str(error))
    except Exception as error:  # noqa: BLE001  # a probe that fails says nothing of the repository
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        outcome = Outcome(Status.ERROR, f"the check itself failed: {reason[:500]}")
    return outcome, time.perf_counter() - started


def _judged(check: Check, context: Context) -> Outcome:
    if check.executes and context.lab is None:
        return unknown("it runs code of this repository, which needs --allow-exec")
    outcome = check.run()(context, **check.arguments)
    if outcome.status is not Status.PASS:
        return outcome
    if outcome.examined < 1:
        return missing(f"nothing was there to examine: {outcome.message}")
    if check.documents:
        there = context.tree.matching(*check.documents)
        if not there:
            path = check.documents[0]
            return missing(f"{path} is not there", Location(path))
        return context.unwritten(check.documents) or outcome
    return outcome
