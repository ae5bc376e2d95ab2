"""INF-01: the image starts from what is pinned, holds no more than it needs, and answers."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from poc2prod.audit.files import dockerfile
from poc2prod.audit.files.tree import UnreadableError
from poc2prod.audit.outcome import Location, Outcome, failed, missing, passed, stub, unknown
from poc2prod.audit.running import candidates, containers, programs
from poc2prod.audit.running.containers import RefusedError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from poc2prod.audit.context import Context
    from poc2prod.audit.files.dockerfile import Stage
    from poc2prod.audit.running.containers import Image

FILES = ("deploy/Dockerfile", "Dockerfile")
PINNED = "deploy/base.Dockerfile"
"""What the argument BASE is where it is there, as `make pin` writes it: FROM name:tag@digest."""

LARGEST = 2**30
"""Bytes of an image, unpacked."""

TOLERANCE = 1e-4
"""By which a figure may differ between machines."""

DEVELOPING = ("/requirements/dev.txt", "/requirements/build.txt", "/requirements/tools/*.txt")
RUNNING = tuple(f"/requirements/{name}.txt" for name in ("serve", "score", "dask", "ray", "own"))

_DIGEST = re.compile(r"\S+@sha256:[0-9a-f]{64}")
_ROOT = re.compile(r"(root|0*)(:|$)")
_INSTALLS = re.compile(r"\b(apt|apt-get|aptitude|apk|dnf|microdnf|yum)\b[^|;&]*\b(install|add)\b")
_REMOVES = re.compile(r"\b(purge|remove|autoremove|del)\b")
_TOOLS = re.compile(r"(?<![\w.-])(build-essential|gcc|g\+\+|clang|cmake|make|cargo|git)(?![\w.-])")
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)


def serves(context: Context) -> Outcome:
    """The image is pinned, minimal and small, and answers without any right."""
    path = next(filter(context.tree.has, FILES), None)
    if path is None:
        return missing(f"{FILES[0]} is not there", Location(FILES[0]))
    text = context.tree.text(path) or ""
    pinned = dockerfile.stages(context.tree.text(PINNED) or "")
    base = pinned[0].base if pinned else None
    stages = dockerfile.stages(text, {"BASE": base} if base else {})
    if not stages:
        return stub(f"{path} starts from nothing", Location(path))
    if problem := _tagged(context, path, stages) or _other(path, text, base):
        return problem
    for place, fault in _faults(context, path, stages):
        return failed(f"{place}: {fault}", place)
    if context.lab is None:
        return unknown("what the image does is known by building and running it: --allow-exec")
    docker = programs.found("docker")
    if docker is None:
        return programs.absent("docker")
    try:
        with containers.built(docker, context.lab.copy(), path, base) as image:
            return _asked(context, image, Location(path))
    except RefusedError as error:
        return failed(str(error), Location(path))
    except (UnreachableError, programs.SlowError) as error:
        return unknown(str(error))


def _tagged(context: Context, path: str, stages: list[Stage]) -> Outcome | None:
    for name, line in dockerfile.bases(stages):
        if not _DIGEST.fullmatch(name):
            place = Location(path, line)
            reason = f"{place}: {name[:100]} is named by a tag, which moves: run `make pin`"
            default = dockerfile.arguments(context.tree.text(path) or "").get("BASE")
            unwritten = name == default and not context.tree.has(PINNED)
            return stub(reason, place) if unwritten else failed(reason, place)
    return None


def _other(path: str, text: str, base: str | None) -> Outcome | None:
    """Say where another base is pinned than the Dockerfile now names."""
    asked = dockerfile.arguments(text).get("BASE")
    if base and asked and base.partition("@")[0].split("/")[-1] != asked.split("/")[-1]:
        place = Location(PINNED, 1)
        return failed(f"{place}: it pins {base}, and {path} asks for {asked}: `make pin`", place)
    return None


def _faults(context: Context, path: str, stages: list[Stage]) -> Iterator[tuple[Location, str]]:
    made = dockerfile.last(stages)
    said = {each.keyword: each for each in made}  # the last of each counts
    user = said.get("USER")
    if user is None or _ROOT.match(user.rest):
        yield Location(path, user.line if user else stages[-1].line), "it runs as root: set USER"
    for each in made:
        if each.keyword != "RUN":
            continue
        place = Location(path, each.line)
        installs = _INSTALLS.search(each.rest) and not _REMOVES.search(each.rest)
        if installs and (tool := _TOOLS.search(each.rest)):
            yield place, f"{tool[0]} stays in the image: install it in a stage before"
        if found := re.search(
            r"\S*requirements\S*\b(dev|build)\.txt|--group[ =]dev\b|--dev\b", each.rest
        ):
            yield place, f"{found[0]} is for developing: the image needs what it runs"
    health = said.get("HEALTHCHECK")
    if context.answers["use_service"] and (health is None or health.rest.upper() == "NONE"):
        line = health.line if health else stages[-1].line
        yield Location(path, line), "it serves, and has no HEALTHCHECK"


def _asked(context: Context, image: Image, place: Location) -> Outcome:
    """Judge an image by what is in it and what it answers."""
    size = image.bytes
    if size > LARGEST:
        reason = f"the image of {place} has {size / 2**20:.0f} MB, of {LARGEST / 2**20:.0f}"
        return failed(reason, place, value=size, threshold=LARGEST)
    if surplus := sorted(image.packages & (_pins(context, DEVELOPING) - _pins(context, RUNNING))):
        return failed(f"the image of {place} holds what only developing needs: {surplus}", place)
    assert context.lab is not None
    registry = candidates.places(context.tree)["models"]
    models = context.lab.pristine / registry
    alias = context.tree.text(f"{registry}/champion")
    golden = alias and context.tree.text(f"{registry}/{alias.strip()}/golden.json")
    if not golden:
        return missing(f"{registry}/ has no champion with golden rows: run `make demo`")
    try:
        expected = json.loads(golden)
        rows, replies = expected["rows"], expected["replies"]
    except (ValueError, LookupError, TypeError):
        raise UnreadableError(f"{registry}/{alias}/golden.json holds no rows and replies") from None
    try:
        ask = image.served if context.answers["use_service"] else image.predicted
        found = ask(models, rows)
    except ValueError as error:
        return failed(f"the image of {place} answers no JSON: {error}", place)
    if not _same(found, replies):
        return failed(f"the image of {place} answers {json.dumps(found)[:200]}", place)
    return passed(
        f"{len(rows)} golden rows are answered as in training, without any right",
        len(rows),
        value=size,
        threshold=LARGEST,
        locations=(place,),
    )


def _pins(context: Context, patterns: tuple[str, ...]) -> set[str]:
    texts = (context.tree.text(path) or "" for path in context.tree.matching(*patterns))
    return {match.lower().replace("_", "-") for text in texts for match in _PIN.findall(text)}


def _same(found: Any, expected: Any) -> bool:
    if isinstance(expected, dict):
        return (
            isinstance(found, dict)
            and found.keys() == expected.keys()
            and all(_same(found[key], expected[key]) for key in expected)
        )
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(found) == len(expected)
            and all(map(_same, found, expected))
        )
    if isinstance(expected, float) and isinstance(found, int | float):
        return math.isclose(found, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(found == expected)
