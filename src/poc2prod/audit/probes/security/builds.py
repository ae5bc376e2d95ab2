"""SEC-04: what CI builds can be traced, and CI may do no more than it has to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from poc2prod.audit.files import pipelines, workflows
from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poc2prod.audit.context import Context

_USES = re.compile(r"^\s*(?:- +)?uses:\s*[\"']?([^\s\"'#]+)", re.MULTILINE)
_PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}|docker://\S+@sha256:[0-9a-f]{64}|\./\S*")
_RISKY = ("pull_request_target", "workflow_run")
_MAY = re.compile(r"\b(attest-build-provenance|attest|cosign|sign-blob|slsa)\b")
_ROLES = re.compile(r"^kind:\s*(Cluster)?Role\s*$", re.MULTILINE)
_ANY = re.compile(r"(apiGroups|resources|verbs):\s*(\[[^\]]*|\n\s*- *)[\"']\*[\"']")


def attestable(context: Context) -> Outcome:
    """CI pins what it runs, has the least rights, and says where what it builds comes from."""
    paths = context.tree.matching(*workflows.FILES)
    gitlab = context.tree.has(pipelines.FILE)
    if not paths and not gitlab:
        return missing("no CI builds this: there is neither a workflow nor a pipeline")
    texts = {
        path: context.tree.text(path) or ""
        for path in [*paths, *([pipelines.FILE] if gitlab else [])]
    }
    faults = [fault for path in paths for fault in _faults(context, path, texts[path])]
    if gitlab:
        faults += _included(context)
    for path in context.tree.matching("/deploy/**/*.yaml", "/deploy/**/*.tpl"):
        text = context.tree.text(path) or ""
        if _ROLES.search(text) and (match := _ANY.search(text)):
            place = Location(path, text.count("\n", 0, match.start()) + 1)
            faults.append((f"{place}: a role may do anything with {match[1]}", place))
    if faults:
        said = "; ".join(fault for fault, _ in faults[:3])
        more = f" and {len(faults) - 3} more" if faults[3:] else ""
        places = [place for _, place in faults]
        return failed(f"{said}{more}", *places, examined=len(texts), value=len(faults))
    every = "\n".join(re.sub(r"(?m)^\s*#.*$", "", text) for text in texts.values())
    where = Location(next(iter(texts)))
    if not re.search(r"\bmake\b.*\bsbom\b|\b(sbom-action|syft|cyclonedx)\b", every):
        return failed("CI writes no bill of materials: run `make sbom` in it", where)
    if not _MAY.search(every):
        return failed("CI signs nothing and attests nothing of what it builds", where)
    return passed(
        "CI pins what it runs, has the least rights, and attests what it builds",
        len(texts),
        value=0,
    )


Fault = tuple[str, Location]


def _faults(context: Context, path: str, text: str) -> Iterator[Fault]:
    """Yield what is wrong with a workflow."""
    document = context.yaml(path) or {}
    for match in _USES.finditer(text):
        if not _PINNED.fullmatch(match[1]):
            place = Location(path, text.count("\n", 0, match.start(1)) + 1)
            yield f"{place}: {match[1][:80]} is not pinned by its commit", place
    triggers = document.get("on", document.get(True))
    for name in _RISKY:
        if triggers == name or (isinstance(triggers, list | dict) and name in triggers):
            place = Location(path, context.line(path, name))
            yield f"{place}: {name} runs with rights on what a stranger wrote", place
    jobs = document.get("jobs")
    for name, job in jobs.items() if isinstance(jobs, dict) else ():
        said = (
            job.get("permissions", document.get("permissions")) if isinstance(job, dict) else None
        )
        if reason := _excess(said):
            place = Location(path, context.line(path, f"{name}:"))
            yield f"{place}: job {str(name)[:80]} {reason}", place


def _excess(permissions: Any) -> str | None:
    """Say which rights a job has too many of."""
    if permissions is None:
        return "has whatever rights the repository's settings give it: write permissions"
    if isinstance(permissions, str):
        return f"has {permissions}: name what it needs" if permissions != "read-all" else None
    if not isinstance(permissions, dict):
        return "has permissions that can't be read"
    written = [str(key) for key, value in permissions.items() if value == "write"]
    return f"may write {', '.join(written)}" if len(written) > 3 else None


def _included(context: Context) -> Iterator[Fault]:
    """Yield what a GitLab pipeline includes that may change without notice."""
    included = (context.yaml(pipelines.FILE) or {}).get("include")
    for entry in included if isinstance(included, list) else [included]:
        entry = {"remote": entry} if isinstance(entry, str) else entry  # noqa: PLW2901
        if not isinstance(entry, dict):
            continue
        project = "project" in entry and not re.fullmatch(r"[0-9a-f]{40}", str(entry.get("ref")))
        if project or str(entry.get("remote", "")).startswith("http"):
            what = str(entry.get("project", entry.get("remote")))[:80]
            place = Location(pipelines.FILE, context.line(pipelines.FILE, what))
            yield f"{place}: {what} is not pinned by its commit", place
