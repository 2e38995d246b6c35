"""Attempts of a requeued run, and the curve stitched of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spt_cli.metrics.reading import read_metrics
from spt_cli.metrics.requeues import Attempt, attempts, stitch
from spt_cli.metrics.table import table
from spt_cli.model import Series


def metrics(text: str) -> dict[str, Series]:
    """Points of a metrics.csv whose rows are separated by blanks."""
    read = table(text.replace(" ", "\n").encode(), live=False)
    assert read is not None
    return read.points


def shown(series: dict[str, Series]) -> dict[str, list[tuple[float, float]]]:
    """(step, value) of each point."""
    return {name: list(zip(s.step.tolist(), s.value.tolist(), strict=True)) for name, s in series.items()}


def test_a_requeued_run_has_two_attempts_not_four(real_runs: Path) -> None:
    """Its training, validation and epoch metrics each run back once, at rows of their own."""
    assert attempts(read_metrics(real_runs / "slurm/requeued/metrics.csv")) == (Attempt(0, 0), Attempt(1621, 0))


def test_a_requeued_run_without_checkpoint_is_its_last_attempt(real_runs: Path) -> None:
    raw = read_metrics(real_runs / "slurm/requeued/metrics.csv")
    loss = stitch(raw)["train/loss"]
    assert loss.step.tolist() == list(range(len(loss.step)))
    assert loss.row.min() == 1621


def test_every_other_real_run_has_one_attempt(real_runs: Path) -> None:
    paths = [path for path in real_runs.rglob("metrics.csv") if path.parent.name != "requeued"]
    assert [path for path in paths if len(attempts(read_metrics(path))) != 1] == []
    assert len(paths) == 29


def test_rows_after_the_last_checkpoint_are_logged_again() -> None:
    raw = metrics("step,a 17,1 19,2 21,3 17,4 19,5 21,6 23,7")
    assert attempts(raw) == (Attempt(0, 17), Attempt(3, 17))
    assert shown(stitch(raw)) == {"a": [(17, 4), (19, 5), (21, 6), (23, 7)]}


def test_neighbours_of_different_metrics_prove_nothing() -> None:
    raw = metrics("step,loss,lr 30,1, 32,2, 31,,9 34,3, 33,,8")
    assert attempts(raw) == (Attempt(0, 30),)
    assert shown(stitch(raw)) == shown(raw)


def test_an_equal_step_is_no_step_back() -> None:
    assert attempts(metrics("step,a 1,1 1,2 2,3")) == (Attempt(0, 1),)


def test_a_metric_that_runs_back_later_in_an_attempt_begins_no_other() -> None:
    raw = metrics("step,loss,val 0,1, 5,2, 5,,7 3,3, 4,4, 4,,8 5,5,")
    assert attempts(raw) == (Attempt(0, 0), Attempt(3, 3))


def test_an_attempt_replaces_what_came_at_its_first_step_and_after_of_every_metric() -> None:
    """The validation at 18 was not logged again: the second attempt began at 17."""
    raw = metrics("step,loss,val 15,1, 16,,7 17,2, 18,,8 19,3, 17,4, 25,,9")
    assert shown(stitch(raw)) == {"loss": [(15, 1), (17, 4)], "val": [(16, 7), (25, 9)]}


def test_a_later_attempt_reaches_behind_an_earlier_one() -> None:
    raw = metrics("step,a 0,0 10,1 20,2 15,3 20,4 5,5 6,6")
    assert [attempt.row for attempt in attempts(raw)] == [0, 3, 5]
    assert shown(stitch(raw)) == {"a": [(0, 0), (5, 5), (6, 6)]}


def test_a_metric_with_a_counter_of_its_own_is_replaced_from_its_own_first_step() -> None:
    """The second attempt begins at 32 of loss, and comes to 31 of lr right after."""
    raw = metrics("step,loss,lr 30,1, 29,,1 32,2, 31,,2 34,3, 33,,3 32,4, 31,,4 34,5,")
    assert attempts(raw) == (Attempt(0, 30), Attempt(6, 32))
    assert shown(stitch(raw)) == {"loss": [(30, 1), (32, 4), (34, 5)], "lr": [(29, 1), (31, 4)]}


def test_a_metric_that_an_attempt_replaced_whole_is_left_out() -> None:
    assert shown(stitch(metrics("step,a,b 5,1, 6,,2 7,3, 5,4,"))) == {"a": [(5, 4)]}


def test_a_run_without_steps_has_one_attempt() -> None:
    raw = metrics("epoch,a 1,1 0,2")
    (only,) = attempts(raw)
    assert only.row == 0
    assert np.isnan(only.step)
    assert stitch(raw) == raw


@pytest.mark.parametrize("step", ["nan", "inf", "-inf", "text"])
def test_a_step_that_is_no_number_begins_no_attempt_and_is_kept_in_the_last(step: str) -> None:
    raw = metrics(f"step,epoch,a 1,0,1 {step},0,2 2,0,3")
    assert len(attempts(raw)) == 1
    assert len(stitch(raw)["a"].row) == 3


@pytest.mark.parametrize("step", ["nan", "inf", "-inf"])
def test_the_last_attempt_keeps_all_its_points(step: str) -> None:
    assert len(stitch(metrics(f"step,epoch,a 5,0,1 4,0,2 {step},0,3"))["a"].row) == 2


def test_nothing_logged_is_no_attempt() -> None:
    assert attempts({}) == ()
    assert stitch({}) == {}


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 6)), max_size=12))
def test_stitched_is_what_replaying_the_rows_leaves(rows: list[tuple[str, int]]) -> None:
    """Row by row: a step back begins an attempt and drops all from that step on, a metric's step its own from there."""
    kept: list[tuple[int, str, int, int]] = []
    attempt, last = 0, dict[str, int]()
    for row, (name, step) in enumerate(rows):
        if step < last.get(name, -1):
            kept = [point for point in kept if point[2] < step]
            attempt, last = attempt + 1, {}
        last[name] = step
        kept = [point for point in kept if point[1] != name or point[2] < step or point[3] == attempt]
        kept.append((row, name, step, attempt))
    text = "".join(
        f" {step},{row if name == 'a' else ''},{row if name == 'b' else ''}" for row, (name, step) in enumerate(rows)
    )
    expected: dict[str, list[tuple[float, float]]] = {}
    for row, name, step, _ in kept:
        expected.setdefault(name, []).append((step, row))
    assert shown(stitch(metrics("step,a,b" + text))) == expected
