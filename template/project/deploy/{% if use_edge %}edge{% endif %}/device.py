# Managed by poc2prod; extend in a script of your own beside it that calls its commands.
"""Installs, updates and rolls back the project on a device that has no network.

    python3 device.py install BUNDLE --root /opt/NAME [--key edge.pem] [--restart COMMAND]
    python3 device.py rollback --root /opt/NAME [--restart COMMAND]
    python3 device.py status --root /opt/NAME

A bundle comes from `make edge`. It is believed only if its signature fits the public key that the
first installation was given and every file has its digest. A release is made aside, has to predict
what its model predicted in training, and becomes `current` by one rename: whatever is killed, the
old or the new one is there. Needs Python 3.11 or newer and openssl, and nothing from the bundle
before that is verified.
"""

import argparse
import compileall
import contextlib
import fcntl
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"


class DeviceError(Exception):
    """Something that a person can mend."""


def install(bundle: Path, root: Path, key: Path | None, restart: str) -> str:
    """Verify a bundle, install it aside, try it, and make it current."""
    root.mkdir(parents=True, exist_ok=True)
    with locked(root):
        trusted = root / "trusted.pem"
        if key and trusted.exists() and key.read_bytes() != trusted.read_bytes():
            raise DeviceError(f"{key} is not the key that {trusted} trusts: remove that one first")
        believed = trusted if trusted.exists() else key
        if believed is None:
            raise DeviceError("the first installation needs --key, the public key of your bundles")
        with unpacked(bundle, root) as folder:
            verify(folder, believed, bundle)
            about = describe(folder)
            release = root / "releases" / about["id"]
            if not release.exists():
                try_out(folder, about)
                compileall.compile_dir(folder / "site", quiet=2)
                os.sync()  # before the rename says that the files are there
                folder.rename(release)
        if not trusted.exists():
            replace(trusted, believed.read_bytes())
        return switch(root, release, restart)


def rollback(root: Path, restart: str) -> str:
    """Make the release that was current before current again."""
    with locked(root):
        release = target(root / "previous")
        if release is None:
            raise DeviceError(f"{root} has no previous release to go back to")
        return switch(root, release, restart)


def status(root: Path) -> str:
    """Say what is current and what was before."""
    lines = []
    for name in ("current", "previous"):
        release = target(root / name)
        about = describe(release) if release else {"id": "none", "model": "none"}
        lines.append(f"{name:9} {about['id']}  model {about['model']}")
    return "\n".join(lines)


def switch(root: Path, release: Path, restart: str) -> str:
    """Point `current` to a release and restart; where that fails, go back and restart again."""
    before, earlier = target(root / "current"), target(root / "previous")
    if before == release:
        return f"{release.name} is current already"
    if before:
        point(root / "previous", before)
    point(root / "current", release)
    if restart and subprocess.run(shlex.split(restart), check=False).returncode:
        if before is None:
            raise DeviceError(f"{restart!r} failed; {release.name} is current and does not run")
        point(root / "current", before)
        if earlier:
            point(root / "previous", earlier)
        else:
            (root / "previous").unlink()
        again = subprocess.run(shlex.split(restart), check=False).returncode
        raise DeviceError(
            f"{restart!r} failed with {release.name}: {before.name} is current again"
            + (" and does not restart either" if again else "")
        )
    for old in (root / "releases").iterdir():
        if old not in (release, target(root / "previous")):
            shutil.rmtree(old)
    return f"{release.name} is current"


@contextlib.contextmanager
def unpacked(bundle: Path, root: Path) -> Iterator[Path]:
    """Unpack a bundle beside the releases; what is still there at the end is deleted."""
    releases = root / "releases"
    releases.mkdir(exist_ok=True)
    for left in releases.glob(".new-*"):  # by an installation that was killed
        shutil.rmtree(left)
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=releases))
    try:
        with tarfile.open(bundle, "r:") as archive:
            archive.extractall(folder, filter="data")  # nothing outside, no links out, no devices
        folder.chmod(0o755)
        yield folder
    except (tarfile.TarError, EOFError) as error:
        raise DeviceError(f"{bundle} is not a bundle: {error}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def verify(folder: Path, key: Path, bundle: Path) -> None:
    """Compare the signature with the key, and every file with its digest."""
    sums = folder / SUMS
    if not sums.is_file() or not (folder / SIGNATURE).is_file():
        raise DeviceError(f"{bundle} is refused: it has no {SUMS} or no {SIGNATURE}")
    check = ["openssl", "dgst", "-sha256", "-verify", str(key), "-signature"]
    done = subprocess.run([*check, str(folder / SIGNATURE), str(sums)], capture_output=True)
    if done.returncode:
        raise DeviceError(f"{bundle} is refused: its signature does not fit {key}")
    lines = (line.partition("  ") for line in sums.read_text(encoding="utf-8").splitlines())
    expected = {name: digest for digest, _, name in lines}
    found = {file.relative_to(folder).as_posix(): file for file in files(folder)}
    for name in sorted(expected.keys() ^ (found.keys() - {SUMS, SIGNATURE})):
        what = "missing" if name in expected else "not listed in its sums"
        raise DeviceError(f"{bundle} is refused: {name} is {what}")
    for name, digest in expected.items():
        with found[name].open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise DeviceError(f"{bundle} is refused: {name} is not what was packed")


def try_out(folder: Path, about: dict[str, Any]) -> None:
    """Let a release load its model, which compares the model's golden replies."""
    wanted, here = about["python"], f"{sys.version_info[0]}.{sys.version_info[1]}"
    if wanted != here:
        raise DeviceError(f"the bundle is for Python {wanted}: run this with python{wanted}")
    environment = {"PYTHONPATH": str(folder / "site"), "OPS_MODELS": str(folder / "models")}
    command = [sys.executable, "-m", about["package"], "predict", json.dumps(about["row"])]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise DeviceError(f"{about['id']} can't predict on this device: {done.stderr.strip()}")


def describe(folder: Path) -> dict[str, Any]:
    """Read what a release is."""
    about: dict[str, Any] = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
    return about


@contextlib.contextmanager
def locked(root: Path) -> Iterator[None]:
    """Let one run at a time change the device."""
    if not root.is_dir():
        raise DeviceError(f"nothing is installed in {root}")
    with (root / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DeviceError(f"another run is changing {root}") from None
        yield


def target(link: Path) -> Path | None:
    """Return the release that a link leads to."""
    return link.parent / link.readlink() if link.is_symlink() else None


def point(link: Path, release: Path) -> None:
    """Make a link lead to a release, in one step."""
    temporary = link.with_name(f".{link.name}")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(release.relative_to(link.parent))
    temporary.replace(link)


def replace(path: Path, content: bytes) -> None:
    """Write a file in one step."""
    temporary = path.with_name(f".{path.name}")
    temporary.write_bytes(content)
    temporary.replace(path)


def files(folder: Path) -> list[Path]:
    """List everything in a folder that is no folder; a link counts, and is never listed in sums."""
    return sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())


def main() -> int:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=("install", "rollback", "status"))
    parser.add_argument("bundle", type=Path, nargs="?")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--key", type=Path)
    parser.add_argument("--restart", default="")
    args = parser.parse_args()
    if (args.command == "install") != (args.bundle is not None):
        parser.error("install takes a bundle, and nothing else does")
    try:
        if args.command == "install":
            print(install(args.bundle, args.root.absolute(), args.key, args.restart))
        elif args.command == "rollback":
            print(rollback(args.root.absolute(), args.restart))
        else:
            print(status(args.root.absolute()))
    except (DeviceError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
