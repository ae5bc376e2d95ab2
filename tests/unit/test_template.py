from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from bundles import make_bundle
from poc2prod import releases
from poc2prod import template as module
from poc2prod.errors import CommandError, UsageError
from poc2prod.template import CANONICAL_URL, opened
from rendering import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def git(root: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    return subprocess.check_output(["git", *identity, *arguments], cwd=root, text=True).strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A template with two releases, a later pre-release, a branch, and a change not committed."""
    root = tmp_path / "origin"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    for tag in ("v0.9.0", "v0.10.0", "v0.11.0rc1", "nightly"):
        (root / "copier.yml").write_text(f"tag: {tag}\n", encoding="utf-8")
        git(root, "add", ".")
        git(root, "commit", "-qm", tag)
        git(root, "tag", tag)
    git(root, "branch", "side", "v0.9.0")
    (root / "copier.yml").write_text("tag: changed\n", encoding="utf-8")
    return root


def tag(source: Path | str, ref: str | None) -> str:
    with opened(str(source), ref) as template:
        return (template.root / "copier.yml").read_text(encoding="utf-8").split()[1]


def test_the_projects_record_the_url_that_the_command_knows() -> None:
    recorded = (ROOT / "template/project/.poc2prod/answers.yaml.jinja").read_text(encoding="utf-8")

    assert f'_src_path="{CANONICAL_URL}"' in recorded


@pytest.fixture
def released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tags = ("v0.9.0", "v0.11.0", "v0.10.0")
    monkeypatch.setattr(releases, "BUNDLE", make_bundle(tmp_path / "some.bundle", *tags))


@pytest.mark.usefixtures("released")
@pytest.mark.parametrize(
    ("ref", "expected"),
    [(None, "v0.11.0"), ("v0.10.0", "v0.10.0"), ("0.9.0", "v0.9.0")],
)
def test_poc2prods_own_template_is_a_release(ref: str | None, expected: str) -> None:
    with opened(ref=ref) as template:
        assert template.ref == expected
        assert (template.root / "copier.yml").read_text("utf-8") == f"tag: {expected}\n"
    assert not template.root.exists()


@pytest.mark.usefixtures("released")
@pytest.mark.parametrize(
    ("ref", "hint"),
    [
        ("v0.9.1", "; did you mean v0.9.0?"),
        ("HEAD", "; there are v0.9.0, v0.10.0, v0.11.0"),
        ("main", "; there are v0.9.0, v0.10.0, v0.11.0"),
        ("", "; there are v0.9.0, v0.10.0, v0.11.0"),
    ],
)
def test_a_release_that_is_none_is_refused(ref: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught, opened(ref=ref):
        pass

    assert str(caught.value) == f"--ref {ref}: poc2prod has no such release{hint}"


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        (None, "v0.10.0"),
        ("v0.9.0", "v0.9.0"),
        ("v0.11.0rc1", "v0.11.0rc1"),
        ("side", "v0.9.0"),
        ("main", "nightly"),
        ("HEAD", "changed"),
    ],
)
def test_a_ref_selects_the_tag_branch_or_commit(
    repository: Path, ref: str | None, expected: str
) -> None:
    assert tag(repository, ref) == expected


def test_a_url_is_cloned_and_removed_afterwards(repository: Path) -> None:
    with opened(repository.as_uri(), git(repository, "rev-parse", "side")) as template:
        clone = template.root
        assert (clone / "copier.yml").read_text(encoding="utf-8") == "tag: v0.9.0\n"
        assert template.ref == "HEAD"
    assert not clone.exists()


def test_a_repository_without_a_release_gives_its_newest_commit(repository: Path) -> None:
    for name in ("v0.9.0", "v0.10.0"):
        git(repository, "tag", "-d", name)

    assert tag(repository, None) == "nightly"


def test_a_folder_that_is_no_repository_is_rendered_as_it_is(template: Path) -> None:
    with opened(str(template)) as found:
        assert found == module.Template(template, None)
    with (
        pytest.raises(UsageError, match=r"--ref v1: .* is not a git repository"),
        opened(str(template), "v1"),
    ):
        pass


@pytest.mark.parametrize("ref", ["v0.12.0", "--all", "", "HEAD~9", "a b"])
def test_an_unknown_ref_is_refused(repository: Path, ref: str) -> None:
    with pytest.raises(UsageError, match=f"--ref {ref}: the template has no such tag"):
        tag(repository, ref)


def test_the_nearest_tag_is_suggested(repository: Path) -> None:
    with pytest.raises(UsageError, match=r"did you mean v0\.10\.0\?"):
        tag(repository, "v0.10.1")


@pytest.mark.parametrize("source", ["no/such/folder", "--upload-pack=x", "ext::sh -c true"])
def test_a_template_that_cannot_be_had_is_named(source: str) -> None:
    with pytest.raises(CommandError, match=r"can't get the template .*: ") as caught:
        tag(source, None)

    assert source in str(caught.value)


@pytest.mark.parametrize(
    ("short", "url"),
    [
        ("gh:o/r", "https://github.com/o/r.git"),
        ("gh:/o/r.git", "https://github.com/o/r.git"),
        ("gl:g/s/r", "https://gitlab.com/g/s/r.git"),
        ("https://example.com/r", "https://example.com/r"),
    ],
)
def test_copiers_abbreviations_are_known(short: str, url: str) -> None:
    assert module._url(short) == url
