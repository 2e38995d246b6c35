"""What is read beside the screen."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from msgspec import structs

from spt_cli import scan
from spt_cli.commands.screen_reading import Asked, Found, Reading
from spt_cli.metrics.pace import Told
from spt_cli.model import Run
from tests.trees import Tree

LONG = 60.0  # seconds that no test waits
SUMMARY = '{"step": 20, "epoch": 1, "metrics": {"loss": {"count": 30}}}'


def nobody(*_: object) -> None:
    """Nobody listens."""


def reading() -> Reading:
    return Reading(nobody, nobody)


def runs(
    tree: Tree, *names: str, metrics: str = "step,acc\r\n0,0.1\r\n10,0.2\r\n20,0.3\r\n", **fields: Any
) -> list[Run]:
    for name in names:
        tree.run(name, **({"status": "running"} | fields))
        tree.write(f"{name}/metrics.csv", metrics)
        tree.write(f"{name}/summary.json", SUMMARY)
    found = scan(tree.root).runs
    return [found[name] for name in names]


def test_of_visible_live_runs_metrics_tell_and_the_summary_says_how_many_rows_are_of_this_process(tree: Tree) -> None:
    found = reading().look(Asked(visible=runs(tree, "a"), metric="acc"))
    assert found == Found({"a": Told(step=20.0, rows=30, stride=10.0)}, {"a": [0.1, 0.2, 0.3]})


def test_of_other_live_runs_only_the_summary_is_read(tree: Tree) -> None:
    (tree.root / "x").mkdir()
    found = reading().look(Asked(live=runs(tree, "a"), metric="acc"))
    assert found == Found({"a": Told(step=20.0, epoch=1.0, rows=30)}, {})


def test_of_ended_runs_only_curves_are_read(tree: Tree) -> None:
    ended = runs(tree, "a", status="completed")
    assert reading().look(Asked(visible=ended, metric="acc")) == Found({}, {"a": [0.1, 0.2, 0.3]})
    assert reading().look(Asked(visible=ended)) == Found({}, {})


def test_what_did_not_change_is_not_told_again(tree: Tree) -> None:
    one = reading()
    seen = Asked(live=runs(tree, "a", "b"))
    assert set(one.look(seen).told) == {"a", "b"}
    moved = structs.replace(seen.live[0], metrics_size=1)
    assert set(one.look(Asked(live=[moved, seen.live[1]])).told) == {"a"}


def test_only_new_rows_are_read_of_a_run_that_moved(tree: Tree) -> None:
    one = reading()
    (run,) = runs(tree, "a")
    one.look(Asked(visible=[run], metric="acc"))
    with open(tree.root / "a/metrics.csv", "a", newline="") as file:
        file.write("30,0.9\r\n")
    assert one.look(Asked(visible=[run], metric="acc")).curves == {"a": [0.1, 0.2, 0.3]}
    moved = structs.replace(run, metrics_size=99)
    assert one.look(Asked(visible=[moved], metric="acc")).curves == {"a": [0.1, 0.2, 0.3, 0.9]}


def test_another_metric_has_other_curves(tree: Tree) -> None:
    one = reading()
    found = runs(tree, "a", metrics="step,acc,loss\r\n0,0.1,3\r\n")
    one.look(Asked(visible=found, metric="acc"))
    assert one.look(Asked(visible=found, metric="loss")).curves == {"a": [3.0]}


def test_only_so_many_curves_are_kept(tree: Tree) -> None:
    one = reading()
    many = [structs.replace(run, run_id=f"a{at}") for run in runs(tree, "a") for at in range(300)]
    for run in many:
        found = one.look(Asked(visible=[run], metric="acc"))
    assert list(found.curves) == [f"a{at}" for at in range(44, 300)]


def test_a_run_is_read_closely_as_long_as_it_is_looked_at(tree: Tree) -> None:
    one = reading()
    (run,) = runs(tree, "a")
    tree.write("a/train.out", "hello\n")
    found = one.look(Asked(close=(run, str(tree.root)))).details
    assert found is not None
    assert (found.lines, found.points["acc"].value.tolist()) == (("hello",), [0.1, 0.2, 0.3])
    assert one.look(Asked(close=(run, str(tree.root)))).details is found
    assert one.look(Asked()).details is None


def test_a_thread_reads_what_was_asked_for_last(tree: Tree) -> None:
    done, told = threading.Event(), []

    def take(asked: Asked, found: Found) -> None:
        told.append((asked, found))
        done.set()

    one = Reading(take, nobody)
    asked = Asked(live=runs(tree, "a"))
    one.ask(Asked())
    one.ask(asked)
    one.start()
    assert done.wait(LONG)
    assert told == [(asked, Found({"a": Told(step=20.0, epoch=1.0, rows=30)}, {}))]


def test_a_mistake_in_the_thread_is_told(tree: Tree) -> None:
    done, told = threading.Event(), []

    def fail(error: BaseException) -> None:
        told.append(str(error))
        done.set()

    def take(_: Asked, __: Found) -> None:
        raise ValueError("boom")

    one = Reading(take, fail)
    one.start()
    one.ask(Asked())
    assert done.wait(LONG)
    assert told == ["boom"]


def test_real_runs_have_curves(real_runs: Path) -> None:
    found = reading().look(Asked(visible=list(scan(real_runs).runs.values()), metric="val/acc"))
    assert len(found.curves) == 30
    assert min(map(len, found.curves.values())) > 0
