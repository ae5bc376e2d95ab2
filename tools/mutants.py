"""Break compiled alerts in every way that matters, and see whether their compiled tests notice."""

from __future__ import annotations

import copy
import re
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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


def noticed(mutant: Mutant, promtool: str) -> bool:
    """Run the mutant's tests; say whether they fail."""
    with TemporaryDirectory() as directory:
        root = Path(directory)
        (root / "rules.yaml").write_text(mutant.rules, encoding="utf-8")
        tests = yaml.safe_load(
            (mutant.file.parents[1] / "tests" / mutant.file.name).read_text(encoding="utf-8")
        )
        test = root / "tests.yaml"
        test.write_text(yaml.safe_dump({**tests, "rule_files": ["rules.yaml"]}), encoding="utf-8")
        command = [promtool, "test", "rules", str(test)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode and "FAILED" not in done.stdout + done.stderr:
        raise RuntimeError(f"{mutant.alert}, {mutant.kind}: {done.stdout}{done.stderr}")
    return done.returncode != 0


def judged(monitoring: Path, promtool: str) -> list[tuple[Mutant, bool]]:
    """Try every mutant; say of each whether it was noticed."""
    found = list(mutants(monitoring))
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(zip(found, pool.map(lambda each: noticed(each, promtool), found), strict=True))


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
