"""INF-07: infrastructure code is scanned, and what runs is as it says, with its stores encrypted.

Terraform, OpenTofu's *.tf and CloudFormation's *.template.* are parsed and scanned, but not
validated against their providers, which takes the network and their credentials.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from poc2prod.audit.context import INFRASTRUCTURE
from poc2prod.audit.files.tree import UnreadableError
from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed, stale, unknown
from poc2prod.audit.records.scrutiny import judged
from poc2prod.audit.running import charts, programs
from poc2prod.audit.running.pod_security import excesses

if TYPE_CHECKING:
    from poc2prod.audit.context import Context
    from poc2prod.audit.records.evidence import Envelope

OLDEST = timedelta(days=7)
"""How long ago what runs may have been compared with the code."""

SECONDS = 300.0
REPORT = "results_json.json"


def drift_free(context: Context) -> Outcome:
    """Scans find nothing, and evidence of this week says that what runs is what was scanned."""
    assert context.check is not None
    envelope = judged(context, context.check)
    if isinstance(envelope, Outcome):
        return envelope
    if wrong := _drifted(context, envelope):
        return wrong
    claims, pods = 0, 0
    if context.tree.has(f"{charts.CHART}/Chart.yaml"):
        renders = charts.rendered(context, lint=True)
        if isinstance(renders, Outcome):
            return renders
        for name, manifests in renders.items():
            place = Location(f"{charts.CHART}/{name}")
            for pod, spec in charts.pods(manifests):
                pods += 1
                for reason in excesses(spec):
                    return failed(f"{place}: {pod}, {reason}", place)
            claims = max(claims, len(charts.of(manifests, "PersistentVolumeClaim")))
    scanned = _scanned(context)
    if isinstance(scanned, Outcome):
        return scanned
    if envelope.values["stores"] < claims:
        reason = f"{envelope.values['stores']} stores were looked at, of {claims} that the chart"
        return failed(f"{envelope.path}: {reason} asks for", Location(envelope.path))
    return passed(
        f"{pods} pods and {scanned} resources are as they should be, in the code and where it runs",
        pods + scanned,
        value=0,
        evidence=(envelope.evidence,),
    )


def _drifted(context: Context, envelope: Envelope) -> Outcome | None:
    """Judge what was measured: `differences`, `stores`, and which of them are `unencrypted`."""
    values, place = envelope.values, Location(envelope.path)
    open_ = values.get("unencrypted")
    counts = [values.get(name) for name in ("differences", "stores")]
    if not isinstance(open_, list) or any(type(count) is not int or count < 0 for count in counts):
        reason = "values lacks the numbers differences and stores, or the list unencrypted"
        return failed(f"{place}: {reason}", place)
    if context.now - envelope.finished > OLDEST:
        days = (context.now - envelope.finished).days
        return stale(f"{place}: it was compared {days} days ago, of {OLDEST.days}", place)
    if values["differences"]:
        reason = f"{values['differences']} resources are not as the code says"
        return failed(f"{place}: {reason}", place, value=values["differences"], threshold=0)
    if open_:
        return failed(f"{place}: not encrypted at rest: {', '.join(map(str, open_[:5]))}", place)
    if not values["stores"]:
        return missing(f"{place}: no store was looked at", place)
    return None


def _scanned(context: Context) -> int | Outcome:
    """Return how many resources checkov finds nothing in; or what it finds, or why it can't."""
    paths = context.tree.matching(*INFRASTRUCTURE)
    if not paths:
        return 0
    checkov = programs.found("checkov")
    if checkov is None:
        return programs.absent("checkov")
    with TemporaryDirectory(prefix="poc2prod-code-") as name:
        folder = Path(name)
        for path in paths:
            copy = folder / "code" / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(context.tree.content(path) or b"")
        options = ("--framework=terraform", "--framework=cloudformation", "--skip-download")
        output = ("--output=json", f"--output-file-path={folder}", "--quiet", "--compact")
        try:
            done = programs.run(
                checkov, "--directory=code", *options, *output, cwd=folder, seconds=SECONDS
            )
        except programs.SlowError as error:
            return unknown(str(error))
        try:
            report = json.loads((folder / REPORT).read_text("utf-8"))
        except (OSError, ValueError):
            return unknown(f"checkov says nothing: {' '.join(done.stdout.split())[-300:]}")
    return _found(report if isinstance(report, list) else [report], paths[0])


def _found(reports: list[Any], first: str) -> int | Outcome:
    try:
        if sum(report["summary"]["parsing_errors"] for report in reports if "summary" in report):
            raise UnreadableError(f"checkov can't parse the code, such as {first}")
        wrong = [each for r in reports if "results" in r for each in r["results"]["failed_checks"]]
        if not wrong:
            return sum(int((r.get("summary") or r)["resource_count"]) for r in reports)
        path, line = wrong[0]["file_path"].lstrip("/"), wrong[0]["file_line_range"][0]
        place = Location(path, line)
        said = f"{place}: {wrong[0]['check_name']} ({wrong[0]['check_id']})"
        more = f", and {len(wrong) - 1} more" if wrong[1:] else ""
        return failed(f"{said}{more}", place, value=len(wrong), threshold=0)
    except (LookupError, TypeError, AttributeError) as error:
        return unknown(f"the report of this checkov can't be read: {error!r}")
