"""Writing people's edits of a run: nothing of anybody's is lost, and nothing but annotations.json is touched."""

from __future__ import annotations

import json
import os
import pwd
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from spt_cli import read_run
from spt_cli.errors import NotFoundError, SptError, UsageError
from spt_cli.model import Run, Stamp
from spt_cli.tree.annotations import Annotations, parse_edits
from spt_cli.tree.editable import version
from spt_cli.tree.edits import ConflictError, edit
from tests.trees import NOW, Tree


@pytest.fixture
def run_dir(tree: Tree) -> str:
    """The folder of a live run that its trainer has named, tagged and written notes for."""
    return str(tree.run("g/r", status="running", heartbeat=NOW, notes="trainer", tags=["a"], display_name="theirs"))


def row(run_dir: str) -> Run:
    return read_run(run_dir, now=NOW)


def shown(run_dir: str) -> tuple[str, str, tuple[str, ...], bool]:
    run = row(run_dir)
    return run.display_name, run.notes, run.tags, run.archived


def stored(run_dir: str) -> Any:
    return json.loads(Path(run_dir, "annotations.json").read_text())


def put(run_dir: str, content: str | bytes) -> Path:
    path = Path(run_dir, "annotations.json")
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def files(run_dir: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(run_dir).iterdir()}


def refusal(run_dir: str, changes: Mapping[str, Any] | None = None, **more: Any) -> SptError:
    with pytest.raises(SptError) as raised:
        edit(run_dir, changes or {"notes": "mine"}, **more)
    return raised.value


def test_an_edit_is_shown_instead_of_what_the_trainer_wrote(run_dir: str) -> None:
    edit(run_dir, {"display_name": "best", "notes": "mine", "tags": ["b"], "archived": True})
    assert shown(run_dir) == ("best", "mine", ("b",), True)


def test_only_annotations_json_is_written(run_dir: str) -> None:
    before = files(run_dir)
    edit(run_dir, {"notes": "mine"})
    assert files(run_dir) == before | {"annotations.json": b'{\n  "schema_version": 1,\n  "notes": "mine"\n}\n'}


def test_the_stamp_of_the_new_file_comes_back(run_dir: str) -> None:
    got = edit(run_dir, {"notes": "mine"})
    found = Path(run_dir, "annotations.json").stat()
    assert got == Stamp(found.st_mtime_ns, found.st_size, found.st_ino)


def test_fields_that_are_not_edited_stay_the_trainers(run_dir: str) -> None:
    edit(run_dir, {"archived": True})
    assert shown(run_dir) == ("theirs", "trainer", ("a",), True)


def test_null_is_stored_and_empties_the_field(run_dir: str) -> None:
    edit(run_dir, {"display_name": None, "notes": None})
    assert stored(run_dir) == {"schema_version": 1, "display_name": None, "notes": None}
    assert shown(run_dir) == ("r", "", ("a",), False)


def test_a_later_edit_keeps_the_fields_of_the_earlier_one(run_dir: str) -> None:
    edit(run_dir, {"display_name": "best", "notes": "first"})
    edit(run_dir, {"notes": "second", "tags": []})
    assert shown(run_dir) == ("best", "second", (), False)


def test_the_trainers_next_write_does_not_undo_an_edit(run_dir: str, tree: Tree) -> None:
    edit(run_dir, {"notes": "mine"})
    tree.run("g/r", status="completed", notes="trainer again")
    assert (row(run_dir).notes, row(run_dir).status) == ("mine", "completed")


def test_what_is_there_already_is_not_written_again(run_dir: str) -> None:
    first = edit(run_dir, {"notes": "mine", "tags": ["x"]})
    assert edit(run_dir, {"tags": ["x", "x"]}) == first
    assert edit(run_dir, {}) == first


def test_no_change_makes_no_file(run_dir: str) -> None:
    assert edit(run_dir, {}) == Stamp()
    assert "annotations.json" not in files(run_dir)


def test_keys_of_a_later_version_stay_as_they_stand(run_dir: str) -> None:
    put(run_dir, '{"schema_version": 7, "stars": 1e400, "by": {"id": 123456789012345678901234567890}, "notes": "x"}')
    edit(run_dir, {"notes": "mine"})
    assert files(run_dir)["annotations.json"] == (
        b'{\n  "schema_version": 7,\n  "stars": 1e400,\n  "by": {\n    "id": 123456789012345678901234567890\n  },\n'
        b'  "notes": "mine"\n}\n'
    )


def test_an_empty_file_as_a_crash_can_leave_it_is_begun_anew(run_dir: str) -> None:
    put(run_dir, "")
    edit(run_dir, {"notes": "mine"})
    assert stored(run_dir) == {"schema_version": 1, "notes": "mine"}


