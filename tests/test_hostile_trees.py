"""Trees as they are on shared disks: one bad file costs one run, and says so."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spt_cli import scan
from spt_cli.model import Problem
from tests.trees import NOW, Tree

GOOD = b'{"status": "completed"}'


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's path is at most 107 bytes
    try:
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(path.name)
    finally:
        os.chdir(here)


def _sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 50 << 20)


BAD: dict[str, tuple[Callable[[Path], Any], str]] = {
    "empty": (lambda path: path.touch(), "it is empty"),
    "torn": (lambda path: path.write_bytes(GOOD[:-5]), "it ends in the middle (half-written?)"),
    "zeros": (lambda path: path.write_bytes(b"\0" * 4096), "it is empty"),
    "list": (lambda path: path.write_bytes(b"[]"), "it holds a list instead of an object"),
    "50 MB": (
        lambda path: path.write_bytes(b'{"notes": "' + b"x" * (50 << 20) + b'"}'),
        "it is 50 MB, over the 16 MB of any real one",
    ),
    "50 MB sparse": (_sparse, "it is 50 MB, over the 16 MB of any real one"),
    "folder": (lambda path: path.mkdir(), "it is a folder"),
    "dangling": (lambda path: path.symlink_to("nowhere"), "it is a link to a file that is not there"),
    "loop": (lambda path: path.symlink_to("sidecar.json"), "Too many levels of symbolic links"),
    "link to a folder": (lambda path: path.symlink_to("/tmp"), "it is a folder"),  # any folder does
    "device": (lambda path: path.symlink_to("/dev/zero"), "it is not a regular file"),
    "fifo": (_fifo, "it is not a regular file"),
    "socket": (_socket, "No such device or address"),
    "deep": (lambda path: path.write_bytes(b'{"x":' * 100_000), "it is nested too deeply"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_sidecar_that_cannot_be_read_is_a_problem_and_the_others_are_rows(tree: Tree, kind: str) -> None:
    tree.run("good")
    (tree.root / "bad").mkdir()
    make, message = BAD[kind]
    make(tree.root / "bad/sidecar.json")
    found = scan(tree.root, now=NOW)
    assert (set(found.runs), found.other) == ({"good"}, ())
    assert found.problems == (Problem(f"{tree.root}/bad/sidecar.json", message, "bad"),)


@pytest.mark.parametrize("kind", BAD)
def test_a_run_keeps_its_last_good_row_while_its_sidecar_cannot_be_read(tree: Tree, kind: str) -> None:
    sidecar = tree.run("r", notes="good") / "sidecar.json"
    before = scan(tree.root, now=NOW)
    sidecar.unlink()
    make, message = BAD[kind]
    make(sidecar)
    problem = Problem(str(sidecar), message, "r")
    kept = scan(tree.root, before, now=NOW + 10, sweep=0)
    assert (kept.problems, kept.runs["r"].notes, kept.runs["r"].problems) == ((problem,), "good", (problem,))
    still = scan(tree.root, kept, now=NOW + 20, sweep=0)
    assert (still.runs, still.problems) == (kept.runs, kept.problems)
    sidecar.rmdir() if kind == "folder" else sidecar.unlink()
    tree.run("r", notes="better", at=NOW + 25)
    healed = scan(tree.root, still, now=NOW + 30, sweep=0)
    assert (healed.problems, healed.runs["r"].notes, healed.runs["r"].problems) == ((), "better", ())


def test_latin_1_is_a_row_with_replaced_characters_and_a_problem(tree: Tree) -> None:
    tree.write("r/sidecar.json", '{"status": "completed", "notes": "größe"}'.encode("latin-1"))
    found = scan(tree.root, now=NOW)
    problem = Problem(
        f"{tree.root}/r/sidecar.json", "it is not UTF-8; characters that cannot be read are replaced", "r"
    )
    assert (found.runs["r"].notes, found.runs["r"].problems) == ("gr\ufffd\ufffde", (problem,))
    assert found.problems == (problem,)


def test_the_problem_of_a_row_stays_as_long_as_its_sidecar(tree: Tree) -> None:
    tree.write("r/sidecar.json", b'{"status": "completed", "notes": 3}')
    first = scan(tree.root, now=NOW)
    later = scan(tree.root, first, now=NOW + 60, sweep=0)
    assert len(first.problems) == 1
    assert (later.runs, later.problems) == (first.runs, first.problems)


def test_null_tags_and_notes_and_nested_hparams_are_no_problem(tree: Tree) -> None:
    tree.run("r", tags=None, notes=None, hparams={"a": {"b": 1}}, summary=None)
    found = scan(tree.root, now=NOW)
    run = found.runs["r"]
    assert (run.tags, run.notes, run.hparams.decode(), run.summary.decode()) == ((), "", {"a.b": 1}, {})
    assert found.problems == ()


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"tags": [1]}', b'{"notes": "\xff"}'])
def test_edits_that_cannot_be_read_leave_the_trainers_row_and_a_problem(tree: Tree, data: bytes) -> None:
    tree.run("r", notes="trainer's")
    path = tree.write("r/annotations.json", data)
    found = scan(tree.root, now=NOW)
    assert found.runs["r"].notes == "trainer's"
    assert [(problem.path, problem.run_id) for problem in found.problems] == [(str(path), "r")]


def test_edits_stay_while_their_file_cannot_be_read(tree: Tree) -> None:
    tree.run("r", notes="trainer's")
    path = tree.write("r/annotations.json", '{"notes": "mine"}')
    before = scan(tree.root, now=NOW)
    path.unlink()
    path.symlink_to("nowhere")
    kept = scan(tree.root, before, now=NOW + 10, sweep=0)
    assert (kept.runs["r"].notes, len(kept.problems)) == ("mine", 1)


def test_the_problem_of_edits_goes_with_their_file(tree: Tree) -> None:
    tree.run("r")
    path = tree.root / "r/annotations.json"
    path.symlink_to("nowhere")
    before = scan(tree.root, now=NOW)
    path.unlink()
    after = scan(tree.root, before, now=NOW + 10, sweep=0)
    assert (len(before.problems), after.problems, after.runs["r"].problems) == (1, (), ())


@pytest.mark.parametrize("name", ["metrics.csv", "media.jsonl", "heartbeat", "annotations.json"])
def test_a_folder_a_pipe_or_a_dangling_link_in_place_of_another_file_costs_no_row(tree: Tree, name: str) -> None:
    for kind in ("folder", "fifo", "dangling"):
        tree.run(kind)
        BAD[kind][0](tree.root / kind / name)
    assert set(scan(tree.root, now=NOW).runs) == {"folder", "fifo", "dangling"}


def test_a_tree_deeper_than_the_stack_is_walked_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Path("/dev/shm")  # a thousand nested folders take seconds on some disks
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as root:
        monkeypatch.chdir(root)
        for _ in range(1_100):
            Path("d").mkdir()
            os.chdir("d")
        Path("sidecar.json").write_bytes(GOOD)
        first = scan(root, now=NOW)
        Path("sidecar.json").unlink()
        for _ in range(1_100):
            os.chdir("..")
            Path("d").rmdir()
        assert list(first.runs) == ["/".join(["d"] * 1_100)]
        assert scan(root, first, now=NOW + 60).runs == {}
