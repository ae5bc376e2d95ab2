"""Bundles for devices, and the program that installs them, run from here."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from hashlib import sha256
from typing import TYPE_CHECKING

from rendering import ROOT

if TYPE_CHECKING:
    from pathlib import Path

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
