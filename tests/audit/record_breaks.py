"""What people do to the records of a good project: its history, waivers, evidence and workflow."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

from audit.filled import ADA, commit
from audit.whole import today
from poc2prod.audit.catalogue import load
from small import digest

if TYPE_CHECKING:
    from audit.whole import Whole


def one_who_does_it_all(whole: Whole) -> None:
    shutil.rmtree(whole.root / ".git")
    commit(whole.root, today() - timedelta(days=1), [ADA])
    for command in ("evaluate", "drill", "scan"):
        whole.run(command)


def edit_that_the_records_hide(whole: Whole) -> None:
    file = whole.root / "docs/runbooks/watchdog.md"
    old = file.read_text("utf-8")
    file.write_text(f"{old}\nAsk the plant first.\n", encoding="utf-8")
    new = file.read_text("utf-8")
    whole.edit(".poc2prod/ownership.yaml", digest(old), digest(new))
    whole.commit()


def waiver_that_its_owner_approved(whole: Whole) -> None:
    waiver = {
        "id": "W-2026-001",
        "check": "ORG-01",
        "category": "accepted_risk",
        "reason": "The second maintainer starts in the next quarter",
        "ticket": "OPS-1",
        "owner": ADA,
        "approver": ADA,
        "granted": f"{today() - timedelta(days=1)}",
        "expires": f"{today() + timedelta(days=30)}",
        "check_version": load()["ORG-01"].version,
        "renewals": 0,
    }
    text = json.dumps({"waivers": [waiver]})
    (whole.root / "readiness/waivers.yaml").write_text(text, encoding="utf-8")
    whole.commit()


def evidence_of_another_table(whole: Whole) -> None:
    file = whole.root / "readiness/evidence/evaluate.json"
    document = json.loads(file.read_text("utf-8"))
    document["inputs"][0]["sha256"] = "0" * 64
    file.write_text(json.dumps(document), encoding="utf-8")


def audit_whose_failure_is_ignored(whole: Whole) -> None:
    command = 'make audit POC2PROD="$RUNNER_TEMP/poc2prod/bin/poc2prod"'
    whole.edit(".github/workflows/ci.yml", command, f"{command} || true")
    whole.commit()


def a_drill_that_took_too_long(whole: Whole) -> None:
    file = whole.root / "readiness/evidence/drill.json"
    envelope = json.loads(file.read_text(encoding="utf-8"))
    envelope["values"]["rto_seconds"] = 3601
    file.write_text(json.dumps(envelope), encoding="utf-8")
