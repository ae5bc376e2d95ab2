"""Break the alerts of a default project in every way that matters; count what its tests notice."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
NEW = [sys.executable, "-m", "poc2prod", "new", "--defaults", "--template", str(ROOT)]

if __name__ == "__main__":
    sys.path.append(str(ROOT / "tests"))
    from poc2prod.audit.running.alert_mutants import Suite, judged, table
    from tools import require_tool

    with TemporaryDirectory() as directory:
        project = Path(directory) / "demo-model"
        subprocess.run([*NEW, "--ref", "HEAD", str(project)], check=True, capture_output=True)
        started = time.monotonic()
        print(table(judged(Suite.of(project / "monitoring"), require_tool("promtool"))))
        print(f"{time.monotonic() - started:.0f} s")
