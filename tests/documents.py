"""Read what a generated project holds: every document by its format, as plain values."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HELM = re.compile(r"deploy/helm/templates/.*\.yaml")
"""Templates of YAML, which are YAML only once Helm has rendered them: see test_chart.py."""

Leaf = tuple[str | int, ...]
"""Where a value is in a document: its keys and indices."""


def _yaml(text: str) -> Any:
    return list(yaml.safe_load_all(text))


PARSERS: dict[str, Callable[[str], Any]] = {
    ".json": json.loads,
    ".py": ast.parse,
    ".toml": tomllib.loads,
    ".yaml": _yaml,
    ".yml": _yaml,
}


def problems(root: Path) -> Iterator[str]:
    """Yield a line for each file under `root` that is malformed, and for each dead link."""
    for path in sorted(root.rglob("*")):
        if not path.is_file() or ".git" in path.relative_to(root).parts:
            continue
        name = path.relative_to(root)
        text = path.read_text(encoding="utf-8")
        if path.suffix in PARSERS and not HELM.fullmatch(name.as_posix()):
            try:
                PARSERS[path.suffix](text)
            except (SyntaxError, ValueError, yaml.YAMLError) as error:
                yield f"{name}: {error}"
        if path.suffix == ".md":
            yield from (f"{name}: no {link}" for link in links(text) if not _leads(path, link))
        if text and (not text.endswith("\n") or text.endswith("\n\n")):
            yield f"{name}: ends without a line break, or with several"


def links(text: str) -> list[str]:
    """Return the relative links and images in Markdown, without their fragments."""
    found = re.findall(
        r"\]\(<?([^)>\s]+)>?[^)]*\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    )
    return [link.partition("#")[0] for link in found if not re.match(r"[a-z]+:|#", link)]


def _leads(path: Path, link: str) -> bool:
    return (path.parent / link).exists()


def leaves(root: Path) -> dict[tuple[str, Leaf], Any]:
    """Return every value in the YAML, TOML and JSON documents under `root`, by file and place.

    The digests in ownership.yaml and manifest.json are left out: they follow from all the rest.
    """
    found = {}
    for path in sorted(root.rglob("*")):
        if path.name in ("ownership.yaml", "manifest.json"):
            continue
        name = path.relative_to(root).as_posix()
        if HELM.fullmatch(name):
            continue
        if path.suffix in PARSERS.keys() - {".py"} and ".git" not in path.relative_to(root).parts:
            document = PARSERS[path.suffix](path.read_text(encoding="utf-8"))
            found.update({(name, place): value for place, value in _walk(document, ())})
    return found


def _walk(value: Any, place: Leaf) -> Iterator[tuple[Leaf, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _walk(inner, (*place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk(inner, (*place, index))
    else:
        yield place, value
