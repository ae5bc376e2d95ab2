"""Answers by a script beside this one: python -I answer.py SCRIPT REQUEST ANSWER.

They run with the project's libraries and none of its code; the audit itself imports none of them.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path


def main(name: str, request: Path, answer: Path) -> None:
    """Write what the script says of a request; an `error` says what is wrong with its files."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    try:
        found = script.main(json.loads(request.read_text("utf-8")))
    except Exception as error:  # noqa: BLE001  # whatever a file holds, the audit is told
        found = {"error": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"}
    answer.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