def test_a_field_that_no_reader_understands_is_repaired_by_an_edit_of_it(run_dir: str) -> None:
    put(run_dir, '{"notes": 3, "tags": ["b"]}')
    edit(run_dir, {"notes": "mine"})
    assert shown(run_dir) == ("theirs", "mine", ("b",), False)


@pytest.mark.parametrize(
    "content", ["[]", "{", '{"notes": 3}', b'{"notes": "\xff"}', '{"x": NaN}', "{}{}", "[" * 100_000]
)
def test_what_cannot_be_understood_is_left_alone(run_dir: str, content: str | bytes) -> None:
    path = put(run_dir, content)
    before = path.read_bytes()
    error = refusal(run_dir, {"display_name": "mine"})
    assert str(error).startswith(f"{path} cannot be understood, so it is left alone: ")
    assert error.hint == "correct it, or move it away to begin anew"
    assert files(run_dir)["annotations.json"] == before


def test_changes_that_cannot_be_stored_touch_nothing(run_dir: str) -> None:
    with pytest.raises(UsageError, match="no field colour"):
        edit(run_dir, {"colour": "red", "notes": "mine"})
    assert "annotations.json" not in files(run_dir)


# Two editors


def test_different_fields_edited_at_once_all_survive(run_dir: str) -> None:
    """Each thread edits a field of its own, twenty times."""

    def edits(field: str, values: list[Any]) -> None:
        for value in values:
            edit(run_dir, {field: value})

    with ThreadPoolExecutor(4) as editors:
        jobs = [
            editors.submit(edits, "display_name", [f"name {number}" for number in range(20)]),
            editors.submit(edits, "notes", [f"notes {number}" for number in range(20)]),
            editors.submit(edits, "tags", [[str(number)] for number in range(20)]),
            editors.submit(edits, "archived", [number % 2 == 0 for number in range(21)]),
        ]
    assert [job.result() for job in jobs] == [None] * 4
    assert shown(run_dir) == ("name 19", "notes 19", ("19",), True)


def test_the_same_field_edited_at_once_is_never_lost_unsaid(run_dir: str) -> None:
    """Four threads add tags to what they saw, and look again when they are told that somebody was quicker."""

    def add(editor: int) -> None:
        for number in range(5):
            while True:
                seen = row(run_dir)
                try:
                    edit(run_dir, {"tags": [*seen.tags, f"{editor}-{number}"]}, expected=version(seen))
                except ConflictError:
                    continue
                break

    with ThreadPoolExecutor(4) as editors:
        list(editors.map(add, range(4)))
    assert set(row(run_dir).tags) == {"a"} | {f"{editor}-{number}" for editor in range(4) for number in range(5)}


def test_an_edit_of_what_somebody_changed_meanwhile_names_who_and_what(run_dir: str) -> None:
    seen = version(row(run_dir))
    edit(run_dir, {"notes": "theirs", "tags": ["t"]})
    os.utime(Path(run_dir, "annotations.json"), (NOW, NOW))
    error = refusal(run_dir, {"notes": "mine", "tags": ["m"], "archived": True}, expected=seen)
    assert isinstance(error, ConflictError)
    me = pwd.getpwuid(os.geteuid()).pw_name
    assert str(error).startswith(
        f"notes and tags of {run_dir} changed meanwhile: {me} wrote annotations.json at 2027-01-1"
    )
    assert error.current == {"notes": "theirs", "tags": ("t",)}
    assert shown(run_dir) == ("theirs", "theirs", ("t",), False)


def test_an_edit_of_what_the_trainer_changed_meanwhile_is_a_conflict_too(run_dir: str, tree: Tree) -> None:
    seen = version(row(run_dir))
    edit(run_dir, {"notes": "mine"})
    tree.run("g/r", tags=["a", "from the trainer"], notes="trainer", display_name="theirs")
    error = refusal(run_dir, {"tags": ["a", "b"]}, expected=seen)
    assert str(error) == f"tags of {run_dir} changed meanwhile: the trainer's sidecar.json says something else now"


def test_an_edit_of_another_field_than_the_changed_one_goes_through(run_dir: str) -> None:
    seen = version(row(run_dir))
    edit(run_dir, {"display_name": "their name"})
    edit(run_dir, {"notes": "mine"}, expected=seen)
    assert shown(run_dir) == ("their name", "mine", ("a",), False)


def test_an_edit_of_what_was_seen_goes_through(run_dir: str) -> None:
    edit(run_dir, {"notes": "first"})
    edit(run_dir, {"notes": "second"}, expected=version(row(run_dir)))
    assert row(run_dir).notes == "second"


# What stands in the way


def test_no_folder_is_ever_made(tree: Tree) -> None:
    missing = tree.root / "g" / "missing"
    error = refusal(str(missing))
    assert (type(error), str(error)) == (NotFoundError, f"no run in {missing}")
    assert not missing.parent.exists()


