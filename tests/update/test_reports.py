"""What an update and a preview report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from small import edited, write
from updating import everything

if TYPE_CHECKING:
    from updating import Case


def edits(case: Case) -> None:
    """Make one change of each kind happen."""
    (case.root / "run.sh").unlink()
    (case.root / "run.sh").symlink_to("guide.md")
    case.edit(
        {
            "guide.md": edited(2),
            "gone.md": edited(3),
            "serving/app.py": edited(15),
            "old.md": edited(15),
            "logo.bin": b"\0mine",
            "src/pump_guard/ops/train.py": None,
        }
    )


def test_a_preview_changes_no_byte_and_reports_what_the_update_does(case: Case) -> None:
    edits(case)
    (case.root / "guide.md").touch()  # git would refresh its index
    before = everything(case.root), sorted((case.root / ".git/objects").iterdir())

    preview = case.update("--dry-run", status=3)

    assert (everything(case.root), sorted((case.root / ".git/objects").iterdir())) == before
    end = "\nNothing was changed. The update would leave 3 conflicts.\n"
    assert preview.endswith(end)
    report = case.update(status=3)
    assert report.startswith(preview.removesuffix(end))
    assert "Resolve 3 conflicts" in report


def test_a_preview_as_json_is_the_report_as_json(case: Case) -> None:
    edits(case)

    preview = json.loads(case.update("--dry-run", "--json", "-d", "team=Öl", status=3))
    report = json.loads(case.update("--json", "-d", "team=Öl", status=3))

    assert preview.pop("dry_run")
    assert not report.pop("dry_run")
    assert not report["restored"]
    assert preview == report
    changes = {change["path"]: change for change in report["changes"]}
    assert {path: change["kind"] for path, change in changes.items()} == {
        ".poc2prod/answers.yaml": "changed",
        ".poc2prod/ownership.yaml": "changed",
        "added.md": "added",
        "gone.md": "rescued",
        "guide.md": "conflicted",
        "logo.bin": "conflicted",
        "new.md": "merged",
        "run.sh": "conflicted",
        "serving/app.py": "merged",
        "src/pump_guard/model.py": "left",
        "src/pump_guard/ops/train.py": "left",
    }
    assert changes["guide.md"]["lines"] == [2]
    assert changes["new.md"]["before"] == "old.md"
    for key in ("patch", "aside"):
        assert all(case.exists(change[key]) for change in report["changes"] if key in change)
    assert report["answers"] == {"new": {}, "changed": {"team": ["Reliability Engineering", "Öl"]}}
    assert (report["project"], report["from"], report["to"]) == ("pump-guard", "1.0.0", "2.0.0")
    assert report["releases"][0]["manual"] == ["Read the guide."]


def test_quiet_it_prints_nothing(case: Case) -> None:
    case.edit({"guide.md": edited(2)})

    assert case.update("--quiet", status=3) == ""
    write(case.root, {"guide.md": "resolved\n"})
    assert case("update", "--continue", "-q").out == ""


def test_it_says_what_to_run_next(case: Case) -> None:
    assert "git commit -m 'Update from poc2prod 1.0.0 to 2.0.0'" in case.update()
