from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import yaml

from poc2prod.audit.catalogue import Catalogue
from poc2prod.audit.context import Context
from poc2prod.audit.files import yaml_file
from poc2prod.audit.files.tree import Tree, UnreadableError
from projects import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def read(folder: Path, content: bytes) -> object:
    (folder / "a.yaml").write_bytes(content)
    context = Context(Tree(folder), None, datetime.now(UTC), Catalogue({}, ""))
    return context.yaml("a.yaml")


def test_what_is_there_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, b"a: [1, {b: text}]\nc:\n  - true\n") == {
        "a": [1, {"b": "text"}],
        "c": [True],
    }


def test_nothing_is_told_from_no_file(tmp_path: Path) -> None:
    assert read(tmp_path, b"# only this\n") == {}
    (tmp_path / "a.yaml").rename(tmp_path / "b.yaml")
    context = Context(Tree(tmp_path), None, datetime.now(UTC), Catalogue({}, ""))
    assert context.yaml("a.yaml") is None


ODD = """\
yes: [no, On, oFF, null, Null, nULL, ~, "", '', " ", "1", 'yes']
no: [0, 00, 017, 0b101, 0x1F, 1_000, 190:20:30, -1, +1, 0o17, 1e3, 1.5e+3, .5, -.inf, .NaN, 1.]
~: [2026-12-01, 2026-12-01T10:00:00Z, 2026-12-01 10:00:00.5 +02:00, 2026-1-1, "2026-12-01"]
1: {2.0: {}, "=": [], "<<": 1, '!': '*', a b: "x\\ty", ? c : d}
2026-12-01: |
  two
  lines
text: >-
  on one
  line
empty:
Straße: 中
"""


def test_words_are_what_pyyaml_makes_of_them(tmp_path: Path) -> None:
    for text in (ODD, *(f"{word}: {word}" for word in ("-x", ".", "0x", "<x", "=x", "nO", "~x"))):
        assert repr(read(tmp_path, text.encode())) == repr(yaml.safe_load(text))


FILES = [*ROOT.glob(".github/**/*.yml"), *ROOT.glob("src/**/*.yaml"), *ROOT.glob("tests/**/*.yml")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_files_are_what_pyyaml_makes_of_them(file: Path) -> None:
    text = file.read_text("utf-8")
    assert yaml_file.mapping(file.name, text) == yaml.safe_load(text)


BOMB = b"a: &a [x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (n, n, b", ".join([b"*%c" % (n - 1)] * 9)) for n in range(98, 107)
)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(BOMB, "a.yaml:2: not usable YAML: an alias", id="bomb"),
        pytest.param(b"[" * 2**20, "nested too deeply", id="brackets"),
        pytest.param(b"{a: " * 2**18, "nested too deeply", id="braces"),
        pytest.param(b"- " * 2**19, "nested too deeply", id="dashes"),
        pytest.param(b"? " * 2**19, "a key that is no word", id="question marks"),
        pytest.param(b"a: 1\nb:\n\t- 1\n", "a.yaml:3: not usable YAML", id="tabs"),
        pytest.param(bytes(range(256)), "no.* UTF-8", id="binary"),
        pytest.param(b"a: \x00\x01", "not usable YAML", id="control characters"),
        pytest.param(b"a: 1\nb: {c: 1, c: 2}\n", "a.yaml:2: .* c is there twice", id="twice"),
        pytest.param(b"- 1\n", "no mapping", id="a list"),
        pytest.param(b"text", "no mapping", id="a text"),
        pytest.param(b"a: 1\n---\nb: 1\n", "another document", id="two documents"),
        pytest.param(b"a: !!bool x\n", "a tag", id="a tag"),
        pytest.param(b"a: !!python/name:os.system x\n", "a tag", id="a tag of Python's"),
        pytest.param(b"a: " + b"9" * 5000, "not usable YAML", id="digits"),
        pytest.param(b"a: 2026-02-31\n", "not usable YAML", id="the 31st of February"),
        pytest.param(b"a: 1" + b":59" * 200 + b".5", "not usable YAML", id="a huge float"),
        pytest.param(b"? [a]\n: 1\n", "a key that is no word", id="a list for a key"),
        pytest.param(b"a: =\n", "not usable YAML", id="an equals sign"),
        pytest.param(b"<<: 1\n", "not usable YAML", id="a merge of nothing"),
        pytest.param(b"a: '" + b"x" * 2**20, "larger than", id="large"),
    ],
)
def test_what_could_hurt_is_refused_at_once(tmp_path: Path, content: bytes, reason: str) -> None:
    started = time.process_time()
    with pytest.raises(UnreadableError, match=reason):
        read(tmp_path, content)
    assert time.process_time() - started < 1
