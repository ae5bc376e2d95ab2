"""Write template/project/.poc2prod/ownership.yaml.jinja; a test keeps it current.

It lists every file that the template declares nobody's own, with the digest of what is rendered:
that of the file itself where it is only copied, else one that Jinja computes when it renders.
"""

from __future__ import annotations

import hashlib
import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

from poc2prod.effects import PROJECT, SUFFIX
from poc2prod.questions import load

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
NAME = ".poc2prod/ownership.yaml"

HEADER = """\
# Managed by poc2prod. Who owns which file; `poc2prod status` reads it.
{# Written by `make ownership`. -#}
yours:
{% for pattern in yours_once + yours_where_missing %}
  - {{ pattern }}
{% endfor %}
managed: # as generated: sha256 of each file, line ends as LF
"""


def page(root: Path = ROOT) -> str:
    """Return ownership.yaml.jinja as the template in `root` must have it."""
    yours = GitIgnoreSpec.from_lines(patterns(root))
    entries = sorted(
        (generated, conditions, source)
        for source in sources(root)
        for generated, conditions in [located(source)]
        if generated != NAME and not yours.match_file(generated)
    )
    lines = []
    for conditions, group in groupby(entries, key=lambda entry: entry[1]):
        listed = [_entry(root, source, generated) for generated, _, source in group]
        for condition in conditions:
            listed = [f"{{% if {condition} %}}", *listed, "{% endif %}"]
        lines += listed
    return HEADER + "\n".join(lines) + "\n"


def patterns(root: Path = ROOT) -> list[str]:
    """Return the patterns of the owners' files."""
    questions = load(root)
    return [*questions["yours_once"].default, *questions["yours_where_missing"].default]


def sources(root: Path = ROOT) -> Iterator[str]:
    """Yield the template's files, relative to the folder that is rendered."""
    for path in (root / PROJECT).rglob("*"):
        name = path.relative_to(root / PROJECT).as_posix()
        if path.is_file() and not re.search(r"__pycache__|_cache/|\.pyc$", name):
            yield name


def located(source: str) -> tuple[str, tuple[str, ...]]:
    """Return where a file is generated, but for the package's name, and its conditions."""
    path = re.sub(r"\{%.*?%\}", "", source.removesuffix(SUFFIX))
    return path, tuple(re.findall(r"\{% if (\w+) %\}", source))


def _entry(root: Path, source: str, generated: str) -> str:
    if source.endswith(SUFFIX):
        text = f'{{% include "{PROJECT}/{source}" %}}'
        return f"  {generated}: {{% filter hash('sha256') %}}{text}{{% endfilter +%}}"
    content = (root / PROJECT / source).read_bytes().replace(b"\r\n", b"\n")
    return f"  {generated}: {hashlib.sha256(content).hexdigest()}"


if __name__ == "__main__":
    (ROOT / PROJECT / f"{NAME}{SUFFIX}").write_text(page(), encoding="utf-8", newline="\n")
