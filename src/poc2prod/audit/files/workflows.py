"""GitHub workflows, read but never run: which scripts run on which events."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poc2prod.audit.context import Context

FILES = ("/.github/workflows/*.yml", "/.github/workflows/*.yaml")

EVENTS = {"pull_request": "pull requests", "schedule": "a schedule", "push": "pushes to main"}
"""The events on which an audit must gate, and how a message says them."""

BRANCHES = ("main", "master")
_MOST = 20
_EXPRESSION = re.compile(r"\$\{\{((?:'[^']*'|[^'{])*?)\}\}")
_SYNTAX = re.compile(r"[\s;&|()<>'\"#\\`$]+")


class Step(NamedTuple):
    """A step that runs a script.

    Attributes:
        path: of the workflow.
        job: its id.
        script: what runs, with the values of the environment and the matrix filled in.
        environment: the variables that the workflow sets.
        events: those of EVENTS on which it runs.
        stops: whether its shell stops at the first failure.
        pipefail: whether a pipe fails with any of its parts.
        weak: how the workflow loses a failure of the step, or skips it, one phrase each.
    """

    path: str
    job: str
    script: str
    environment: Mapping[str, str]
    events: frozenset[str]
    stops: bool
    pipefail: bool
    weak: tuple[str, ...]


def steps(context: Context) -> Iterator[Step]:
    """Yield the steps of all workflows that run scripts.

    Raises:
        UnreadableError: a workflow can't be read.
    """
    for path in context.tree.matching(*FILES):
        document = context.yaml(path) or {}
        events, left = _events(document.get("on", document.get(True)))  # YAML 1.1 makes on true
        jobs = _mapping(document.get("jobs"))
        for name, job in jobs.items():
            job = _mapping(job)  # noqa: PLW2901
            for step in _list(job.get("steps")):
                if isinstance(step, dict) and isinstance(step.get("run"), str):
                    yield from _step(path, document, jobs, str(name), step, events, left)


def _step(
    path: str,
    document: Mapping[Any, Any],
    jobs: Mapping[Any, Any],
    name: str,
    step: Mapping[Any, Any],
    events: frozenset[str],
    left: list[str],
) -> Iterator[Step]:
    job = _mapping(jobs.get(name))
    weak = list(left)
    for level, what in ((job, "job"), (step, "step")):
        if level.get("continue-on-error", False) is not False:
            weak.append(f"continue-on-error on the {what}")
    conditions = [step.get("if"), *(other.get("if") for other in _needed(jobs, name))]
    for condition in conditions:
        verdicts = {event: _holds(condition, event) for event in events}
        events = frozenset(event for event, held in verdicts.items() if held is not False)
        if None in verdicts.values() or (condition is not None and not events):
            shown = str(condition).lower() if isinstance(condition, bool) else str(condition)
            weak.append(f"if: {shown[:80]}")
    defaults = {
        **_mapping(_mapping(document.get("defaults")).get("run")),
        **_mapping(_mapping(job.get("defaults")).get("run")),
        **step,
    }
    shell = str(defaults.get("shell", "bash -e {0}"))
    if not re.match(r"(/bin/|/usr/bin/)?(ba)?sh\b", shell):
        return
    if str(defaults.get("working-directory", ".")) not in (".", "./", "${{ github.workspace }}"):
        weak.append("it runs in another folder")
    environment = {
        str(key): str(value)
        for level in (document, job, step)
        for key, value in _mapping(level.get("env")).items()
    }
    full = shell == "bash"
    for values in _matrix(job):
        filled = {key: _opaque(_filled(value, values)) for key, value in environment.items()}
        yield Step(
            path,
            name,
            substituted(_opaque(_filled(str(step["run"]), values)), filled),
            filled,
            events,
            stops=full or shell == "sh" or bool(re.search(r"\s-[a-z]*e", shell)),
            pipefail=full or "pipefail" in shell,
            weak=tuple(dict.fromkeys(weak)),
        )


def _events(on: Any) -> tuple[frozenset[str], list[str]]:
    """Return the events of EVENTS that start a workflow, and why others of them don't."""
    if isinstance(on, str):
        on = [on]
    if isinstance(on, list):
        on = {name: None for name in on if isinstance(name, str)}
    found, left = set(), []
    for name, filters in _mapping(on).items():
        if name not in EVENTS:
            continue
        filters = _mapping(filters)  # noqa: PLW2901
        if name == "push" and not _pushed(filters):
            continue
        types = _list(filters.get("types"))
        if name == "pull_request" and types and "synchronize" not in types:
            left.append("it does not run when a pull request changes")
        elif ignored := [key for key in ("paths", "paths-ignore") if key in filters]:
            left.append(f"{ignored[0]} leaves {EVENTS[name]} out")
        else:
            found.add(name)
    return frozenset(found), left


