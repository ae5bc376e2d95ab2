"""What an update does to one path, for every way in which the three sides can differ."""

from __future__ import annotations

import hashlib

import pytest

from poc2prod.updating.merge import REGULAR, Blob, Change, Kind, Merge, Tree

BASE = "a\nb\nc\nd\ne\nf\ng\n"
THEIRS = BASE.replace("b\n", "b theirs\n")
OURS = BASE.replace("f\n", "f ours\n")
CLASH = BASE.replace("b\n", "b ours\n")
LINK = "120000"

Files = dict[str, str]


def tree(files: Files, modes: dict[str, str] | None = None) -> Tree:
    blobs = {
        path: Blob((modes or {}).get(path, REGULAR[0]), hashlib.sha1(text.encode()).hexdigest())
        for path, text in files.items()
    }
    return Tree(blobs, lambda path: files[path].encode())


def plan(
    base: Files,
    theirs: Files,
    ours: Files,
    *,
    yours: tuple[str, ...] = (),
    moves: dict[str, str] | None = None,
    occupied: tuple[str, ...] = (),
    modes: dict[str, str] | None = None,
    replaced: str = "answers",
) -> list[Change]:
    return Merge(
        base=tree(base),
        theirs=tree(theirs),
        ours=tree(ours, modes),
        yours=lambda path: path in yours,
        replaced=frozenset({replaced}),
        moves=moves or {},
        occupied=lambda path, _going: path in occupied,
    ).plan()


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "kind", "data"),
    [
        (None, THEIRS, None, Kind.ADDED, THEIRS),
        (BASE, THEIRS, BASE, Kind.CHANGED, THEIRS),
        (BASE, THEIRS, OURS, Kind.MERGED, THEIRS.replace("f\n", "f ours\n")),
        (BASE, None, BASE, Kind.DELETED, None),
        (BASE, None, OURS, Kind.RESCUED, None),
        (BASE, THEIRS, None, Kind.LEFT, None),
    ],
)
def test_what_becomes_of_a_managed_file(
    base: str | None, theirs: str | None, ours: str | None, kind: Kind, data: str | None
) -> None:
    sides = [{"x": text} if text is not None else {} for text in (base, theirs, ours)]

    (change,) = plan(*sides)

    assert (change.path, change.kind) == ("x", kind)
    assert change.data == (data.encode() if data is not None else None)


@pytest.mark.parametrize(
    ("base", "theirs", "ours"),
    [
        (BASE, BASE, BASE),
        (BASE, BASE, OURS),
        (BASE, BASE, None),
        (BASE, None, None),
        (BASE, THEIRS, THEIRS),
        (None, THEIRS, THEIRS),
        (None, None, OURS),
    ],
)
def test_what_the_template_left_alone_or_the_owners_have_stays(
    base: str | None, theirs: str | None, ours: str | None
) -> None:
    sides = [{"x": text} if text is not None else {} for text in (base, theirs, ours)]

    assert plan(*sides) == []


@pytest.mark.parametrize("base", [BASE, None])
def test_a_conflict_is_marked_and_says_where(base: str | None) -> None:
    (change,) = plan({"x": base} if base else {}, {"x": THEIRS}, {"x": CLASH})

    assert change.kind is Kind.CONFLICTED
    assert change.data is not None
    lines = change.data.decode().splitlines()
    assert [lines[number - 1] for number in change.lines] == ["<<<<<<< before updating"]
    assert {"b ours", "b theirs", "======="} <= set(lines)
    assert change.sides == (
        (REGULAR[0], base.encode()) if base else None,
        (REGULAR[0], CLASH.encode()),
        (REGULAR[0], THEIRS.encode()),
    )


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "kind"),
    [
        (BASE, THEIRS, OURS, Kind.LEFT),
        (BASE, THEIRS, BASE, Kind.LEFT),
        (BASE, None, OURS, Kind.LEFT),
        (None, THEIRS, None, Kind.ADDED),
        (BASE, THEIRS, None, None),
        (BASE, BASE, OURS, None),
        (None, THEIRS, OURS, None),
    ],
)
def test_what_is_yours_is_never_touched(
    base: str | None, theirs: str | None, ours: str | None, kind: Kind | None
) -> None:
    sides = [{"x": text} if text is not None else {} for text in (base, theirs, ours)]

    changes = plan(*sides, yours=("x",))

    assert [change.kind for change in changes] == ([kind] if kind else [])
    assert all(change.data is None or kind is Kind.ADDED for change in changes)


