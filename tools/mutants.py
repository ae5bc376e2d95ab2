"""Break compiled alerts in every way that matters, and see whether their compiled tests notice."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FATAL = ("never fires", "always fires")
"""All of these must be noticed."""

REQUIRED = 0.95
"""The share of all others that must be."""

COMPARISON = re.compile(r" (==|!=|>=|<=|>|<) (-?\d[\d.e+-]*)")
FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "!=", "!=": "=="}


@dataclass(frozen=True)
class Mutant:
    """A file of rules in which one alert is wrong."""

    file: Path
    alert: str
    kind: str
    rules: str


def mutants(monitoring: Path) -> Iterator[Mutant]:
    """Yield every mutant of the rules of a project."""
    for file in sorted((monitoring / "rules").glob("*.yaml")):
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        for index, rule in enumerate(document["groups"][0]["rules"]):
            if "alert" not in rule:
                continue
            for kind, changed in _wrong(rule):
                broken = copy.deepcopy(document)
                broken["groups"][0]["rules"][index] = changed
                yield Mutant(file, rule["alert"], kind, yaml.safe_dump(broken))


def _wrong(rule: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    expr = rule["expr"]
    for kind, changed in expressions(expr):
        if changed != expr:  # the watchdog always fires, as it should
            yield kind, {**rule, "expr": changed}
    if "for" in rule:
        yield "for dropped", {key: value for key, value in rule.items() if key != "for"}


def expressions(expr: str) -> Iterator[tuple[str, str]]:
    """Yield the kinds of mutants of an expression."""
    yield "never fires", "vector(0) > 1"
    yield "always fires", "vector(1)"
    for found in COMPARISON.finditer(expr):
        operator, limit = found[1], float(found[2])
        changes = [("operator flipped", FLIPPED[operator], found[2])]
        if limit:
            changes.append(("threshold doubled", operator, f"{limit * 2:.10g}"))
            changes.append(("threshold halved", operator, f"{limit / 2:.10g}"))
        for kind, sign, bound in changes:
            yield kind, f"{expr[: found.start()]} {sign} {bound}{expr[found.end() :]}"
    for found in re.finditer(r"\nand\n", expr):
        yield "and → or", f"{expr[: found.start()]}\nor\n{expr[found.end() :]}"
    pairs = expr.split("\nor\n")
    for index in range(len(pairs) if len(pairs) > 1 else 0):
        yield "window pair dropped", "\nor\n".join(pairs[:index] + pairs[index + 1 :])


def noticed(mutants: list[Mutant], promtool: str) -> list[bool]:
    """Run the tests of each mutant's alert; say whether they fail."""
    with TemporaryDirectory() as directory:
        for number, mutant in enumerate(mutants):
            rules, tests = (Path(directory, f"{number}-{kind}.yaml") for kind in ("rules", "tests"))
            rules.write_text(mutant.rules, encoding="utf-8")
            compiled = mutant.file.parents[1] / "tests" / mutant.file.name
            document = yaml.load(compiled.read_text(encoding="utf-8"), FAST)
            own = [t for t in document["tests"] if t["name"].startswith(f"{mutant.alert}: ")]
            changed = {**document, "rule_files": [rules.name], "tests": own}
            tests.write_text(json.dumps(changed), encoding="utf-8")
        names = [f"{number}-tests.yaml" for number in range(len(mutants))]
        done = subprocess.run(
            [promtool, "test", "rules", *names],
            cwd=directory,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    sections = re.split(r"^Unit Testing:  (\S+)\n", done.stdout, flags=re.MULTILINE)[1:]
    outcomes = dict(zip(sections[::2], map(str.split, sections[1::2]), strict=True))
    assert {outcomes[name][0] for name in names} <= {"SUCCESS", "FAILED:"}, done.stdout
    return [outcomes[name][0] == "FAILED:" for name in names]


def judged(monitoring: Path, promtool: str) -> list[tuple[Mutant, bool]]:
    """Try every mutant, on two processors; say of each whether it was noticed."""
    found = list(mutants(monitoring))
    halves = found[::2], found[1::2]
    with ThreadPoolExecutor() as pool:
        outcomes = pool.map(lambda half: noticed(half, promtool), halves)
        pairs = (zip(half, was, strict=True) for half, was in zip(halves, outcomes, strict=True))
        return sorted(chain(*pairs), key=lambda pair: found.index(pair[0]))


def table(results: Iterable[tuple[Mutant, bool]]) -> str:
    """Count by kind, and list what was not noticed."""
    results = list(results)
    made = Counter(mutant.kind for mutant, _ in results)
    killed = Counter(mutant.kind for mutant, was in results if was)
    lines = [f"{'mutant':22}{'made':>6}{'noticed':>9}"]
    lines += [f"{kind:22}{made[kind]:6}{killed[kind]:9}" for kind in made]
    lines += [f"{'all':22}{made.total():6}{killed.total():9}"]
    lines += [f"not noticed: {m.alert}, {m.kind}" for m, was in results if not was]
    return "\n".join(lines)


def enough(results: Iterable[tuple[Mutant, bool]]) -> bool:
    """Say whether the tests notice what they must."""
    results = list(results)
    fatal = all(was for mutant, was in results if mutant.kind in FATAL)
    return fatal and sum(was for _, was in results) >= REQUIRED * len(results)
