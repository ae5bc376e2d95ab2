# Managed by poc2prod; extend in a module of your own that imports it.
"""Signatures of models: SHA256SUMS.sig beside SHA256SUMS, whose digests cover the model.

Not its evaluation, which came later: `promote` repeats that, where its data is still there.

ECDSA over SHA-256 with a key on the curve P-256, in base64: what `cosign sign-blob` writes and
`cosign verify-blob` reads, so that a key may also stay in a key management service. openssl does
the arithmetic: the image has it, and no package has to be added to what serves.
"""

import base64
import binascii
import re
import subprocess
import tempfile
from pathlib import Path

from .bundle import SIGNATURE, SUMS, verify
from .errors import ProjectError
from .files import write_text

_KEYS = re.compile(
    rb"-----BEGIN PUBLIC KEY-----\s[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----", re.ASCII
)


def sign(directory: Path, key: Path) -> None:
    """Sign a bundle, whose sums must be right.

    Args:
        directory: the bundle.
        key: the private key, a PEM file without a passphrase.

    Raises:
        ProjectError: the bundle was changed, or this is no such key.
    """
    verify(directory)
    if not key.is_file():
        raise ProjectError(
            f"there is no signing key {key}: openssl ecparam -name prime256v1 -genkey -noout"
            f" -out {key}; then openssl ec -in {key} -pubout -out model.pub makes the public half"
        )
    done = _openssl("-sign", str(key), str(directory / SUMS))
    if done.returncode or not done.stdout:
        raise ProjectError(f"openssl can't sign with {key}: {_said(done)}")
    write_text(directory / SIGNATURE, base64.b64encode(done.stdout).decode() + "\n")


def check(directory: Path, signed_by: Path | None) -> None:
    """Require that one of some keys signed the sums of a bundle, where keys are named.

    Args:
        directory: the bundle; its sums are for `bundle.verify` to compare.
        signed_by: public keys, one after the other in one PEM file; None asks for no signature.

    Raises:
        ProjectError: it has no signature, or none of the keys made it.
    """
    if signed_by is None:
        return
    try:
        keys = _KEYS.findall(signed_by.read_bytes())
    except OSError as error:
        raise ProjectError(f"signed_by: {signed_by}: {error.strerror}") from None
    if not keys:
        raise ProjectError(f"signed_by: {signed_by} holds no public key in PEM")
    file = directory / SIGNATURE
    try:
        signature = base64.b64decode(file.read_bytes(), validate=False)
    except FileNotFoundError:
        raise ProjectError(
            f"{directory} is not signed, and must be by a key of {signed_by}: run sign, or see"
            " docs/supply-chain.md"
        ) from None
    except binascii.Error:
        signature = b""
    with tempfile.TemporaryDirectory() as name:
        stored, public = Path(name, "signature"), Path(name, "key.pem")
        stored.write_bytes(signature)
        for key in keys:
            public.write_bytes(key + b"\n")
            made = ("-verify", str(public), "-signature", str(stored), str(directory / SUMS))
            if _openssl(*made).returncode == 0:
                return
    raise ProjectError(f"{file} was made by no key of {signed_by}, or {SUMS} was changed since")


def _openssl(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = ["openssl", "dgst", "-sha256", *arguments]
    try:
        return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        raise ProjectError("signatures need openssl, which is not installed here") from None


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[0] if lines else f"it ended with {done.returncode}"
