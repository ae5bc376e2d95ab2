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
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from rendering import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from projects import Project

DEVICE = ROOT / "template/project/deploy/{% if use_edge %}edge{% endif %}/device.py"

# Answers one request of the golden row over loopback, in a namespace that has nothing else.
SERVE_AND_ASK = """
import json, os, re, subprocess, sys, urllib.request
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
command = [sys.executable, "-m", sys.argv[1], "serve", "--port", "0"]
service = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
for line in service.stderr:
    if found := re.search(r'"url": "(http://[^"]+)"', line):
        break
row = json.load(open("bundle.json"))["row"]
request = urllib.request.Request(found[1] + "/predict", json.dumps(row).encode())
print(urllib.request.urlopen(request, timeout=10).read().decode())
service.terminate()
sys.exit(service.wait())
"""

# Runs device.py and kills it when it changes a file for the nth time; prints how often it did.
KILLED = """
import os, runpy, signal, sys
last, changes = int(sys.argv.pop(1)), 0
def hook(event, arguments):
    global changes
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & 3
    changing = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.symlink", "subprocess.Popen")
    if writes or event in changing:
        changes += 1
        if changes == last:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
sys.argv.pop(0)
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    print(changes)
"""


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A private key; the public one is beside it, as key.pem."""
    private = tmp_path_factory.mktemp("key") / "key"
    make = ("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out")
    subprocess.run([*make, private], check=True)
    public = ("openssl", "ec", "-in", private, "-pubout", "-out", private.with_suffix(".pem"))
    subprocess.run(public, check=True, capture_output=True)
    return private


def device(*arguments: object, python: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [*(python or (sys.executable,)), str(DEVICE), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def toy(folder: Path, key: Path, version: str, *, broken: bool = False) -> Path:
    """A bundle with a package of one file, signed: what device.py does depends on no other."""
    package = folder / version / "site/toy"
    package.mkdir(parents=True)
    program = "raise SystemExit('broken')" if broken else f"print({version!r})"
    (package / "__main__.py").write_text(f"{program}\n", encoding="utf-8")
    about = {"id": version, "package": "toy", "model": version, "row": {}}
    about["python"] = f"{sys.version_info[0]}.{sys.version_info[1]}"
    (folder / version / "bundle.json").write_text(json.dumps(about), encoding="utf-8")
    return packed(folder / version, key)


def packed(content: Path, key: Path) -> Path:
    files = sorted(file for file in content.rglob("*") if file.is_file())
    lines = [f"{sha256(f.read_bytes()).hexdigest()}  {f.relative_to(content)}\n" for f in files]
    (content / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
    signature = content / "SHA256SUMS.sig"
    sign = ("openssl", "dgst", "-sha256", "-sign", key, "-out", signature)
    subprocess.run([*sign, content / "SHA256SUMS"], check=True)
    return archive(content)


def archive(content: Path) -> Path:
    bundle = content.with_suffix(".tar")
    with tarfile.open(bundle, "w") as tar:
        tar.add(content, ".")
    return bundle


def says(root: Path) -> str:
    """What the release that is current does when it is run."""
    environment = {"PYTHONPATH": str(root / "current/site")}
    command = (sys.executable, "-m", "toy")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


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
    broken = device("install", toy(tmp_path, key, "d", broken=True), "--root", root)
    assert "d can't predict on this device: broken" in broken.stderr
    assert says(root) == "b"
    shown = device("status", "--root", root).stdout
    assert shown.splitlines()[0].split() == ["current", "b", "model", "b"]
