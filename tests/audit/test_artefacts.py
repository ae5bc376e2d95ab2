"""REL-04: no pickle, a signature, and a loader that refuses what was changed."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from poc2prod.audit.outcome import Outcome, Status
from poc2prod.audit.probes.mlops.artefacts import is_pickle
from poc2prod.audit.running.lab import Lab
from toys import context, outcome, toy, write

if TYPE_CHECKING:
    from pathlib import Path

VERIFY = '''\
"""Accepts a model whose sums are right and whose signature is the sums' own digest."""

import hashlib
import sys
from pathlib import Path


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


if sys.argv[1] != "verify":
    sys.exit(2)
bundle = Path("models") / Path("models/champion").read_text().strip()
for line in (bundle / "SHA256SUMS").read_text().splitlines():
    sum, name = line.split()
    if digest(bundle / name) != sum:
        sys.exit(f"{name} was changed")
if digest(bundle / "SHA256SUMS") != (bundle / "SHA256SUMS.sig").read_text():
    sys.exit("it is not signed")
'''


class Malicious:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch pwned",)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a signed champion."""
    model = b"a graph"
    sums = f"{sha256(model).hexdigest()}  model.onnx\n"
    write(
        toy(tmp_path),
        {
            "src/toy/__main__.py": VERIFY,
            "model.pub": "the key\n",
            "models/champion": "v1\n",
            "models/v1/SHA256SUMS": sums,
            "models/v1/SHA256SUMS.sig": sha256(sums.encode()).hexdigest(),
        },
    )
    (tmp_path / "models/v1/model.onnx").write_bytes(model)
    return tmp_path


def judged(root: Path) -> Outcome:
    with Lab(root) as lab:
        return outcome("REL-04", context(root, lab))


def test_a_signed_model_that_can_not_be_changed_passes(root: Path) -> None:
    found = judged(root)
    assert found.status is Status.PASS, found.message


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('sys.exit("it is not signed")', "pass", "with a changed byte and new sums"),
        ('if sys.argv[1] != "verify":\n    sys.exit(2)', "sys.exit(0)", "with a changed byte"),
        ('sys.argv[1] != "verify"', "True", "is not accepted"),
    ],
)
def test_a_loader_that_accepts_what_it_should_not_fails(
    root: Path, old: str, new: str, says: str
) -> None:
    assert old in VERIFY
    write(root, {"src/toy/__main__.py": VERIFY.replace(old, new)})
    found = judged(root)
    assert (found.status, says in found.message) == (Status.FAIL, True), found.message


def test_a_model_that_is_not_signed_fails_and_so_does_one_that_nobody_may_sign(root: Path) -> None:
    (root / "models/v1/SHA256SUMS.sig").write_text("")
    assert "it is not signed" in judged(root).message
    (root / "model.pub").unlink()
    assert "model.pub is not there" in judged(root).message


@pytest.mark.parametrize("protocol", range(6))
def test_a_malicious_pickle_is_detected_and_not_run(root: Path, protocol: int) -> None:
    content = pickle.dumps(Malicious(), protocol=protocol)
    (root / "models/v1/extra.bin").write_bytes(content)
    found = judged(root)
    assert found.status is Status.FAIL
    assert "models/v1/extra.bin is a pickle" in found.message
    assert not list(root.rglob("pwned"))


def test_an_archive_of_pickles_is_one_and_other_files_are_none() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("archive/data.pkl", b"")
    assert is_pickle(packed.getvalue())
    for content in (b"", b"a graph", b"{}\n", b"PK\x03\x04", b"\x08\x07onnx", b"N.", bytes(256)):
        assert not is_pickle(content), content


def test_without_a_champion_there_is_nothing_to_examine(root: Path) -> None:
    (root / "models/champion").unlink()
    assert judged(root).status is Status.MISSING
