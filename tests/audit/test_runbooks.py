from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from poc2prod.audit.outcome import Status
from small import write
from small_audits import answered, edited, judged

if TYPE_CHECKING:
    from pathlib import Path

RULES = """\
groups:
  - name: own
    rules:
      - record: queue:rate
        expr: rate(queue[5m])
      - alert: QueueFull
        expr: queue > 1
        labels: {severity: page, owner: us}
        annotations: {runbook: docs/runbooks/queue.md}
"""
PAGE = """\
<!-- Managed -->
# The queue is full

## Impact

Callers wait.

## Confirm

Look at `make kpi`.

## Mitigate

1. Stop what fills it

## Roll back

```sh
# make nothing
ls models
.venv/bin/pump-failure promote v1 # the one before
(cd deploy && make image)
PYTHON=python3 make -j 2 serve ARGS="--now"
```

```python
make = "no shell"
```

## Escalate

See [contacts.md](contacts.md).
"""
MAKEFILE = ".PHONY: kpi image\nX := make\nkpi image: ## both\n\techo\nserve:\n\techo\n"
FILES = {
    "monitoring/rules/own.yaml": RULES,
    "docs/runbooks/queue.md": PAGE,
    "docs/runbooks/contacts.md": "Call 112.\n",
    "Makefile": MAKEFILE,
    "src/pump_failure/ops/commands/promote.py": "",
    "src/pump_failure/ops/commands/kpi/report.py": "",
}
QUEUE = "docs/runbooks/queue.md"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with an alert that leads to a good runbook."""
    answered(tmp_path, project_name="pump-failure", latency="interactive")
    write(tmp_path, FILES)
    return tmp_path


def test_runbooks_that_say_what_to_do_pass(project: Path) -> None:
    outcome = judged(project, "MON-03")
    assert (outcome.status, outcome.message) == (Status.PASS, "1 alerts lead to 1 runbooks")


def test_without_alerts_there_is_nothing_to_lead_anywhere(project: Path) -> None:
    (project / "monitoring/rules/own.yaml").unlink()
    assert judged(project, "MON-03").status is Status.MISSING


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("queue.md}", "gone.md}", "docs/runbooks/gone.md is not in this repository"),
        ("queue.md}", "../../etc/passwd}", "is not in this repository"),
        ("{runbook: docs/runbooks/queue.md}", "{}", "the runbook of QueueFull is not named"),
        (", owner: us", "", "QueueFull has no owner"),
    ],
)
def test_an_alert_that_leads_nowhere_fails(project: Path, old: str, new: str, said: str) -> None:
    edited(project / "monitoring/rules/own.yaml", old, new)
    outcome = judged(project, "MON-03")
    assert outcome.status is Status.FAIL
    assert said in outcome.message
    assert str(outcome.locations[0]) == "monitoring/rules/own.yaml:6"


@pytest.mark.parametrize(
    ("old", "new", "status", "said"),
    [
        ("## Impact", "Impact", Status.FAIL, "has no section Impact"),
        ("## Roll back", "## Roll over", Status.FAIL, "has no section Roll back"),
        ("Callers wait.", "", Status.STUB, "queue.md:4: the section Impact is empty"),
        ("Callers wait.", "<!-- later -->", Status.STUB, "the section Impact is empty"),
        ("Callers wait.", "<!-- poc2prod:fill impact -->", Status.STUB, "queue.md:6 has nothing"),
        ("`make kpi`", "`make coffee`", Status.FAIL, "queue.md:10: there is no `make coffee`"),
        ("make image", "make imagine", Status.FAIL, "there is no `make imagine`"),
        ("serve ARGS", "surf ARGS", Status.FAIL, "there is no `make surf`"),
        ("promote v1", "demote v1", Status.FAIL, "there is no `pump-failure demote`"),
        (
            ".venv/bin/pump-failure promote",
            "python -m pump_failure kpi rapport",
            Status.FAIL,
            "there is no `pump_failure kpi`",
        ),
        ("(contacts.md)", "(people.md)", Status.FAIL, "people.md, which it links to, is not there"),
    ],
)
def test_a_runbook_that_does_not_help_is_found(
    project: Path, old: str, new: str, status: Status, said: str
) -> None:
    edited(project / QUEUE, old, new)
    outcome = judged(project, "MON-03")
    assert outcome.status is status
    assert said in outcome.message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("## Roll back", "### ROLLBACK ##"),
        ("promote v1", "kpi report"),
        ("```sh", "~~~"),
        ("(contacts.md)", "(https://plant.eu/people)"),
    ],
)
def test_what_is_written_otherwise_helps_too(project: Path, old: str, new: str) -> None:
    edited(project / QUEUE, old, new)
    if new == "~~~":
        edited(project / QUEUE, 'now"\n```', 'now"\n~~~')
    assert judged(project, "MON-03").status is Status.PASS


def test_an_empty_runbook_is_a_stub(project: Path) -> None:
    (project / QUEUE).write_text("\n", "utf-8")
    assert judged(project, "MON-03").status is Status.STUB


def test_contacts_are_for_people_to_write(project: Path) -> None:
    contacts = project / "docs/runbooks/contacts.md"
    contacts.write_text("Call: <!-- poc2prod:fill contacts.called -->\n", "utf-8")
    assert judged(project, "MON-03").message == (
        "docs/runbooks/contacts.md has nothing yet for contacts.called"
    )
    assert judged(project, "MON-03").status is Status.STUB
    contacts.unlink()
    edited(project / QUEUE, "(contacts.md)", "(queue.md)")
    assert judged(project, "MON-03").status is Status.MISSING