def test_a_folder_without_a_run_is_none(tree: Tree) -> None:
    tree.write("notes/readme.md", "")
    assert isinstance(refusal(str(tree.root / "notes")), NotFoundError)
    assert [path.name for path in (tree.root / "notes").iterdir()] == ["readme.md"]


@pytest.mark.parametrize("replaced", ["g", "g/r"])
def test_a_link_in_the_place_of_a_folder_is_not_followed(tree: Tree, run_dir: str, replaced: str) -> None:
    elsewhere = tree.root.parent / "elsewhere"
    (tree.root / replaced).rename(elsewhere)
    (tree.root / replaced).symlink_to(elsewhere)
    assert isinstance(refusal(run_dir), NotFoundError)
    assert list(elsewhere.rglob("annotations.json")) == []


def test_annotations_that_are_a_link_are_neither_read_nor_replaced(tree: Tree, run_dir: str) -> None:
    """What it leads to may be what only the editor can read."""
    secret = tree.root.parent / "secret.json"
    secret.write_text('{"token": "hunter2"}')
    Path(run_dir, "annotations.json").symlink_to(secret)
    error = refusal(run_dir)
    assert str(error) == f"{run_dir}/annotations.json cannot be written: Too many levels of symbolic links"
    assert error.hint == "it is a link, which is not followed: remove it"
    assert (secret.read_text(), Path(run_dir, "annotations.json").is_symlink()) == ('{"token": "hunter2"}', True)


def test_annotations_that_are_a_folder_are_named(run_dir: str) -> None:
    Path(run_dir, "annotations.json").mkdir()
    error = refusal(run_dir)
    assert str(error) == f"{run_dir}/annotations.json cannot be written: Is a directory"
    assert error.hint == "spt did not make it: move it away"


def test_annotations_of_50_mb_are_refused(run_dir: str) -> None:
    with open(put(run_dir, ""), "r+b") as file:
        file.truncate(50 << 20)
    assert str(refusal(run_dir)) == (
        f"{run_dir}/annotations.json cannot be written: it is 50 MB, over the 16 MB of any real one"
    )


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")


@pytest.fixture
def shared() -> Iterator[str]:
    """A run in a tree that every user may enter; pytest's own folders are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        tree = Tree(Path(folder).resolve() / "runs")
        yield str(tree.run("r", notes="trainer"))


@contextmanager
def another_user() -> Iterator[None]:
    """This process is somebody who owns nothing; root would write everything."""
    os.seteuid(54_321)
    try:
        yield
    finally:
        os.seteuid(0)


@needs_root
def test_a_folder_that_cannot_be_written_says_whose_it_is_and_what_to_ask_for(shared: str) -> None:
    with another_user():
        error = refusal(shared)
    assert str(error) == f"{shared}/annotations.json cannot be written: Permission denied"
    assert error.hint == "the folder is root's: ask for write access to it (chmod g+w), or edit as root"
    assert list(files(shared)) == ["sidecar.json"]


@needs_root
def test_edits_that_are_closed_to_the_editor_are_not_replaced(shared: str) -> None:
    put(shared, '{"notes": "private"}').chmod(0o600)
    os.chown(put(shared, '{"notes": "private"}'), 54_322, 54_322)
    Path(shared).chmod(0o777)
    with another_user():
        error = refusal(shared)
    assert error.hint == "it is user 54322's, and closed to you: ask for `chmod a+r`"
    assert stored(shared) == {"notes": "private"}


@needs_root
def test_in_a_folder_that_a_group_may_write_anybody_of_it_edits_and_all_read(shared: str) -> None:
    """The second editor may not write the first one's file, but may put another in its place."""
    Path(shared).chmod(0o777)
    edit(shared, {"notes": "root's"})
    Path(shared, "annotations.json").chmod(0o644)
    with another_user():
        edit(shared, {"tags": ["theirs"]})
        assert parse_edits(Path(shared, "annotations.json").read_bytes()) == Annotations(
            notes="root's", tags=("theirs",)
        )
    found = Path(shared, "annotations.json").stat()
    assert (found.st_uid, found.st_mode & 0o777) == (54_321, 0o644)
    edit(shared, {"archived": True})
    assert Path(shared, "annotations.json").stat().st_uid == 54_321


@needs_root
def test_a_trainer_that_others_cannot_read_is_no_hindrance_to_an_edit_without_expectation(shared: str) -> None:
    Path(shared, "sidecar.json").chmod(0o600)
    Path(shared).chmod(0o777)
    with another_user():
        edit(shared, {"notes": "mine"})
        assert "permission denied" in str(refusal(shared, expected="x"))
    assert row(shared).notes == "mine"
