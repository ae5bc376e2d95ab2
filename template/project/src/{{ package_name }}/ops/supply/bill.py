# Managed by poc2prod; extend in a module of your own that imports it.
"""The bill of materials, CycloneDX 1.6: the image's packages, and the model with what made it."""

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..bundle import read_json, read_metadata
from .parts import Part

Component = dict[str, Any]


def bill(project: str, version: str, parts: Sequence[Part], model: Path | None) -> dict[str, Any]:
    """Make the document; all of it but its time follows from what it describes.

    Args:
        project: the project's name.
        version: the code's.
        parts: the packages of the image.
        model: a registered version; None where there is none yet.
    """
    made = _learned(project, model) if model else []
    packages = [_package(part) for part in parts]
    components = [*packages, *made]
    root = {"type": "application", "bom-ref": project, "name": project, "version": version}
    needed = [component["bom-ref"] for component in [*packages, *made[:1]]]
    edges = [{"ref": project, "dependsOn": sorted(needed)}]
    if made:
        edges.append({"ref": made[0]["bom-ref"], "dependsOn": [made[1]["bom-ref"]]})
    described = json.dumps([root, components], sort_keys=True)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, described)}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "component": root,
        },
        "components": components,
        "dependencies": edges,
    }


def _package(part: Part) -> Component:
    return {
        "type": "library",
        "bom-ref": part.url,
        "name": part.name,
        "version": part.version,
        "purl": part.url,
    }


def _learned(project: str, directory: Path) -> list[Component]:
    """Describe a model and the data that it learned."""
    metadata = read_metadata(directory)
    origin = metadata.made_from
    data = {
        "type": "data",
        "bom-ref": f"data:{origin['data_sha256']}",
        "name": Path(str(origin["data"])).name,
        "hashes": [_sha256(origin["data_sha256"])],
        "data": [{"type": "dataset", "name": f"{origin['rows']} rows"}],
    }
    model = {
        "type": "machine-learning-model",
        "bom-ref": f"model:{metadata.digest}",
        "name": f"{project}-model",
        "version": directory.name,
        "hashes": [_sha256(metadata.digest)],
        "modelCard": {
            "modelParameters": {
                "approach": {"type": "supervised"},
                "task": "regression" if metadata.problem == "regression" else "classification",
                "datasets": [{"ref": data["bom-ref"]}],
                "inputs": [{"format": f"{c.name}: {c.kind}"} for c in metadata.inputs],
                "outputs": [{"format": metadata.target}],
            },
            "quantitativeAnalysis": {"performanceMetrics": _measured(directory)},
        },
        "properties": [
            {"name": f"poc2prod:{key}", "value": str(origin[key])}
            for key in ("commit", "lock_sha256", "seed", "python")
            if origin.get(key) is not None
        ],
    }
    return [model, data]


def _measured(directory: Path) -> list[Component]:
    """Return what was measured on held-out rows, as it was judged at registration."""
    file = directory / "evaluation/evaluation.json"
    if not file.exists():
        return []
    evaluation: Mapping[str, Any] = read_json(file)
    intervals = evaluation["intervals"].get("model", {})
    return [
        {
            "type": name,
            "value": str(value),
            "slice": f"{evaluation['rows']} held-out rows",
            **_interval(intervals.get(name)),
        }
        for name, value in evaluation["metrics"]["model"].items()
    ]


def _interval(bounds: Sequence[float] | None) -> Component:
    if bounds is None:
        return {}
    return {"confidenceInterval": {"lowerBound": str(bounds[0]), "upperBound": str(bounds[1])}}


def _sha256(digest: str) -> Component:
    return {"alg": "SHA-256", "content": digest}
