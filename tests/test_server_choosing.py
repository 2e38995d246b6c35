"""Live runs of which only chosen ones are shown."""

from __future__ import annotations

from spt_cli.choice.selection import selection
from spt_cli.server.choosing import Choosing
from spt_cli.tree.roots import Forest, resolve
from tests.trees import Tree


def choosing(tree: Tree, where: str | None = None, **named: object) -> tuple[Choosing, list[str]]:
    told: list[str] = []
    roots, _ = resolve([str(tree.root)])
    return Choosing(roots, selection(where, **named), unknown=told.append, interval=0.02), told  # type: ignore[arg-type]


def until(live: Choosing, ids: set[str], seen: Forest | None = None) -> Forest:
    """The first Forest with these runs."""
    while True:
        forest = live.newer(seen, 30)
        assert forest is not None
        seen = forest
        if set(forest.runs) == ids and forest.progress.initial_done:
            return forest


def test_runs_come_and_go_as_they_meet_the_selection(tree: Tree) -> None:
    tree.run("a", hparams={"width": 64})
    tree.run("b", hparams={"width": 32})
    live, told = choosing(tree, "width >= 64")
    with live:
        forest = until(live, {"a"})
        tree.run("c", hparams={"width": 128})
        forest = until(live, {"a", "c"}, forest)
        tree.run("c", hparams={"width": 16}, notes="another size")
        until(live, {"a"}, forest)
    assert told == []


def test_archived_runs_are_there(tree: Tree) -> None:
    tree.run("a", archived=True, status="failed")
    tree.run("b")
    live, _ = choosing(tree, states=["failed"])
    with live:
        assert until(live, {"a"}).runs["a"].archived


def test_a_name_that_no_run_has_means_nothing_and_is_told(tree: Tree) -> None:
    tree.run("a", hparams={"width": 64})
    live, told = choosing(tree, "widht > 1")
    with live:
        until(live, set())
    assert "widht" in told[0]


def test_nobody_is_kept_waiting_for_what_is_there(tree: Tree) -> None:
    tree.run("a")
    live, _ = choosing(tree, "status == 'completed'")
    with live:
        forest = until(live, {"a"})
        assert live.newer(None, 0) is not None
        assert live.newer(forest, 30) is not forest
