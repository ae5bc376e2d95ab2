"""A bundle for devices: packed, installed without a network, refused, killed, rolled back."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING

import pytest

from devices import KILLED, SERVE_AND_ASK, archive, device, says, toy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from projects import Project


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A private key; the public one is beside it, as key.pem."""
    private = tmp_path_factory.mktemp("key") / "key"
    make = ("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out")
    subprocess.run([*make, private], check=True)
    public = ("openssl", "ec", "-in", private, "-pubout", "-out", private.with_suffix(".pem"))
    subprocess.run(public, check=True, capture_output=True)
    return private


@pytest.mark.xdist_group("regression")
def test_a_real_bundle_serves_on_a_device_without_a_network(
    generated: Callable[[str], Project], key: Path, tmp_path: Path
) -> None:
    project = generated("regression")
    if not (project.root / "models/champion").exists():
        project.make("train", "evaluate", "register")
    project.make("edge", f"KEY={key}")
    bundle, root = project.root / "build/edge.tar", tmp_path / "device"
    python = os.path.realpath(sys.executable)  # the interpreter, and no .venv
    alone = ("unshare", "--user", "--map-root-user", "--net")

    done = device(
        "install", bundle, "--root", root, "--key", key.with_suffix(".pem"), python=(*alone, python)
    )
    assert done.returncode == 0, done.stderr
    asked = subprocess.run(
        [*alone, python, "-c", SERVE_AND_ASK, project.package],
        cwd=root / "current",
        env={
            "PYTHONPATH": str(root / "current/site"),
            "OPS_MODELS": str(root / "current/models"),
            "PATH": os.environ["PATH"],
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert asked.returncode == 0, asked.stderr
    assert (root / "current/settings.toml").read_bytes() == (
        project.root / "settings.toml"
    ).read_bytes()
    assert "value" in json.loads(asked.stdout)["predictions"][0]

    # Any byte that differs, in the largest and in the smallest files.
    taken = (root / "current").readlink()
    with tarfile.open(bundle) as tar:
        members = [member for member in tar if member.isfile() and member.size]
    members.sort(key=lambda member: member.size)
    for member in (members[0], members[len(members) // 2], members[-1]):
        tampered = tmp_path / "tampered.tar"
        shutil.copy(bundle, tampered)
        with tampered.open("r+b") as file:
            file.seek(member.offset_data + member.size // 2)
            byte = file.read(1)[0]
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte ^ 1]))
        refused = device("install", tampered, "--root", root)
        assert refused.returncode == 1
        assert f"{tampered} is refused" in refused.stderr
    assert (root / "current").readlink() == taken
    assert len(list((root / "releases").iterdir())) == 1


def test_a_bundle_that_is_not_as_it_was_signed_is_refused(key: Path, tmp_path: Path) -> None:
    root, public = tmp_path / "device", key.with_suffix(".pem")
    device("install", toy(tmp_path, key, "a"), "--root", root, "--key", public)
    toy(tmp_path, key, "b")
    outside = tmp_path / "secret"
    outside.write_text("secret", encoding="utf-8")

    def changed(name: str, change: Callable[[Path], object]) -> Path:
        content = tmp_path / name
        shutil.copytree(tmp_path / "b", content)
        change(content)
        return archive(content)

    for name, change, reason in (
        ("edited", lambda c: (c / "site/toy/__main__.py").write_text("1"), "not what was packed"),
        ("added", lambda c: (c / "site/more.py").write_text("1"), "not listed"),
        ("removed", lambda c: (c / "bundle.json").unlink(), "missing"),
        ("linked", lambda c: (c / "site/link.py").symlink_to("toy/__main__.py"), "not listed"),
        ("outside", lambda c: (c / "link").symlink_to(outside), "not a bundle"),
        ("sums", lambda c: (c / "SHA256SUMS").write_text(""), "signature does not fit"),
        ("unsigned", lambda c: (c / "SHA256SUMS.sig").unlink(), "has no"),
        ("signed", lambda c: (c / "SHA256SUMS.sig").write_bytes(b"x"), "signature does not fit"),
    ):
        refused = device("install", changed(name, change), "--root", root)
        assert (refused.returncode, reason in refused.stderr) == (1, True), refused.stderr
        assert "Traceback" not in refused.stderr
    garbage = tmp_path / "garbage.tar"
    garbage.write_bytes(b"\0\1" * 5000)
    assert "is not a bundle" in device("install", garbage, "--root", root).stderr
    assert says(root) == "a"
    assert [release.name for release in (root / "releases").iterdir()] == ["a"]


def test_only_the_key_of_the_first_installation_is_trusted(key: Path, tmp_path: Path) -> None:
    root, public, other = tmp_path / "device", key.with_suffix(".pem"), tmp_path / "other.pem"
    bundle = toy(tmp_path, key, "a")
    assert "needs --key" in device("install", bundle, "--root", root).stderr
    assert device("install", bundle, "--root", root, "--key", public).returncode == 0
    other.write_text("another")
    assert "not the key" in device("install", bundle, "--root", root, "--key", other).stderr


def test_an_update_killed_anywhere_leaves_the_old_or_the_new_release(
    key: Path, tmp_path: Path
) -> None:
    public, old, new = key.with_suffix(".pem"), toy(tmp_path, key, "a"), toy(tmp_path, key, "b")

    def killed(root: Path, change: int) -> subprocess.CompletedProcess[str]:
        assert device("install", old, "--root", root, "--key", public).returncode == 0
        python = (sys.executable, "-c", KILLED, str(change))
        return device("install", new, "--root", root, python=python)

    whole = killed(tmp_path / "whole", 0)
    assert says(tmp_path / "whole") == "b"
    changes = int(whole.stdout.split()[-1])
    assert changes > 10
    seen = set()
    last = range(changes - 5, changes + 1)  # among them, those that make the release current
    for change in sorted({*last, *random.Random(7).sample(range(1, changes + 1), 10)}):
        root = tmp_path / f"killed-{change}"
        assert killed(root, change).returncode == -signal.SIGKILL
        seen.add(says(root))
        done = device("install", new, "--root", root)
        assert done.returncode == 0, done.stderr
        assert says(root) == "b"
        assert sorted(release.name for release in (root / "releases").iterdir()) == ["a", "b"]
        shutil.rmtree(root)
    assert "a" in seen
    assert seen <= {"a", "b"}


def test_one_command_goes_back_and_a_failed_restart_does_too(key: Path, tmp_path: Path) -> None:
    root, public = tmp_path / "device", key.with_suffix(".pem")
    first = device("install", toy(tmp_path, key, "a"), "--root", root, "--key", public)
    assert first.returncode == 0
    assert "no previous" in device("rollback", "--root", root).stderr
    assert device("install", toy(tmp_path, key, "b"), "--root", root).returncode == 0
    assert device("rollback", "--root", root).returncode == 0
    assert says(root) == "a"
    assert device("rollback", "--root", root).returncode == 0
    assert says(root) == "b"

    failed = device("install", toy(tmp_path, key, "c"), "--root", root, "--restart", "false")
    assert failed.returncode == 1
    assert "b is current again" in failed.stderr
    assert says(root) == "b"
    assert device("rollback", "--root", root).returncode == 0
    assert says(root) == "a", "the way back is still there"
    assert device("rollback", "--root", root).returncode == 0
    broken = device("install", toy(tmp_path, key, "d", broken=True), "--root", root)
    assert "d can't predict on this device: broken" in broken.stderr
    assert says(root) == "b"
    shown = device("status", "--root", root).stdout
    assert shown.splitlines()[0].split() == ["current", "b", "model", "b"]
