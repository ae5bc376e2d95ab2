"""Break alerts in every way that matters, and see whether their tests notice.

Rules and tests are parsed documents, so that whoever reads them decides what may be read. What
promtool gets was written by this module.
"""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import yaml

from poc2prod.audit.running import programs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

FATAL = ("never fires", "always fires")
"""All of these must be noticed."""

REQUIRED = 0.9
"""The share of all that must be."""

MOST = 4000
"""Mutants that are tried; of more, evenly spread ones."""

SECONDS = 300.0
"""That promtool has for them."""

COMPARISON = re.compile(r" (==|!=|>=|<=|>|<) (-?\d[\d.e+-]*)")
FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "!=", "!=": "=="}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A file of rules in which one alert is wrong: its path, the alert, how, and all rules."""

    file: str
    alert: str
    kind: str
    rules: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Suite:
    """Alerts and their tests.

    Attributes:
        rules: path → document.
        tests: path → document.
        uses: path of tests → the paths of the rules that they load.
    """

    rules: Mapping[str, Mapping[str, Any]]
    tests: Mapping[str, Mapping[str, Any]]
    uses: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, monitoring: Path) -> Suite:
        """Read a project's own, as `contract compile` writes them: they are trusted."""
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        rules, tests = (
            {
                f"{kind}/{file.name}": yaml.load(file.read_bytes(), loader)  # noqa: S506  # it is safe
                for file in sorted((monitoring / kind).glob("*.yaml"))
            }
            for kind in ("rules", "tests")
        )
        return cls(rules, tests, {path: [path.replace("tests/", "rules/")] for path in tests})


