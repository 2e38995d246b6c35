"""`spt edit`: what it changes, what it says, and what it ends with."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from spt_cli import read_run
from tests.shell import Done, spt, terminal
from tests.trees import Tree


@pytest.fixture
def root(tree: Tree) -> Path:
    """Three runs, one of them archived."""
    tree.run("g/r1", tags=["a", "b"], notes="trainer")
    tree.run("g/r2", status="failed")
    tree.run("g/old", archived=True)
    return tree.root


def shown(folder: Path) -> tuple[str, str, tuple[str, ...], bool]:
    run = read_run(folder)
    return run.display_name, run.notes, run.tags, run.archived


def edit(root: Path, *words: str, stdin: bytes = b"") -> Done:
    return spt("edit", "--root", root, *words, stdin=stdin)


def edits(done: Done) -> Any:
    """(field, before, after) by run of what -o json says."""
    assert (done.code, done.err) == (0, "")
    return [
        (change["run_id"], change["field"], change["before"], change["after"])
        for change in json.loads(done.out)["edits"]
    ]


def test_each_changed_field_is_said_with_what_it_was(root: Path) -> None:
    done = edit(root, "r1", "--name", "best one", "--notes", "look\nhere", "--tag", "c", "--untag", "a", "--archive")
    assert done == Done(
        0,
        "run   field     was      is\n"
        "g/r1  name      r1       best one\n"
        "g/r1  notes     trainer  look here\n"
        "g/r1  tags      a, b     b, c\n"
        "g/r1  archived  no       yes\n",
        "",
    )
    assert shown(root / "g/r1") == ("best one", "look\nhere", ("b", "c"), True)


def test_the_trainers_files_are_not_touched(root: Path) -> None:
    before = (root / "g/r1/sidecar.json").read_bytes()
    edit(root, "r1", "--name", "x")
    assert (root / "g/r1/sidecar.json").read_bytes() == before
    assert sorted(os.listdir(root / "g/r1")) == ["annotations.json", "sidecar.json"]


def test_an_empty_name_is_the_folders_again_and_empty_notes_are_none(root: Path) -> None:
    edit(root, "r1", "--name", "best")
    assert edits(edit(root, "r1", "--name", "", "--notes", "", "--json")) == [
        ("g/r1", "display_name", "best", "r1"),
        ("g/r1", "notes", "trainer", ""),
    ]


def test_archived_runs_are_found_by_name_and_restored(root: Path) -> None:
    assert edits(edit(root, "old", "--restore", "--json")) == [("g/old", "archived", True, False)]


def test_runs_are_chosen_with_where_and_archived_ones_only_when_it_says_so(root: Path) -> None:
    done = edit(root, "-w", "status != 'x'", "--tag", "t", "-o", "name")
    assert done == Done(0, f"{root}/g/r1\n{root}/g/r2\n", "")
    assert edits(edit(root, "-w", "archived", "--restore", "--json")) == [("g/old", "archived", True, False)]


def test_ids_come_from_stdin(root: Path) -> None:
    listed = spt("ls", root, "-o", "name", "-0", "--state", "failed").out.encode()
    assert edits(spt("edit", "-", "-0", "--notes", "why?", "--json", stdin=listed)) == [("r2", "notes", "", "why?")]


def test_an_empty_stdin_asks_for_no_run(root: Path) -> None:
    assert edit(root, "-", "--archive") == Done(0, "run  field  was  is\n", "spt: no run was chosen\n")


def test_a_folder_needs_no_root(root: Path) -> None:
    assert edits(spt("edit", root / "g/r2", "--name", "x", "--json")) == [("r2", "display_name", "r2", "x")]


def test_what_is_so_already_is_said_and_not_written(root: Path) -> None:
    edit(root, "r1", "--tag", "c")
    before = (root / "g/r1/annotations.json").stat()
    again = edit(root, "r1", "--tag", "c", "--restore", "--untag", "z")
    assert again == Done(0, "run  field  was  is\n", "spt: nothing to change: it is so already\n")
    assert edit(root, "r1", "--tag", "c").code == 0
    assert (root / "g/r1/annotations.json").stat().st_ino != before.st_ino, "--restore is an edit of its own"


def test_control_characters_of_what_was_there_reach_no_terminal(tree: Tree) -> None:
    tree.run("r", notes="\x1b[2J gone")
    code, out = terminal("edit", str(tree.root / "r"), "--notes", "x")
    assert (code, b"\x1b[2J" in out, rb"\x1b[2J gone" in out) == (0, False, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("r1", "nothing to change"),
        ("r1 --archive --restore", "--archive and --restore ask for two different things"),
        ("r1 --tag a --untag a", "--tag and --untag both name a"),
        ("r1 --name a\x07", "control character \\x07 in display_name"),
        ("r1 --tag " + "t" * 201, "a tag takes up to 200 characters, not 201"),
        ("--archive", "which run?"),
        ("r --archive", "r could be 2 runs"),
        ("r1 --colour red", "no such option --colour"),
    ],
)
def test_wrong_usage_ends_with_2_and_changes_nothing(root: Path, words: str, said: str) -> None:
    done = edit(root, *words.split())
    assert (done.code, done.out, done.err.splitlines()[0]) == (2, "", f"spt: {said}")
    assert list(root.rglob("annotations.json")) == []


def test_no_such_run_ends_with_4(root: Path) -> None:
    assert edit(root, "nothing", "--archive").code == 4


def test_a_run_that_cannot_be_edited_is_an_error_that_says_what_to_do(root: Path) -> None:
    (root / "g/r1/annotations.json").symlink_to("/etc/hostname")
    assert edit(root, "r1", "--archive") == Done(
        1,
        "",
        f"spt: {root}/g/r1/annotations.json cannot be written: Too many levels of symbolic links\n"
        "     it is a link, which is not followed: remove it\n",
    )


def test_of_several_runs_the_others_are_edited(root: Path) -> None:
    (root / "g/r1/annotations.json").mkdir()
    done = edit(root, "r1", "r2", "--archive", "-o", "csv")
    assert done.code == 1
    assert done.out == f"run_id,run_dir,field,before,after\ng/r2,{root}/g/r2,archived,false,true\n"
    assert done.err.splitlines()[1] == f"spt: {root}/g/r1/annotations.json cannot be written: Is a directory"


def test_quiet_says_nothing(root: Path) -> None:
    assert edit(root, "old", "--archive", "-q").err == ""
