"""Write template/project/docs/readiness.md.jinja from the catalogue; a test keeps it current.

A check's `when` is valid Jinja. What of it names answers alone decides whether the check is listed;
what the contract or the tier decides is said in words.
"""

from __future__ import annotations

import ast
import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from poc2prod.audit.catalogue import STEPS, load
from poc2prod.audit.conditions import parse
from poc2prod.audit.explained import known, severity
from poc2prod.effects import PROJECT, SUFFIX
from poc2prod.questions import load as questions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from poc2prod.audit.catalogue import Check

ROOT = Path(__file__).parents[1]
NAME = "docs/readiness.md"
TABLE = (
    "| check | what holds | if it does not | how it is known | what to do |\n" + "| --- " * 5 + "|"
)


def page(root: Path = ROOT, checks: Iterable[Check] | None = None) -> str:
    """Return readiness.md.jinja as the template in `root` must have it."""
    own = [check for check in load().checks.values() if check.package == "poc2prod.audit"]
    current = [check for check in (own if checks is None else checks) if not check.replaced_by]
    about = (root / "tools/readiness.md.jinja").read_text(encoding="utf-8")
    names = frozenset(questions(root))
    return about + "".join(
        "\n".join(_section(step, list(group), names)) + "\n"
        for step, group in groupby(current, key=lambda check: check.step)
    )


def _section(step: int, checks: list[Check], names: frozenset[str]) -> Iterator[str]:
    split = [(check, *conditions(check.when, names)) for check in checks]
    # Without a row there would be a table of nothing.
    always = any(not shown for _, shown, _ in split)
    title = f"\n## {f'{step}. ' if step else ''}{STEPS[step]}\n"
    anyway = " or ".join(dict.fromkeys(f"({shown})" for _, shown, _ in split))
    yield f"{title}\n{TABLE}" if always else f"{{% if {anyway} %}}\n{title}\n{TABLE}"
    for check, shown, said in split:
        yield (
            f"{{% if {shown} %}}\n{_row(check, said)}\n{{% endif %}}"
            if shown
            else _row(check, said)
        )
    if not always:
        yield "{% endif %}"


def conditions(when: str | None, names: frozenset[str]) -> tuple[str, str]:
    """Split a condition into what answers decide, as Jinja, and the rest, as words."""
    if when is None:
        return "", ""
    tree = parse(when)
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    decided = [part for part in parts if _names(part) <= names]
    rest = [part for part in parts if part not in decided]
    return _joined(decided), _joined(rest)


def _joined(parts: list[ast.expr]) -> str:
    return ast.unparse(ast.BoolOp(ast.And(), parts) if parts[1:] else parts[0]) if parts else ""


def _names(part: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(part) if isinstance(node, ast.Name)}


def _row(check: Check, said: str) -> str:
    title = f"{check.title}; applies where `{said}`" if said else check.title
    cells = (f"**{check.id}**", title, severity(check), known(check), check.fix)
    return f"| {' | '.join(map(cell, cells))} |"


def cell(text: str) -> str:
    """Return a text as a cell of a table, and as nothing that Jinja would read."""
    line = " ".join(text.split()).replace("|", r"\|")
    return re.sub(r"\{[{%#]", lambda found: "{{ '" + found[0] + "' }}", line)


if __name__ == "__main__":
    path = ROOT / PROJECT / f"{NAME}{SUFFIX}"
    path.write_text(page(), encoding="utf-8", newline="\n")
