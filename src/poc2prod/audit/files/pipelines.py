"""GitLab's pipeline, read but never run: which scripts run in which pipelines.

Only what `.gitlab-ci.yml` itself says counts: jobs that it includes are not seen.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from poc2prod.audit.files.workflows import Step, substituted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poc2prod.audit.context import Context

FILE = ".gitlab-ci.yml"

_BRANCH = {"CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main", "CI_COMMIT_REF_NAME": "main"}
_PIPELINES: dict[str, dict[str, str]] = {
    "pull_request": {
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_IID": "1",
        "CI_DEFAULT_BRANCH": "main",
    },
    "schedule": {"CI_PIPELINE_SOURCE": "schedule", **_BRANCH},
    "push": {"CI_PIPELINE_SOURCE": "push", **_BRANCH},
}
"""Event → the variables by which rules tell it from others."""

_GLOBAL = ("before_script", "image", "services", "cache", "after_script")
"""What the top level says for all jobs, as `default` does."""

_RESERVED = (*_GLOBAL, "default", "include", "pages", "spec", "stages", "variables", "workflow")
_DEEPEST = 11  # levels of extends that GitLab follows
_MOST = 50
_ATOM = re.compile(r"\$(\w+)\s*(?:(==|!=)\s*(null|\"[^\"]*\"|'[^']*'|\$\w+))?")


def steps(context: Context) -> Iterator[Step]:
    """Yield the script of each job, as one step.

    Raises:
        UnreadableError: the pipeline can't be read.
    """
    document = context.yaml(FILE) or {}
    default = {
        **{key: document[key] for key in _GLOBAL if key in document},
        **_mapping(document.get("default")),
    }
    for name, own in document.items():
        if str(name).startswith(".") or name in _RESERVED or not isinstance(own, dict):
            continue
        job = _extended(document, own, _DEEPEST)
        lines = [
            *_lines(job.get("before_script", default.get("before_script"))),
            *_lines(job.get("script")),
        ]
        if lines:
            yield _step(document, str(name), job, "\n".join(lines))


def _step(document: Mapping[Any, Any], name: str, job: Mapping[Any, Any], script: str) -> Step:
    weak, events = [], set()
    if job.get("allow_failure", False) is not False:
        weak.append("allow_failure on the job")
    if job.get("when", "on_success") not in ("on_success", "always"):
        weak.append(f"when: {job['when']} on the job")
    if "only" in job or "except" in job:
        weak.append("only and except, which are not read here: write rules")
    created = _mapping(document.get("workflow")).get("rules")
    environment = {
        str(key): str(value.get("value", "") if isinstance(value, dict) else value)
        for level in (document.get("variables"), job.get("variables"))
        for key, value in _mapping(level).items()
    }
    for event, variables in _PIPELINES.items():
        given = {**environment, **variables, "CI_JOB_NAME": name}
        if "rules" not in job and event == "pull_request":
            continue  # without rules a job is in no pipeline of a merge request
        for rules in (created, job.get("rules")):
            if rules is None:
                continue
            runs, lost = _ruled(rules, given)
            weak += lost
            if not runs:
                break
        else:
            events.add(event)
    return Step(
        FILE,
        name,
        substituted(script, {**environment, "CI_JOB_NAME": name}),
        environment,
        frozenset(events),
        stops=True,
        pipefail=False,  # with bash alone, and which shell an image has is not seen here
        weak=tuple(dict.fromkeys(weak)),
    )


def _ruled(rules: Any, variables: Mapping[str, str]) -> tuple[bool, list[str]]:
    """Tell whether the first rule that fits lets a job run, and how it loses the job's failure."""
    for rule in [rule for rule in _list(rules)[:_MOST] if isinstance(rule, dict)]:
        if unread := [key for key in ("changes", "exists") if key in rule]:
            return False, [f"rules by {unread[0]}"]
        verdict = _holds(str(rule["if"]), variables) if "if" in rule else True
        if verdict is None:
            return False, [f"rules: if: {str(rule['if'])[:80]}"]
        if not verdict:
            continue
        when = rule.get("when", "on_success")
        lost = ["allow_failure in a rule"] if rule.get("allow_failure", False) else []
        if when in ("never", "manual", "delayed"):
            return False, [f"rules: when: {when}"] if when != "never" else []
        return True, lost
    return False, []


def _holds(condition: str, variables: Mapping[str, str]) -> bool | None:
    """Tell whether a rule's condition holds; None where it can't be told."""
    ways = []
    for way in condition.split("||")[:_MOST]:
        atoms = [_atom(atom.strip(), variables) for atom in way.split("&&")[:_MOST]]
        ways.append(False if False in atoms else None if None in atoms else True)
    return True if True in ways else None if None in ways else False


def _atom(text: str, variables: Mapping[str, str]) -> bool | None:
    match = _ATOM.fullmatch(text)
    if match is None:
        return None
    left, operator, right = variables.get(match[1]), match[2], match[3]
    if operator is None:
        return bool(left)
    if right == "null":
        value = None
    elif right.startswith("$"):
        value = variables.get(right[1:])
    else:
        value = right[1:-1]
    return (left == value) == (operator == "==")


def _extended(document: Mapping[Any, Any], job: Mapping[Any, Any], depth: int) -> dict[Any, Any]:
    """Merge what a job extends into it: mappings key by key, anything else as the job has it."""
    merged: dict[Any, Any] = {}
    for parent in _list(job.get("extends"))[:_MOST] if depth else ():
        _merge(merged, _extended(document, _mapping(document.get(parent)), depth - 1))
    _merge(merged, job)
    return merged


def _merge(into: dict[Any, Any], other: Mapping[Any, Any]) -> None:
    for key, value in other.items():
        mine = into.get(key)
        into[key] = (
            {**mine, **value} if isinstance(mine, dict) and isinstance(value, dict) else value
        )


def _lines(value: Any) -> list[str]:
    found: list[str] = []
    for item in _list(value):
        found += _lines(item) if isinstance(item, list) else [str(item)]
    return found


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []
