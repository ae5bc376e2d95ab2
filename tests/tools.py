"""Real programs that tests verify with.

Without such a program a test is skipped and says how to get it. Where POC2PROD_REQUIRE_TOOLS is 1,
as in `.ci/run`, it fails instead.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[1]


def require_tool(name: str) -> str:
    """The path of a program, from `.tools/bin` or PATH."""
    places = os.pathsep.join([str(ROOT / ".tools" / "bin"), os.environ.get("PATH", os.defpath)])
    return shutil.which(name, path=places) or _missing(f"no {name}: run .ci/install-tools")


def require_schema(name: str) -> Path:
    """The path of a schema that no package installs."""
    file = ROOT / ".tools" / "schemas" / name
    return file if file.is_file() else _missing(f"no {name}: run .ci/install-tools schemas")


@pytest.fixture(scope="session")
def docker() -> str:
    """The path of a docker client that reaches an engine; compose is `[docker, "compose", …]`."""
    client = require_tool("docker")
    if subprocess.run([client, "info"], check=False, capture_output=True).returncode:
        _missing('no Docker engine: start yours or run eval "$(.ci/docker-engine start)"')
    return client


def _missing(reason: str) -> NoReturn:
    if os.environ.get("POC2PROD_REQUIRE_TOOLS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