def _pushed(filters: Mapping[Any, Any]) -> bool:
    """Tell whether a push to the main branch starts it."""
    if "branches" in filters:
        patterns = [str(pattern) for pattern in _list(filters["branches"])[:_MOST]]
        return any(fnmatchcase(name, pattern) for name in BRANCHES for pattern in patterns)
    ignored = [str(pattern) for pattern in _list(filters.get("branches-ignore"))[:_MOST]]
    if any(fnmatchcase(name, pattern) for name in BRANCHES for pattern in ignored):
        return False
    return "branches-ignore" in filters or not filters.keys() & {"tags", "tags-ignore"}


def _needed(jobs: Mapping[Any, Any], name: str) -> list[Mapping[Any, Any]]:
    """Return a job and those that it waits for: it is skipped, and so green, where they are."""
    names = [name]
    seen: list[str] = []
    while names and len(seen) < 100:
        current = names.pop()
        if current in seen:
            continue
        seen.append(current)
        needs = _mapping(jobs.get(current)).get("needs")
        names += [str(other) for other in ([needs] if isinstance(needs, str) else _list(needs))]
    return [_mapping(jobs.get(one)) for one in seen]


def _holds(condition: Any, event: str) -> bool | None:
    """Tell whether a step or job with this `if` runs on an event; None where it can't be told."""
    if condition is None or isinstance(condition, bool):
        return condition is not False
    text = re.sub(r"^\s*\$\{\{(.*)\}\}\s*$", r"\1", str(condition), flags=re.DOTALL)
    ways = []
    for way in text.split("||")[:_MOST]:
        atoms = [_atom(atom.strip(), event) for atom in way.split("&&")[:_MOST]]
        ways.append(False if False in atoms else None if None in atoms else True)
    return True if True in ways else None if None in ways else False


def _atom(text: str, event: str) -> bool | None:
    if text in ("always()", "success()", "!cancelled()", "true"):
        return True
    if text in ("failure()", "cancelled()", "false"):
        return False
    if match := re.fullmatch(r"github\.event_name\s*(==|!=)\s*'(\w+)'", text):
        return (match[2] == event) == (match[1] == "==")
    return None


def _matrix(job: Mapping[Any, Any]) -> list[dict[str, str]]:
    """Return the values that a matrix gives, one key at a time, for they are tried alone."""
    matrix = _mapping(_mapping(job.get("strategy")).get("matrix"))
    found = [
        {str(key): str(value)}
        for key, values in matrix.items()
        for value in _list(values)[:_MOST]
        if isinstance(value, str | int | float)
    ]
    return found[:100] or [{}]


def _filled(text: str, values: Mapping[str, str]) -> str:
    for key, value in values.items():
        place = rf"\$\{{\{{\s*matrix\.{re.escape(key)}\s*\}}\}}"
        text = re.sub(place, _literal(value), text)
    return text


def substituted(script: str, environment: Mapping[str, str]) -> str:
    """Replace the variables that the workflow sets; with others the script is as it is."""
    for name, value in environment.items():
        if re.fullmatch(r"\w+", name) and "${{" not in value and "$" not in value:
            script = re.sub(rf"\$\{{{name}\}}|\${name}\b", _literal(value), script)
    return script


def _opaque(text: str) -> str:
    """Make a word of each expression, which is GitHub's syntax and none of the shell's."""
    return _EXPRESSION.sub(lambda match: f"${{{{{_SYNTAX.sub('·', match[1].strip())}}}}}", text)


def _literal(value: str) -> str:
    return value.replace("\\", "\\\\")


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []
