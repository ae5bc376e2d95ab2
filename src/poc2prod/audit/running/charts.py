"""Render the project's Helm chart, for each of its environments, in a folder of our own."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from poc2prod.audit.outcome import Location, Outcome, failed, missing, stub, unknown
from poc2prod.audit.running import programs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from poc2prod.audit.context import Context

CHART = "deploy/helm"
SECONDS = 30.0
LARGEST = 2**20
"""Bytes of a file of a chart."""

Manifest = dict[str, Any]
Renders = dict[str, list[Manifest]]
"""File of values, or values.yaml for the defaults → what the chart makes of it."""


def rendered(context: Context, *, lint: bool = False) -> Renders | Outcome:
    """Render the chart with its defaults and with each values-*.yaml; or say why it can't be."""
    paths = context.tree.matching(f"/{CHART}/**")
    if not paths or f"{CHART}/Chart.yaml" not in paths:
        return missing(f"there is no chart in {CHART}/", Location(CHART))
    if not (context.tree.text(f"{CHART}/Chart.yaml") or "").strip():
        return stub(f"{CHART}/Chart.yaml is empty", Location(f"{CHART}/Chart.yaml"))
    helm = programs.found("helm")
    if helm is None:
        return programs.absent("helm")
    with TemporaryDirectory(prefix="poc2prod-chart-") as folder:
        # Not where it is: a link in it may lead anywhere.
        for path in paths:
            content = context.tree.content(path, LARGEST)
            if content is not None:
                copy = Path(folder, path)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(content)
        renders: Renders = {}
        for name in _environments(paths):
            found = _render(helm, Path(folder), name, lint=lint)
            if isinstance(found, Outcome):
                return found
            renders[name] = found
    return renders


def _environments(paths: list[str]) -> Iterator[str]:
    yield "values.yaml"
    for path in sorted(paths):
        name = path.removeprefix(f"{CHART}/")
        if name.startswith("values-") and name.endswith((".yaml", ".yml")) and "/" not in name:
            yield name


def _render(helm: str, folder: Path, name: str, *, lint: bool) -> list[Manifest] | Outcome:
    place = Location(f"{CHART}/{name}")
    values = ("--values", f"{CHART}/{name}")
    commands: list[tuple[str, ...]] = [
        ("template", "release", CHART, "--namespace", "audit", *values)
    ]
    if lint and name == "values.yaml":  # it looks at the chart, not at what the values make of it
        commands.insert(0, ("lint", "--strict", CHART))
    text = ""
    for command in commands:
        try:
            done = programs.run(helm, *command, cwd=folder, seconds=SECONDS)
        except programs.SlowError as error:
            return unknown(str(error))
        text = done.stdout
        if done.returncode:
            said = " ".join(text.split())[-300:]
            return failed(f"helm {command[0]} refuses {place}: {said}", place)
    return _documents(text, place)


def _documents(text: str, place: Location) -> list[Manifest] | Outcome:
    import yaml  # noqa: PLC0415

    try:
        documents = list(yaml.safe_load_all(text))
    except (yaml.YAMLError, RecursionError):
        return failed(f"what {place} renders to is no YAML", place)
    found = [document for document in documents if isinstance(document, dict)]
    if not all(isinstance(each.get("metadata"), dict) and "kind" in each for each in found):
        return failed(f"what {place} renders to has a document without kind or metadata", place)
    return found


def named(manifest: Mapping[str, Any]) -> str:
    """Say which manifest it is: kind/name."""
    return f"{manifest['kind']}/{manifest['metadata'].get('name')}"


def known(manifest: Manifest) -> Manifest:
    """Turn a Rollout into the Deployment that it stands for, which Kubernetes has a schema of."""
    if manifest["kind"] != "Rollout":
        return manifest
    spec = manifest.get("spec") or {}
    kept = {key: spec[key] for key in ("selector", "template", "replicas") if key in spec}
    return {**manifest, "apiVersion": "apps/v1", "kind": "Deployment", "spec": kept}


def of(manifests: list[Manifest], *kinds: str) -> list[Manifest]:
    """Select manifests by kind."""
    return [manifest for manifest in manifests if manifest["kind"] in kinds]


def pods(manifests: list[Manifest]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield kind/name and spec of what describes pods."""
    for manifest in manifests:
        spec = manifest.get("spec") or {}
        spec = (spec.get("jobTemplate") or {}).get("spec") or spec
        spec = (spec.get("template") or {}).get("spec") or spec
        if spec.get("containers"):
            yield named(manifest), spec
