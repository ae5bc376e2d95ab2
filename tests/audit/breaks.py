"""What people do to a good project, each of which exactly one check of the audit guards against."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from audit.data_breaks import DATA
from audit.filled import ADA, APPROVERS, BOB, approve, commit
from audit.record_breaks import (
    a_drill_that_took_too_long,
    audit_whose_failure_is_ignored,
    edit_that_the_records_hide,
    evidence_of_another_table,
    one_who_does_it_all,
    waiver_that_its_owner_approved,
)
from audit.security_breaks import (
    action_by_its_tag,
    hole_that_nobody_closed,
    key_that_was_removed_again,
    model_signed_by_nobody,
)
from audit.whole import today
from poc2prod.audit.outcome import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from audit.whole import Whole


@dataclass(frozen=True)
class Break:
    """What somebody does, and what the audit says.

    Attributes:
        check: the one that must turn red.
        does: it to a copy of the good project.
        status: what the check comes to.
        says: a part of its message.
        also: checks that turn red too, by design.
    """

    check: str
    does: Callable[[Whole], object]
    status: Status
    says: str
    also: Mapping[str, Status] = field(default_factory=dict)


def nobody_after_the_project(whole: Whole) -> None:
    whole.contract("team: Plant IT", "team: TODO", "0.1.1")


def no_promise_of_a_load(whole: Whole) -> None:
    whole.contract(
        "  limits:\n    - {id: NF-LOAD, kind: throughput_rps, value: 50}"
        " # requests a second that it must stand\n",
        "",
        "1.0.0",
    )


def approved_by_its_author(whole: Whole) -> None:
    approve(whole.root, today() - timedelta(days=1), {**APPROVERS, "operations": ADA})
    commit(whole.root, today() - timedelta(days=1), [BOB])


def lower_gate_in_the_same_version(whole: Whole) -> None:
    whole.contract(
        "metric: average_precision, op: gte, value: 0.6,",
        "metric: average_precision, op: gte, value: 0.5,",
        "0.1.0",
    )


def chance_in_the_model(whole: Whole) -> None:
    whole.edit(
        whole.code("model.py"),
        "learning_rate=0.05",
        'learning_rate=__import__("random").uniform(0.04, 0.06)',
    )
    whole.commit()
    whole.measure()


def better_predictions(whole: Whole) -> None:
    """Write that the model warned of what happened, and make all sums and figures agree."""
    code = (
        "import sys; sys.path[:0] = ['tests', 'tests/ops']\n"
        "import pathlib, tampering\n"
        "tampering.edit_predictions(pathlib.Path('models/v1'), tampering.as_happened)"
    )
    done = whole.project(str(whole.root / ".venv/bin/python"), "-c", code)
    assert done.returncode == 0, done.stdout


def register_what_misses_its_gates(whole: Whole) -> None:
    whole.edit(
        whole.code("ops/promotion.py"), "        if missed:\n", "        if missed and back:\n"
    )
    whole.commit()
    whole.measure()


def tests_that_assert_nothing(whole: Whole) -> None:
    for name in ("features", "sources"):
        file = whole.root / f"tests/test_{name}.py"
        file.write_text("def test_it():\n    assert True\n", encoding="utf-8")
    whole.commit()


def rule_edited_by_hand(whole: Whole) -> None:
    whole.edit("monitoring/rules/nf-load.yaml", "[5m])) > 50", "[5m])) > 5000")
    whole.commit()


def alert_without_a_test(whole: Whole) -> None:
    """Add one where teams may, with all that a rule needs but a test."""
    file = whole.root / "monitoring/own/pump.yaml"
    file.parent.mkdir()
    file.write_text(
        "groups:\n"
        "- name: pump\n"
        "  rules:\n"
        "  - alert: PumpSilent\n"
        "    expr: sum(rate(http_requests_total[5m])) > 45\n"
        "    labels: {severity: ticket, owner: Reliability Engineering, contract: NF-LOAD}\n"
        "    annotations: {summary: It is near., runbook: docs/runbooks/throughput.md}\n",
        encoding="utf-8",
    )
    whole.commit()


def section_without_a_word(whole: Whole) -> None:
    file = whole.root / "docs/runbooks/latency.md"
    before, _, rest = file.read_text("utf-8").partition("## Mitigate\n")
    _, after, end = rest.partition("## Roll back")
    file.write_text(f"{before}## Mitigate\n\n{after}{end}", encoding="utf-8")
    whole.commit()


FAIL, STUB, STALE = Status.FAIL, Status.STUB, Status.STALE


def base_by_its_tag(whole: Whole) -> None:
    file = whole.root / "deploy/base.Dockerfile"
    file.write_text(file.read_text("utf-8").partition("@")[0], encoding="utf-8")
    whole.commit()


def cluster_edited_by_hand(whole: Whole) -> None:
    whole.compare(differences=2)


def pods_that_stand_less(whole: Whole) -> None:
    values = whole.root / "deploy/helm/values-production.yaml"
    with values.open("a", encoding="utf-8") as stream:
        stream.write("autoscaling: {requestsPerSecond: 20}\n")
    whole.commit()


def canary_that_forgives(whole: Whole) -> None:
    whole.edit("deploy/helm/compiled/rollout.yaml", "<= 0.005", "<= 0.05")
    whole.commit()


BREAKS: dict[str, Break] = {
    "a pod in production stands less than it was sized for": Break(
        "INF-02", pods_that_stand_less, FAIL, "less than 1.3 times NF-LOAD"
    ),
    "the canary's analysis forgives what the contract does not": Break(
        "REL-03", canary_that_forgives, FAIL, "NF-AVAIL: a bad value promotes"
    ),
    **{name: Break(*each) for name, each in DATA.items()},
    "the contract names nobody for the time after the project": Break(
        "KPI-01", nobody_after_the_project, STUB, "is a placeholder: TODO"
    ),
    "the contract no longer promises a load, properly versioned and approved": Break(
        "KPI-04", no_promise_of_a_load, FAIL, "a limit of kind throughput_rps"
    ),
    "the base of the image is named by its tag": Break(
        "INF-01", base_by_its_tag, FAIL, "slim-bookworm is named by a tag, which moves"
    ),
    "somebody changed the cluster by hand": Break(
        "INF-07", cluster_edited_by_hand, FAIL, "2 resources are not as the code says"
    ),
    "the last drill took longer than the contract allows": Break(
        "INF-08", a_drill_that_took_too_long, FAIL, "rto_seconds is 3601, of 3600"
    ),
    "who wrote the contract approves it for operations": Break(
        "KPI-05", approved_by_its_author, FAIL, f"{ADA} approved it and wrote lines of it"
    ),
    "a gate is loosened and approved in the same version": Break(
        "KPI-06", lower_gate_in_the_same_version, FAIL, "the version must be 1.0.0"
    ),
    "the model is trained with another rate each time": Break(
        "MDL-01", chance_in_the_model, FAIL, "two trainings with one seed differ"
    ),
    "the predictions say what happened": Break(
        "MDL-02", better_predictions, FAIL, "model/alarm is not what the threshold makes"
    ),
    "register does not look at the gates": Break(
        "MDL-06", register_what_misses_its_gates, FAIL, "register accepts a model of shuffled"
    ),
    "the team's tests assert nothing": Break(
        "MDL-07", tests_that_assert_nothing, FAIL, "no test notices when"
    ),
    "a rule is edited by hand": Break(
        "MON-01", rule_edited_by_hand, FAIL, "is not as kpi-contract.yaml compiles"
    ),
    "an alert of the team's own has no test": Break(
        "MON-02", alert_without_a_test, FAIL, "PumpSilent"
    ),
    "a runbook does not say how to mitigate": Break(
        "MON-03", section_without_a_word, STUB, "the section Mitigate is empty"
    ),
    "a key was committed and removed again": Break(
        "SEC-02", key_that_was_removed_again, FAIL, "notes.txt:1 (github-pat) since commit"
    ),
    "a hole that was found was not closed": Break(
        "SEC-03", hole_that_nobody_closed, FAIL, "1 holes are open for too long: GHSA-1"
    ),
    "an action is pinned by its tag": Break(
        "SEC-04", action_by_its_tag, FAIL, "actions/cache@v5 is not pinned by its commit"
    ),
    "the model is not signed": Break(
        "REL-04", model_signed_by_nobody, FAIL, "models/v1 is not signed"
    ),
    "one person made every commit": Break(
        "ORG-01", one_who_does_it_all, FAIL, "1 of at least 2 maintainers"
    ),
    "a managed file and poc2prod's record of it are edited": Break(
        "AUD-01", edit_that_the_records_hide, FAIL, "hides that 1 managed files"
    ),
    "the owner of a waiver approves it": Break(
        "AUD-02", waiver_that_its_owner_approved, FAIL, "void"
    ),
    "evidence claims another table than there is": Break(
        "AUD-03", evidence_of_another_table, STALE, "data/snapshots/manifests/"
    ),
    "the workflow goes on after a failed audit": Break(
        "AUD-04", audit_whose_failure_is_ignored, FAIL, "nothing stops at a failed audit"
    ),
}
