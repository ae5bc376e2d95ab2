"""Write ownership.yaml.jinja and manifest.json.jinja of template/project/.poc2prod/.

The first lists the managed files with the digest of what is rendered, and the owners' files with
that of their text without white space. The second has the latter as they were at a project's birth,
so no update touches it. A file that is only copied has its own digest, any other one that Jinja
computes when it renders. A test keeps both current.
"""

from __future__ import annotations

import hashlib
import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

from poc2prod.audit.files.tree import normalised
from poc2prod.effects import PROJECT, SUFFIX
from poc2prod.questions import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ROOT = Path(__file__).parents[1]
NAME = ".poc2prod/ownership.yaml"
MANIFEST = ".poc2prod/manifest.json"

HEADER = """\
# Managed by poc2prod. Who owns which file; `poc2prod status` reads it.
{# Written by `make ownership`. -#}
yours:
{% for pattern in yours_once + yours_where_missing %}
  - {{ pattern }}
{% endfor %}
managed: # as generated: sha256 of each file, line ends as LF
"""


WRITTEN = "written: # yours, as this release has them: sha256 of the text without white space\n"

Entry = tuple[str, tuple[str, ...], str]
"""Where a file is generated, under which conditions, and where the template has it."""


def page(root: Path = ROOT) -> str:
    """Return ownership.yaml.jinja as the template in `root` must have it."""
    managed, yours = _entries(root)

    def line(entry: Entry, shown: Callable[..., str]) -> str:
        return f"  {entry[0]}: {shown(root, entry[2], end='{% endfilter +%}')}"

    return (
        HEADER
        + _conditional(managed, lambda entry: line(entry, _digest))
        + WRITTEN
        + _conditional(yours, lambda entry: line(entry, _of_text))
    )


def manifest(root: Path = ROOT) -> str:
    """Return manifest.json.jinja as the template in `root` must have it."""
    *others, last = _entries(root)[1]
    assert not last[1], f"{last[0]} may be missing, and then a comma would be left over"

    def line(entry: Entry) -> str:
        return f'  "{entry[0]}": "{_of_text(root, entry[2])}"'

    return "{\n" + _conditional(others, lambda entry: f"{line(entry)},") + line(last) + "\n}\n"


def _entries(root: Path) -> tuple[list[Entry], list[Entry]]:
    """Return the managed files and the owners', but for the two that this writes."""
    spec = GitIgnoreSpec.from_lines(patterns(root))
    found = sorted((*located(source), source) for source in sources(root))
    found = [entry for entry in found if entry[0] not in (NAME, MANIFEST)]
    managed = [entry for entry in found if not spec.match_file(entry[0])]
    return managed, [entry for entry in found if spec.match_file(entry[0])]


def _conditional(entries: Iterable[Entry], line: Callable[[Entry], str]) -> str:
    lines = []
    for conditions, group in groupby(entries, key=lambda entry: entry[1]):
        listed = [line(entry) for entry in group]
        for condition in conditions:
            listed = [f"{{% if {condition} %}}", *listed, "{% endif %}"]
        lines += listed
    return "".join(f"{line}\n" for line in lines)


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


def _digest(root: Path, source: str, end: str = "{% endfilter %}") -> str:
    """Return the digest of what is rendered, or the Jinja that computes it."""
    if source.endswith(SUFFIX):
        return f"{{% filter hash('sha256') %}}{_include(source)}{end}"
    content = (root / PROJECT / source).read_bytes().replace(b"\r\n", b"\n")
    return hashlib.sha256(content).hexdigest()


def _of_text(root: Path, source: str, end: str = "{% endfilter %}") -> str:
    """Likewise of the text without white space, as `audit.tree.normalised` computes it."""
    if source.endswith(SUFFIX):
        return f"{{% filter regex_replace('\\\\s+', '') | hash('sha256') %}}{_include(source)}{end}"
    return normalised((root / PROJECT / source).read_text(encoding="utf-8"))


def _include(source: str) -> str:
    return f'{{% include "{PROJECT}/{source}" %}}'


def write(root: Path = ROOT) -> None:
    """Write both files into the template in `root`."""
    for name, text in ((MANIFEST, manifest(root)), (NAME, page(root))):
        path = root / PROJECT / f"{name}{SUFFIX}"
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()
