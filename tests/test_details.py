"""What is read of one run to look at it closely."""

from __future__ import annotations

import os
from pathlib import Path

from spt_cli import scan
from spt_cli.model import Run
from spt_cli.watch.details import Reader
from tests.made import a_run
from tests.trees import Tree

TRACE = 'Traceback (most recent call last):\n  File "train.py", line 1, in <module>\nValueError: no\x1b[2J\n'


def run_in(tree: Tree, state: str = "running", run_id: str = "r") -> Run:
    live = state == "running"
    return a_run(run_id, run_dir=str(tree.root / run_id), status=state, state=state, alive=live)


def grow(path: Path, text: str) -> None:
    with open(path, "a", newline="") as file:
        file.write(text)


def test_metrics_of_a_live_run_are_read_on(tree: Tree) -> None:
    path = tree.write("r/metrics.csv", "step,acc\n0,0.1\n10,0.2\n5,0.3\n")
    reader, run = Reader(), run_in(tree)
    first = reader.look(run, str(tree.root), clock=0.0)
    assert (first.points["acc"].value.tolist(), first.extremes, first.attempts) == ([0.1, 0.3], {"acc": (0.1, 0.3)}, 2)
    grow(path, "6,0.9\n")
    later = reader.look(run_in(tree), str(tree.root), clock=2.0)
    assert later is first  # the run is the same: it says so when there is more
    moved = a_run("r", run_dir=run.run_dir, status="running", metrics_size=9)
    assert reader.look(moved, str(tree.root), clock=4.0).points["acc"].value.tolist() == [0.1, 0.3, 0.9]


def test_the_last_row_counts_once_the_run_has_ended(tree: Tree) -> None:
    tree.write("r/metrics.csv", "step,acc\n0,0.1\n1,0.2")
    reader = Reader()
    assert reader.look(run_in(tree), str(tree.root), clock=0.0).points["acc"].value.tolist() == [0.1]
    assert reader.look(run_in(tree, "completed"), str(tree.root), clock=0.0).points["acc"].value.tolist() == [0.1, 0.2]


def test_the_end_of_the_obvious_log_is_there_and_clean(tree: Tree) -> None:
    tree.write("r/train.out", "\x1b[31mred\x1b[0m\n10%\r100%\nlast")
    tree.write("r/train.err", "warning\n")
    found = Reader().look(run_in(tree), str(tree.root), clock=0.0)
    assert (found.log, found.lines, found.trace) == ("train.out", ("red", "100%", "last"), ())


def test_a_log_that_grew_is_read_again(tree: Tree) -> None:
    path = tree.write("r/train.out", "one\n")
    reader, run = Reader(), run_in(tree)
    assert reader.look(run, str(tree.root), clock=0.0).lines == ("one",)
    grow(path, "two\n")
    assert reader.look(run, str(tree.root), clock=0.0).lines == ("one", "two")


def test_a_log_that_came_later_is_found_after_a_while(tree: Tree) -> None:
    tree.run("r")
    reader, run = Reader(), run_in(tree)
    assert reader.look(run, str(tree.root), clock=0.0).log == ""
    tree.write("r/train.out", "one\n")
    assert reader.look(run, str(tree.root), clock=9.0).log == ""
    assert reader.look(run, str(tree.root), clock=11.0).lines == ("one",)


def test_only_the_last_lines_of_a_log_are_kept(tree: Tree) -> None:
    tree.write("r/train.out", "".join(f"{number}\n" for number in range(1000)))
    lines = Reader().look(run_in(tree), str(tree.root), clock=0.0).lines
    assert (lines[0], lines[-1], len(lines)) == ("900", "999", 100)


def test_a_failed_run_shows_why_wherever_that_stands(tree: Tree) -> None:
    tree.write("r/train.out", TRACE + "\nbye\n")
    tree.write("r/train.err", "killed\n")
    found = Reader().look(run_in(tree, "failed"), str(tree.root), clock=0.0)
    assert (found.log, found.trace_of, found.trace[-1]) == ("train.err", "train.out", "ValueError: no")


def test_a_run_that_did_not_fail_shows_no_traceback(tree: Tree) -> None:
    tree.write("r/train.out", TRACE)
    assert Reader().look(run_in(tree), str(tree.root), clock=0.0).trace == ()


def test_a_run_without_files_is_empty(tree: Tree) -> None:
    tree.run("r")
    found = Reader().look(run_in(tree), str(tree.root), clock=0.0)
    assert (dict(found.points), found.log, found.problem) == ({}, "", "")


def test_what_cannot_be_read_is_said(tree: Tree) -> None:
    folder = tree.run("r")
    os.mkfifo(folder / "metrics.csv")
    found = Reader().look(run_in(tree), str(tree.root), clock=0.0)
    assert found.problem == f"{folder}/metrics.csv: not a regular file"


def test_a_real_failed_run(real_runs: Path) -> None:
    run = next(run for run in scan(real_runs).runs.values() if run.state == "failed")
    found = Reader().look(run, str(real_runs), clock=0.0)
    assert found.trace[0] == "Traceback (most recent call last):"
    assert found.points["train/loss"].value[0] > 0