@pytest.mark.parametrize(
    ("theirs", "ours", "kind", "data"),
    [
        (BASE, BASE, Kind.CHANGED, BASE),
        (BASE, OURS, Kind.CHANGED, OURS),
        (THEIRS, BASE, Kind.CHANGED, THEIRS),
        (THEIRS, OURS, Kind.MERGED, THEIRS.replace("f\n", "f ours\n")),
        (THEIRS, CLASH, Kind.CONFLICTED, None),
    ],
)
def test_edits_go_along_when_the_template_renames_a_file(
    theirs: str, ours: str, kind: Kind, data: str | None
) -> None:
    (change,) = plan({"old": BASE}, {"new": theirs}, {"old": ours}, moves={"old": "new"})

    assert (change.path, change.before, change.kind) == ("new", "old", kind)
    assert change.removes == "old"
    assert data is None or change.data == data.encode()


def test_a_renamed_file_that_the_owners_deleted_stays_deleted() -> None:
    (change,) = plan({"old": BASE}, {"new": THEIRS}, {}, moves={"old": "new"})

    assert (change.path, change.kind, change.data) == ("new", Kind.LEFT, None)


def test_where_the_owners_took_the_new_name_no_edit_is_lost() -> None:
    removed, added = sorted(
        plan(
            {"old": BASE},
            {"new": THEIRS},
            {"old": OURS, "new": "mine\n"},
            moves={"old": "new"},
        ),
        key=lambda change: change.path,
        reverse=True,
    )

    assert removed.kind is Kind.RESCUED
    assert b"+f ours" in (removed.patch or b"")
    assert added.kind is Kind.CONFLICTED
    assert b"mine" in (added.data or b"")


def test_a_rename_that_the_new_answers_leave_out_is_a_removal() -> None:
    (change,) = plan({"old": BASE}, {}, {"old": OURS}, moves={"old": "new"})

    assert (change.path, change.kind) == ("old", Kind.RESCUED)


def test_what_is_yours_moves_with_the_package() -> None:
    changes = plan(
        {"src/a/model.py": BASE},
        {"src/b/model.py": THEIRS},
        {"src/a/model.py": OURS, "src/a/mine.py": "mine\n"},
        yours=("src/b/model.py",),
        moves={"src/a/model.py": "src/b/model.py", "src/a/mine.py": "src/b/mine.py"},
    )

    assert {(change.before, change.path, change.data) for change in changes} == {
        ("src/a/model.py", "src/b/model.py", OURS.encode()),
        ("src/a/mine.py", "src/b/mine.py", b"mine\n"),
    }


def test_a_file_in_the_way_stays_and_the_templates_is_put_aside() -> None:
    (change,) = plan({}, {"x": THEIRS}, {}, occupied=("x",))

    assert (change.kind, change.data, change.aside) == (Kind.CONFLICTED, None, THEIRS.encode())


def test_a_rename_with_something_in_the_way_moves_nothing() -> None:
    changes = plan(
        {"old": BASE}, {"new": THEIRS}, {"old": OURS}, moves={"old": "new"}, occupied=("new",)
    )

    assert {change.path: change.kind for change in changes} == {
        "new": Kind.CONFLICTED,
        "old": Kind.LEFT,
    }
    assert not any(change.removes or change.data for change in changes)


@pytest.mark.parametrize("theirs", [THEIRS, None])
def test_a_link_in_place_of_a_file_stays(theirs: str | None) -> None:
    (change,) = plan(
        {"x": BASE}, {"x": theirs} if theirs else {}, {"x": "elsewhere"}, modes={"x": LINK}
    )

    assert change.data is None
    assert change.removes is None
    assert change.kind is (Kind.CONFLICTED if theirs else Kind.LEFT)


def test_what_is_not_text_stays_and_the_templates_is_put_aside() -> None:
    (change,) = plan({"x": "\0base"}, {"x": "\0theirs"}, {"x": "\0ours"})

    assert (change.kind, change.data, change.aside) == (Kind.CONFLICTED, None, b"\0theirs")


def test_a_mode_that_the_owners_set_survives_a_merge() -> None:
    (change,) = plan({"x": BASE}, {"x": THEIRS}, {"x": OURS}, modes={"x": REGULAR[1]})

    assert (change.kind, change.mode) == (Kind.MERGED, REGULAR[1])


def test_recorded_answers_are_replaced_and_edits_to_them_rescued() -> None:
    (change,) = plan({"answers": BASE}, {"answers": THEIRS}, {"answers": CLASH})

    assert (change.kind, change.data) == (Kind.CHANGED, THEIRS.encode())
    assert b"+b ours" in (change.patch or b"")
