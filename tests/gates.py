"""A workflow and a Makefile that run the audit as a gate, and what the audit says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probing import outcome

if TYPE_CHECKING:
    from pathlib import Path

    from poc2prod.audit.outcome import Outcome

CI = ".github/workflows/ci.yml"
AUDIT = "poc2prod audit --profile pr --allow-exec --output build/audit.html"
WORKFLOW = f"""\
name: Audit
on:
  push: {{branches: [main]}}
  pull_request:
  schedule: [{{cron: "23 4 * * 1"}}]
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: make build
  audit:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: {AUDIT}
      - uses: actions/upload-artifact@v4
        if: always()
"""
JOB = "  audit:\n"
BY_MAKE = WORKFLOW.replace(AUDIT, "make audit")
MAKEFILE = """\
POC2PROD ?= uvx poc2prod@0.4.0
LEVEL := L1
audit: ready ## Audit
\t@$(POC2PROD) audit --profile pr --allow-exec --level $(LEVEL) \\
\t  --output build/audit.html $(ARGS)
ready:
\techo ready
"""


def judged(root: Path, workflow: str = WORKFLOW, made: str = MAKEFILE) -> Outcome:
    """Return what AUD-04 says of a folder with this workflow and this Makefile."""
    return outcome(root, "AUD-04", {CI: workflow, "Makefile": made})
