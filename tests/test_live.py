"""Several roots, live: one Forest of the newest snapshots, and what changed since somebody looked."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from spt_cli.model import Change
from spt_cli.tree.live import Live, changes
from spt_cli.tree.roots import Forest, resolve
from tests.trees import NOW, Tree

LONG = 60.0  # seconds that no test waits


def complete(live: Live, seen: Forest | None = None) -> Forest:
    """The next Forest in which every root was scanned."""
    while True:
        forest = live.newer(seen, LONG)
        assert forest is not None
        if forest.progress.initial_done:
            return forest
        seen = forest


def told(found: tuple[Change, ...]) -> list[tuple[str, str]]:
    return [(change.kind, change.run_id) for change in found]


def test_the_runs_of_two_roots_are_in_one_forest(tree: Tree) -> None:
    tree.run("a/r1")
    tree.run("b/r1")
    roots, _ = resolve([str(tree.root / "a"), str(tree.root / "b")])
    with Live(roots, interval=LONG) as live:
        forest = complete(live)
    assert sorted(forest.runs) == ["a/r1", "b/r1"]
    assert told(changes(None, forest)) == [("added", "a/r1"), ("added", "b/r1")]


def test_waking_it_shows_what_changed_since_and_keeps_all_else_the_same_object(tree: Tree) -> None:
    tree.run("a/kept")
    tree.run("b/grown")
    gone = tree.run("a/gone")
    roots, _ = resolve([str(tree.root / "a"), str(tree.root / "b")])
    with Live(roots, interval=LONG, sweep=0) as live:
        before = complete(live)
        shutil.rmtree(gone)
        tree.run("b/grown", at=NOW, notes="better")
        tree.run("b/new")
        live.wake()
        after = before
        while len(changes(before, after)) < 3:
            newer = live.newer(after, LONG)
            assert newer is not None
            after = newer
    assert told(changes(before, after)) == [("removed", "a/gone"), ("changed", "b/grown"), ("added", "b/new")]
    assert after.runs["a/kept"] is before.runs["a/kept"]


def test_a_folder_of_one_root_is_looked_at_before_its_turn(tree: Tree) -> None:
    for run_id in ("a/r", "b/r"):
        tree.run(run_id)
    tree.settle()
    roots, _ = resolve([str(tree.root / "a"), str(tree.root / "b")])
    with Live(roots, interval=LONG, sweep=1e9) as live:
        forest = complete(live)
        for run_id in ("a/r", "b/r"):
            tree.write(f"{run_id}/annotations.json", '{"notes": "edited"}')
        live.look(roots[1], "r")
        while not any(run.notes for run in forest.runs.values()):
            newer = live.newer(forest, LONG)
            assert newer is not None
            forest = newer
    assert {run_id: run.notes for run_id, run in forest.runs.items()} == {"a/r": "", "b/r": "edited"}


def test_nothing_new_is_none(tree: Tree) -> None:
    tree.run("r1")
    roots, _ = resolve([str(tree.root)])
    with Live(roots, interval=LONG) as live:
        assert live.newer(complete(live), 0.01) is None


def test_a_root_that_vanishes_keeps_its_runs_and_loses_no_others(tree: Tree, tmp_path: Path) -> None:
    tree.run("a/r1")
    tree.run("b/r1")
    roots, _ = resolve([str(tree.root / "a"), str(tree.root / "b")])
    with Live(roots, interval=LONG) as live:
        before = complete(live)
        (tree.root / "a").rename(tmp_path / "away")
        live.wake()
        after = before
        while not after.problems:
            newer = live.newer(after, LONG)
            assert newer is not None
            after = newer
    assert changes(before, after) == ()
    assert [problem.message for problem in after.problems] == ["the root is not there any more"]


def test_a_mistake_of_ours_in_a_thread_is_raised_where_somebody_looks(tree: Tree) -> None:
    roots, _ = resolve([str(tree.root)])
    with Live(roots, interval="soon") as live, pytest.raises(TypeError, match="'str'"):  # type: ignore[arg-type]
        _never_ending(live)


def test_who_waits_is_let_go_when_it_ends(tree: Tree) -> None:
    tree.run("r1")
    roots, _ = resolve([str(tree.root)])
    with Live(roots, interval=LONG) as live:
        waiting = threading.Thread(target=_never_ending, args=[live])
        waiting.start()
    waiting.join(LONG)
    assert not waiting.is_alive()


def _never_ending(live: Live) -> None:
    seen = None
    while seen := live.newer(seen):
        pass
