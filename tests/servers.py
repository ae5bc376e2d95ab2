"""An S3-compatible server and a PostgreSQL, each for as long as a test needs it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tools import require_tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def s3(folder: Path) -> Iterator[dict[str, str]]:
    """Serve the folders in `folder` as buckets; yield the variables that lead there."""
    port = free_port()
    server = subprocess.Popen(
        [
            *(require_tool("rclone"), "--config", os.devnull, "serve", "s3", str(folder)),
            *("--auth-key", "KEYID,SECRET", "--addr", f"127.0.0.1:{port}"),
        ],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait(lambda: connects(port), server)
        yield {
            "AWS_ACCESS_KEY_ID": "KEYID",
            "AWS_SECRET_ACCESS_KEY": "SECRET",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        }
    finally:
        server.terminate()
        server.wait()


@contextmanager
def postgres() -> Iterator[str]:
    """Start a server that forgets everything; yield its URL."""
    places = map(str, Path("/usr/lib/postgresql").glob("*/bin"))
    os.environ["PATH"] = os.pathsep.join([os.environ["PATH"], *places])
    initdb, server = require_tool("initdb"), require_tool("postgres")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="postgres-") as home:
        user = None
        if os.geteuid() == 0:  # which it refuses to run as
            user = "nobody"
            shutil.chown(home, user)
        options = ("-D", f"{home}/data")
        made = ("-U", "plant", "--auth=trust", "--no-sync")
        subprocess.run(
            [initdb, *options, *made], check=True, capture_output=True, user=user, cwd=home
        )
        off = ("-c", "unix_socket_directories=", "-c", "fsync=off")
        running = subprocess.Popen(
            [server, *options, "-p", str(port), "-h", "127.0.0.1", *off],
            user=user,
            cwd=home,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait(lambda: connects(port), running)
            yield f"postgresql+psycopg://plant@127.0.0.1:{port}/postgres"
        finally:
            running.terminate()
            running.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def connects(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def wait(ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    while not ready():
        assert process.poll() is None, process.args
        time.sleep(0.02)
