"""What the files of a run tell while it is watched."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest

from spt_cli import scan
from spt_cli.metrics.pace import Told
from spt_cli.metrics.tails import Tail, standing
from spt_cli.model import Run
from tests.made import a_run
from tests.trees import NOW, Tree


def in_folder(folder: Path) -> Run:
    return a_run(folder.name, run_dir=str(folder), status="running", state="running", alive=True)


def csv(tree: Tree, text: str, *, at: float = NOW) -> Run:
    return in_folder(tree.write("r/metrics.csv", text.replace("\n", "\r\n"), at=at).parent)


def summary(tree: Tree, content: str | bytes) -> Told | None:
    return standing(in_folder(tree.write("r/summary.json", content).parent))


# summary.json


def test_a_summary_tells_step_epoch_and_the_rows_of_this_process(real_runs: Path) -> None:
    run = scan(real_runs).runs["slurm/requeued"]
    assert standing(run) == Told(step=959.0, epoch=59.0, rows=1081)


def test_a_summary_with_bare_nan_is_read(tree: Tree) -> None:
    content = '{"step": 7, "epoch": 1, "metrics": {"loss": {"last": NaN, "count": 3}, "x": {"count": NaN}, "y": 1}}'
    assert summary(tree, content) == Told(step=7.0, epoch=1.0, rows=3)


def test_before_the_first_row_no_step_is_reached(tree: Tree) -> None:
    assert summary(tree, '{"step": 0, "epoch": 0, "metrics": {}}') == Told()


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"metrics": []}', b"\xff", "[" * 100_000, '{"step": 1}'], ids=range(7)
)
def test_a_summary_that_tells_nothing_is_none(tree: Tree, content: str | bytes) -> None:
    assert summary(tree, content) is None


def test_numbers_that_are_none_are_unknown(tree: Tree) -> None:
    content = {"step": True, "epoch": "3", "metrics": {"a": {"count": 2}}}
    assert summary(tree, json.dumps(content)) == Told(rows=2)
    assert summary(tree, f'{{"step": 1{"0" * 400}, "metrics": {{"a": {{"count": 2}}}}}}') == Told(rows=2)


def test_a_missing_summary_is_none(tree: Tree) -> None:
    assert standing(in_folder(tree.root / "gone")) is None


# metrics.csv


def test_a_tail_reads_on(tree: Tree) -> None:
    tail = Tail("acc")
    run = csv(tree, "step,epoch,acc,loss\n0,0,,3\n5,0,,2\n9,0,0.5,\n")
    assert tail.look(run)
    assert tail.told == Told(step=9.0, epoch=0.0, rows=3, stride=4.5)
    assert not tail.look(run)
    with open(tree.root / "r/metrics.csv", "a", newline="") as file:
        file.write("10,1,,1.5\r\n19,1,0.7,\r\n")
    assert tail.look(run)
    assert tail.told == Told(step=19.0, epoch=1.0, rows=5, stride=19 / 4)
    assert tail.curve is not None
    assert tail.curve.means == [0.5, 0.7]


def test_a_requeue_in_the_middle_counts_from_there(tree: Tree) -> None:
    tail = Tail("acc")
    tail.look(csv(tree, "step,acc\n0,0.1\n10,0.2\n20,0.3\n10,0.5\n15,0.6\n"))
    assert tail.told == Told(step=15.0, rows=2, stride=5.0)
    assert tail.curve is not None
    assert tail.curve.means == [0.1, 0.5, 0.6]


def test_a_requeue_that_comes_later_takes_back_what_it_logs_again(tree: Tree) -> None:
    tail = Tail("acc")
    run = csv(tree, "step,acc\n0,0.1\n10,0.2\n20,0.3\n")
    tail.look(run)
    with open(tree.root / "r/metrics.csv", "a", newline="") as file:
        file.write("10,0.5\r\n15,0.6\r\n")
    tail.look(run)
    assert tail.told == Told(step=15.0, rows=2, stride=5.0)
    assert tail.curve is not None
    assert tail.curve.means == [0.1, 0.5, 0.6]


def test_a_header_rewrite_begins_anew(tree: Tree) -> None:
    tail = Tail("acc")
    tail.look(csv(tree, "step,acc\n0,0.1\n10,0.2\n"))
    tail.look(csv(tree, "step,acc,late\n0,0.1,\n10,0.2,\n20,0.3,1\n", at=NOW + 1))
    assert tail.told == Told(step=20.0, rows=3, stride=10.0)
    assert tail.curve is not None
    assert tail.curve.means == [0.1, 0.2, 0.3]


def test_without_steps_only_rows_and_epochs_are_known(tree: Tree) -> None:
    tail = Tail()
    tail.look(csv(tree, "epoch,acc\n0,0.1\n1,0.2\n"))
    assert tail.told == Told(step=None, epoch=1.0, rows=2)
    assert tail.curve is None


def test_a_nan_is_a_gap_in_the_curve(tree: Tree) -> None:
    tail = Tail("acc")
    tail.look(csv(tree, "step,acc\n0,0.1\n1,nan\n2,0.2\n"))
    assert tail.curve is not None
    assert list(map(math.isnan, tail.curve.means)) == [False, True, False]


def test_a_missing_file_and_one_that_cannot_be_read_tell_nothing(tree: Tree) -> None:
    tail = Tail()
    assert not tail.look(in_folder(tree.root / "gone"))
    os.mkfifo(tree.run("r") / "metrics.csv")
    assert not tail.look(in_folder(tree.root / "r"))
    assert tail.told is None


def test_a_real_requeued_run(real_runs: Path) -> None:
    tail = Tail("val/acc")
    tail.look(scan(real_runs).runs["slurm/requeued"])
    assert tail.told is not None
    assert (tail.told.step, tail.told.epoch) == (959.0, 59.0)
    assert tail.curve is not None
    assert len(tail.curve.means) == 60
