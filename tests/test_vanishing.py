"""Files and folders that vanish or change their kind while a scan is at work."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from spt_cli import scan
from spt_cli.errors import SptError
from spt_cli.model import Problem
from tests.trees import NOW, Tree


@contextmanager
def before_opening(name: str | Path, action: Callable[[], object]) -> Iterator[None]:
    """Calls *action* once, just before the folder or file *name* is opened: another client of the disk is quicker."""
    real, left = os.open, [action]

    def opened(path: Any, *args: Any, **options: Any) -> int:
        if str(path) == str(name) and left:
            left.pop()()
        return real(path, *args, **options)

    os.open = opened
    try:
        yield
    finally:
        os.open = real


def test_a_folder_that_vanishes_before_it_is_listed_is_no_problem(tree: Tree) -> None:
    folder = tree.run("r")
    tree.run("other")
    with before_opening(folder, lambda: shutil.rmtree(folder)):
        found = scan(tree.root, now=NOW)
    assert (set(found.runs), found.problems) == ({"other"}, ())


def test_a_folder_that_comes_back_is_found_although_its_parent_did_not_change(tree: Tree) -> None:
    folder = tree.run("g/r")
    tree.settle()
    with before_opening(folder, lambda: folder.rename(tree.root / "moved")):
        first = scan(tree.root, now=NOW)
    (tree.root / "moved").rename(folder)
    tree.settle()
    assert set(scan(tree.root, first, now=NOW + 1).runs) == {"g/r"}


def test_a_sidecar_that_vanishes_before_it_is_read_is_no_run_and_no_problem(tree: Tree) -> None:
    sidecar = tree.run("r") / "sidecar.json"
    with before_opening("sidecar.json", sidecar.unlink):
        found = scan(tree.root, now=NOW)
    assert (found.runs, found.problems) == ({}, ())


def test_a_folder_that_becomes_a_link_before_it_is_listed_is_not_followed(tree: Tree, tmp_path: Path) -> None:
    folder = tree.run("r")
    elsewhere = Tree(tmp_path / "elsewhere").run("secret")

    def swap() -> None:
        shutil.rmtree(folder)
        folder.symlink_to(elsewhere)

    with before_opening(folder, swap):
        assert scan(tree.root, now=NOW).runs == {}


def test_a_root_that_vanishes_during_its_first_scan_is_not_there(tree: Tree) -> None:
    """Not an empty tree: who shows partial snapshots would take its runs away."""
    folder = tree.run("r")
    with before_opening(folder, lambda: shutil.rmtree(tree.root)), pytest.raises(SptError, match="no such folder"):
        scan(tree.root, now=NOW)


def test_a_root_that_vanishes_during_a_later_scan_keeps_its_runs(tree: Tree) -> None:
    folder = tree.run("r")
    before = scan(tree.root, now=NOW)
    os.utime(folder, (NOW, NOW))
    with before_opening(folder, lambda: shutil.rmtree(tree.root)):
        kept = scan(tree.root, before, now=NOW + 60, sweep=0)
    assert (kept.runs, kept.problems) == (before.runs, (Problem(str(tree.root), "the root is not there any more"),))
