"""The report as SARIF 2.1.0, for GitHub code scanning and other viewers.

Code scanning makes an alert of every result, whatever its kind. So what passes or does not apply is
left out, and its alert closes by itself.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from poc2prod.audit.reports import words
from poc2prod.project import ANSWERS

if TYPE_CHECKING:
    from poc2prod.audit.reports.words import Entry, Report

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS = {"blocker": "error", "major": "warning", "minor": "note", "advisory": "note"}
EXITS = {
    0: "the level is met",
    1: "the level is not met",
    3: "a check failed to run or there was nothing to examine",
    4: "only what is stale or expired stands against the level",
}


def write(report: Report) -> str:
    """Return the report as SARIF."""
    shown = words.with_status(report, *words.OPEN, "WAIVED")
    waivers = {waiver["id"]: waiver for waiver in report["waivers"]}
    generator = report["generator"]
    run = {
        "tool": {
            "driver": {
                "name": generator["name"],
                "version": generator["version"],
                "semanticVersion": generator["version"],
                "rules": [_rule(result) for result in shown],
            }
        },
        "automationDetails": {"id": f"poc2prod/{report['profile']}/"},
        "invocations": [_invocation(report)],
        "results": [_result(n, result, waivers) for n, result in enumerate(shown)],
        "columnKind": "unicodeCodePoints",
        "properties": {
            "level": report["level"]["reached"] or "none",
            "target": report["level"]["target"],
            "readiness": report["readiness"],
            "catalogueSha256": report["catalogue_sha256"],
        },
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(result: Entry) -> dict[str, Any]:
    help_text = f"{result['why']}\n\nWhat to do: {result['fix']}"
    return {
        "id": result["id"],
        "name": result["id"].replace("-", ""),
        "shortDescription": {"text": words.shortened(result["title"], 1000)},
        "fullDescription": {"text": words.shortened(result["why"], 1000)},
        "help": {
            "text": help_text,
            "markdown": f"{result['why']}\n\n**What to do:** {result['fix']}\n\n"
            f"`poc2prod explain {result['id']}` says more.",
        },
        "defaultConfiguration": {"level": LEVELS[words.group(result)]},
        "properties": {
            "tags": [f"step-{result['step']}", result["severity"], *result["kinds"]],
            "precision": "very-high",
            "problem.severity": _problem(result),
        },
    }


def _problem(result: Entry) -> str:
    level = LEVELS[words.group(result)]
    return "recommendation" if level == "note" else level


def _result(number: int, result: Entry, waivers: dict[str, Entry]) -> dict[str, Any]:
    # Code scanning shows only what has a place: the answers file stands for the project.
    places = result["locations"] or [{"path": ANSWERS, "line": 0}]
    print_ = hashlib.sha256(f"{result['id']}\0{places[0]['path']}".encode()).hexdigest()
    found = {
        "ruleId": result["id"],
        "ruleIndex": number,
        "level": LEVELS[words.group(result)],
        "message": {"text": f"{result['status']}: {words.clean(result['message'])}"},
        "locations": [_location(places[0])],
        # Neither moves with a line, so that an alert stays the same one.
        "partialFingerprints": {
            "primaryLocationLineHash": f"{print_[:16]}:1",
            "poc2prodCheck/v1": print_,
        },
        "properties": {"status": result["status"], "examined": result["examined"]},
    }
    if places[1:]:
        found["relatedLocations"] = [
            {"id": n, **_location(place)} for n, place in enumerate(places[1:], 1)
        ]
    if result["status"] == "WAIVED":
        found["suppressions"] = [_suppression(waivers.get(result["waiver"]))]
    return found


def _location(place: Entry) -> dict[str, Any]:
    parts = [part for part in place["path"].split("/") if part not in ("", ".", "..")]
    artifact = {"uri": quote("/".join(parts)), "uriBaseId": "%SRCROOT%"}
    region = {"region": {"startLine": place["line"]}} if place["line"] else {}
    return {"physicalLocation": {"artifactLocation": artifact, **region}}


def _suppression(waiver: Entry | None) -> dict[str, Any]:
    said = [words.clean(waiver.get("reason") or ""), words.signed(waiver)] if waiver else []
    return {
        "kind": "external",
        "status": "accepted",
        "justification": ". ".join(filter(None, said)) or "waived in readiness/waivers.yaml",
    }


def _invocation(report: Report) -> dict[str, Any]:
    errors = words.with_status(report, "ERROR")
    return {
        "executionSuccessful": report["exit"] != 3,
        "exitCode": report["exit"],
        "exitCodeDescription": EXITS[report["exit"]],
        "toolExecutionNotifications": [
            {
                "level": "error",
                "descriptor": {"id": result["id"]},
                "message": {"text": words.clean(result["message"])},
            }
            for result in errors
        ],
    }
