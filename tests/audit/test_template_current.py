"""AUD-01: a project is at the newest release, and edits of its managed files are visible."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from poc2prod import releases
from poc2prod.audit.outcome import Location, Status
from poc2prod.new import create
from poc2prod.project import ANSWERS, OWNERSHIP
from probing import outcome
from small import TEXT, changed, digest, releases_of

if TYPE_CHECKING:
    from pathlib import Path

    from bundles import Bundle


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Bundle]:
    return releases_of(tmp_path_factory.mktemp("releases"))


def use(monkeypatch: pytest.MonkeyPatch, bundle: Bundle) -> None:
    monkeypatch.setattr(releases, "BUNDLE", bundle.file)
    monkeypatch.setattr(releases, "HISTORY", bundle.history)


@pytest.fixture(scope="module")
def generated(bundles: dict[int, Bundle], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of release 1.0.0, of a dozen files, with answers of its own."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        use(monkeypatch, bundles[1])
        root = tmp_path_factory.mktemp("generated") / "demo-model"
        pairs = ["latency=batch", "owner_email=ada@plant.eu"]
        return create(root, pairs=pairs, defaults=True, repository=False).root


@pytest.fixture
def project(
    generated: Path, bundles: dict[int, Bundle], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    use(monkeypatch, bundles[1])
    return shutil.copytree(generated, tmp_path / "demo-model")


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_project_as_generated_from_the_newest_release_passes(project: Path) -> None:
    found = outcome(project, "AUD-01")
    assert (found.status, found.value) == (Status.PASS, 0), found.message
    assert found.examined == 2
    assert "1.0.0, the newest" in found.message


def test_line_ends_are_no_edit(project: Path) -> None:
    guide = project / "guide.md"
    guide.write_bytes(guide.read_bytes().replace(b"\n", b"\r\n"))
    assert outcome(project, "AUD-01").value == 0


def test_edits_of_managed_files_are_counted_and_named(project: Path) -> None:
    edit(project / "guide.md", "line 3\n", "ours\n")
    found = outcome(project, "AUD-01")
    assert (found.status, found.value) == (Status.PASS, 1), found.message
    assert "1 managed files (guide.md)" in found.message
    assert found.locations == (Location("guide.md"),)


def test_removed_managed_files_are_counted(project: Path) -> None:
    (project / "guide.md").unlink()
    found = outcome(project, "AUD-01")
    assert (found.status, found.value) == (Status.PASS, 1), found.message


@pytest.mark.parametrize("claimed", ["its digest", "for the team", "not at all"])
def test_an_edit_that_the_projects_records_hide_fails(project: Path, claimed: str) -> None:
    edit(project / "guide.md", "line 3\n", "ours\n")
    ours = digest(TEXT.replace("line 3\n", "ours\n"))
    if claimed == "its digest":
        edit(project / OWNERSHIP, digest(TEXT), ours)
    elif claimed == "for the team":
        edit(project / OWNERSHIP, "[src", "[guide.md, src")
    else:
        edit(project / OWNERSHIP, f"guide.md: {digest(TEXT)}", "")
    found = outcome(project, "AUD-01")
    assert found.status is Status.FAIL, found.message
    assert "hides that 1 managed files (guide.md) differ" in found.message
    assert found.locations[0] == Location(OWNERSHIP)


def test_records_that_are_gone_fail(project: Path) -> None:
    (project / OWNERSHIP).unlink()
    found = outcome(project, "AUD-01")
    assert found.status is Status.FAIL, found.message
    assert found.locations


def test_answers_that_were_edited_by_hand_fail(project: Path) -> None:
    edit(project / ANSWERS, "ada@plant.eu", "bob@plant.eu")
    found = outcome(project, "AUD-01")
    assert found.status is Status.FAIL, found.message
    assert f"{OWNERSHIP} is not what poc2prod 1.0.0 writes" in found.message


def test_answers_that_the_template_refuses_fail(project: Path) -> None:
    edit(project / ANSWERS, "latency: batch", "latency: someday")
    found = outcome(project, "AUD-01")
    assert found.status is Status.FAIL
    assert "latency can't be 'someday'" in found.message


def test_a_newer_release_makes_it_stale_and_says_what_to_do(
    project: Path, bundles: dict[int, Bundle], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, bundles[2])
    edit(project / "guide.md", "line 3\n", "ours\n")
    found = outcome(project, "AUD-01")
    assert found.status is Status.STALE
    assert "it is at 1.0.0, and 2.0.0 is there: run poc2prod update" in found.message
    assert "1 managed files (guide.md)" in found.message


def test_a_file_that_an_update_left_behind_is_seen_although_the_release_is_current(
    project: Path, bundles: dict[int, Bundle], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What says 2.0.0 has 1.0.0's guide: the update's change of it was dropped."""
    use(monkeypatch, bundles[2])
    pairs = ["latency=batch", "owner_email=ada@plant.eu"]
    root = tmp_path / "updated" / "demo-model"
    create(root, pairs=pairs, defaults=True, repository=False)
    assert outcome(root, "AUD-01").value == 0
    assert (root / "guide.md").read_text("utf-8") == changed(2)
    shutil.copy(project / "guide.md", root / "guide.md")
    found = outcome(root, "AUD-01")
    assert (found.status, found.value) == (Status.PASS, 1)


@pytest.mark.parametrize("commit", ["0123abc", "HEAD", "v9.9.9", "[1]", ""])
def test_what_is_no_known_release_is_unknown(project: Path, commit: str) -> None:
    edit(project / ANSWERS, "_commit: v1.0.0", f"_commit: {commit}")
    found = outcome(project, "AUD-01")
    assert found.status is Status.UNKNOWN, found.message


def test_another_template_is_unknown_and_never_fetched(project: Path) -> None:
    edit(project / ANSWERS, "_src_path: https", "_src_path: file")
    assert outcome(project, "AUD-01").status is Status.UNKNOWN


def test_a_release_without_ownership_is_stale(project: Path) -> None:
    edit(project / ANSWERS, "_commit: v1.0.0", "_commit: v0.1.0")
    assert outcome(project, "AUD-01").status is Status.STALE


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        (None, Status.MISSING),
        (b"", Status.FAIL),
        (b"\xff\x00", Status.FAIL),
        (b"a: &a [*a]\n_commit: v1.0.0\n", Status.FAIL),
        (b"_commit: v1.0.0\n", Status.FAIL),
        (b"_commit: v1.0.0\nproject_name: {{ 7 * 7 }}\n", Status.FAIL),
        (b"_commit: v1.0.0\nteam: '{% for a in range(10**9) %}{% endfor %}'\n", Status.FAIL),
    ],
)
def test_hostile_answers_are_judged_and_never_pass(
    tmp_path: Path,
    bundles: dict[int, Bundle],
    monkeypatch: pytest.MonkeyPatch,
    answers: bytes | None,
    status: Status,
) -> None:
    use(monkeypatch, bundles[1])
    files = {} if answers is None else {ANSWERS: answers}
    found = outcome(tmp_path / "demo-model", "AUD-01", files)
    assert found.status is status, found.message


def test_a_default_project_of_the_newest_real_release_passes(tmp_path: Path) -> None:
    create(tmp_path / "demo-model", defaults=True, repository=False)
    found = outcome(tmp_path / "demo-model", "AUD-01")
    assert found.status is Status.PASS, found.message
    assert found.examined > 50
