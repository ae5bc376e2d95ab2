"""What a project with the answer privacy=personal keeps of people, and what it would without."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from projects import Project

# Beside the data as it came, and the names that the simulator draws from.
SEARCH = """
import json, runpy
from pathlib import Path
import polars

found = runpy.run_path("tests/ops/searching.py")["found"]
people = polars.read_parquet("data/readings.parquet").select(
    "inspected_by",
    "inspector_email",
    polars.col("inspected_at").dt.to_string("%Y-%m-%d %H:%M"),
)
words = {value for column in people for value in column}
besides = [".git", ".venv", ".secrets", "simulator", "data/readings.parquet"]
hits = found(Path(), words, besides)
print(json.dumps({
    "words": len(words),
    "found": len({word for word, _ in hits}),
    "in": sorted({path.rpartition("/")[0] for _, path in hits}),
}))
"""


def search(project: Project) -> dict[str, object]:
    """Search a project for what its data says of people."""
    done = project(".venv/bin/python", "-c", SEARCH)
    assert done.returncode == 0, done.stdout
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.xdist_group("regression")
def test_what_the_data_says_of_people_is_kept_nowhere_unless_it_is_declared_public(
    generated: Callable[[str], Project], copy_of: Callable[[Project], Project]
) -> None:
    project = generated("regression")
    project.make("ingest")

    kept = search(project)

    assert isinstance(kept["words"], int)
    assert kept["words"] > 100
    assert (kept["found"], kept["in"]) == (0, [])
    assert (project.root / ".secrets/pseudonym-key").stat().st_mode & 0o077 == 0
    assert project("git", "check-ignore", ".secrets/pseudonym-key").returncode == 0
    assert project.command("privacy", "check").returncode == 0

    public = copy_of(project)
    declare_public(public.root)
    done = public.command("ingest")
    assert done.returncode == 0, done.stdout
    flagged = " ".join(done.stdout.split())
    assert "inspector_email: 40 of 40 values look like e-mail addresses" in flagged
    kept = search(public)
    assert kept["found"] == kept["words"]
    assert kept["in"] == ["data/snapshots/parts"]


def declare_public(root: Path) -> None:
    """Say that the columns are about nobody."""
    file = root / "data-contract.yaml"
    text, dropped = re.subn(r" +- \{property: personal, .*\n", "", file.read_text("utf-8"))
    assert dropped == 3
    text = text.replace("classification: confidential", "classification: public")
    file.write_text(text, "utf-8")
    file = root / "kpi-contract.yaml"
    said = "  classification: public\n  personal_data: false\n"
    text, changed = re.subn(r"(?<=privacy:\n)(  .*\n)+", said, file.read_text("utf-8"))
    assert changed == 1
    file.write_text(text, "utf-8")