def alerts(document: Mapping[str, Any]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield the alerts of a file of rules: the numbers of group and rule, and the rule."""
    for group, content in enumerate(_items(document.get("groups"))):
        for index, rule in enumerate(_items(content.get("rules"))):
            if isinstance(rule.get("alert"), str) and isinstance(rule.get("expr"), str | int):
                yield group, index, rule


def _items(value: Any) -> list[dict[str, Any]]:
    items = value if isinstance(value, list) else []
    return [item if isinstance(item, dict) else {} for item in items]


def mutants(suite: Suite) -> Iterator[Mutant]:
    """Yield every mutant of the alerts."""
    for path, document in suite.rules.items():
        for group, index, rule in alerts(document):
            for kind, changed in _wrong(rule):
                broken = copy.deepcopy(dict(document))
                broken["groups"][group]["rules"][index] = changed
                yield Mutant(path, rule["alert"], kind, broken)


def _wrong(rule: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    expr = str(rule["expr"])
    for kind, changed in expressions(expr):
        if changed != expr:  # the watchdog always fires, as it should
            yield kind, {**rule, "expr": changed}
    if "for" in rule:
        yield "for dropped", {key: value for key, value in rule.items() if key != "for"}


def expressions(expr: str) -> Iterator[tuple[str, str]]:
    """Yield the kinds of mutants of an expression."""
    yield "never fires", "vector(0) > 1"
    yield "always fires", "vector(1)"
    for match in COMPARISON.finditer(expr):
        try:
            operator, limit = match[1], float(match[2])
        except ValueError:  # 1.2.3, which promtool refuses too
            continue
        changes = [("operator flipped", FLIPPED[operator], match[2])]
        if limit:
            changes.append(("threshold doubled", operator, f"{limit * 2:.10g}"))
            changes.append(("threshold halved", operator, f"{limit / 2:.10g}"))
        for kind, sign, bound in changes:
            yield kind, f"{expr[: match.start()]} {sign} {bound}{expr[match.end() :]}"
    for match in re.finditer(r"\nand\n", expr):
        yield "and → or", f"{expr[: match.start()]}\nor\n{expr[match.end() :]}"
    pairs = expr.split("\nor\n")
    for index in range(len(pairs) if len(pairs) > 1 else 0):
        yield "window pair dropped", "\nor\n".join(pairs[:index] + pairs[index + 1 :])


def failures(suite: Suite, promtool: str) -> dict[str, str]:
    """Run the tests on the alerts as they are; return path → what failed.

    Raises:
        SlowError: they did not end in time.
    """
    cases = [(suite.rules, path, document) for path, document in suite.tests.items()]
    said = _run(cases, suite, promtool) if cases else []
    return {path: text for path, text in zip(suite.tests, said, strict=True) if text is not None}


def noticed(found: Sequence[Mutant], suite: Suite, promtool: str) -> list[bool | None]:
    """Run the tests of each mutant's alert; say whether they fail.

    None is said of what is no alert at all, because promtool can't read it.

    Raises:
        SlowError: they did not end in time.
    """
    about: dict[tuple[str, str], list[dict[str, Any]]] = {}
    cases, owners = [], []
    for number, mutant in enumerate(found):
        for path, document in suite.tests.items():
            if mutant.file not in suite.uses[path]:
                continue
            if (path, mutant.alert) not in about:
                tests = _items(document.get("tests"))
                about[path, mutant.alert] = [t for t in tests if mutant.alert in _json(t)]
            if own := about[path, mutant.alert]:
                rules = {**suite.rules, mutant.file: mutant.rules}
                cases.append((rules, path, {**document, "tests": own}))
                owners.append(number)
    said = _run(cases, suite, promtool) if cases else []
    outcomes: list[bool | None] = [False] * len(found)
    for number, text in zip(owners, said, strict=True):
        if text is not None and "could not parse expression" in text:
            outcomes[number] = None
        elif text is not None and outcomes[number] is not None:
            outcomes[number] = True
    return outcomes


def _run(
    cases: Iterable[tuple[Mapping[str, Mapping[str, Any]], str, Mapping[str, Any]]],
    suite: Suite,
    promtool: str,
) -> list[str | None]:
    """Run tests on rules; return what promtool said of each that failed."""
    with TemporaryDirectory(prefix="poc2prod-alerts-") as name:
        folder = Path(name)
        written: dict[int, str] = {}
        names = []
        for number, (rules, path, document) in enumerate(cases):
            used = []
            for file in suite.uses[path]:
                content = rules[file]
                if id(content) not in written:
                    written[id(content)] = f"{len(written)}-rules.json"
                    (folder / written[id(content)]).write_bytes(
                        _json(content).encode("utf-8", "replace")
                    )
                used.append(written[id(content)])
            names.append(f"{number}-tests.json")
            changed = {**document, "rule_files": used}
            (folder / names[-1]).write_bytes(_json(changed).encode("utf-8", "replace"))
        done = programs.run(promtool, "test", "rules", *names, cwd=folder, seconds=SECONDS)
    sections = re.split(r"^Unit Testing:  (\S+)\n", done.stdout, flags=re.MULTILINE)[1:]
    said = dict(zip(sections[::2], (text.strip() for text in sections[1::2]), strict=True))
    return [
        None if said.get(test, "").startswith("SUCCESS") else said.get(test, "") for test in names
    ]


def _json(document: Any) -> str:
    return json.dumps(document, default=str, ensure_ascii=False)


def judged(suite: Suite, promtool: str) -> list[tuple[Mutant, bool]]:
    """Try every mutant, on two processors; say of each whether it was noticed.

    Raises:
        SlowError: the tests did not end in time.
    """
    found = list(mutants(suite))
    found = found[:: -(-len(found) // MOST) or 1]
    halves = found[::2], found[1::2]
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda half: noticed(half, suite, promtool), halves))
    pairs = chain.from_iterable(
        zip(*both, strict=True) for both in zip(halves, outcomes, strict=True)
    )
    order = {id(mutant): number for number, mutant in enumerate(found)}
    ordered = sorted(pairs, key=lambda pair: order[id(pair[0])])
    return [(mutant, was) for mutant, was in ordered if was is not None]


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


def enough(results: Iterable[tuple[Mutant, bool]], required: float = REQUIRED) -> bool:
    """Say whether the tests notice what they must."""
    results = list(results)
    fatal = all(was for mutant, was in results if mutant.kind in FATAL)
    return fatal and sum(was for _, was in results) >= required * len(results)
