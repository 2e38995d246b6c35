"""What tells runs apart: what the words of a metric's name say, and which metric runs are judged by."""

from __future__ import annotations

import pytest

from spt_cli.choice.telling import common, judges, lower_is_better, primary


@pytest.mark.parametrize(
    "metric",
    ["loss", "val/loss", "train_loss_epoch", "test-error", "top1.err", "Loss", "eval/PPL", "mse2", "nll", "mae"],
)
def test_losses_are_brought_down(metric: str) -> None:
    assert lower_is_better(metric)


@pytest.mark.parametrize("metric", ["acc", "val/acc", "lossless", "terror", "glosses", "maesure", "", "f1"])
def test_everything_else_is_brought_up(metric: str) -> None:
    assert not lower_is_better(metric)


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ([["val/acc", "val/loss", "train/acc"]], "val/acc"),
        ([["train/acc", "val/loss"]], "val/loss"),
        ([["val/loss", "val/speed"]], "val/loss"),
        ([["test/acc", "eval/acc", "val/acc"]], "val/acc"),
        ([["train/loss", "lr", "epoch", "train/loss_step"]], "train/loss"),
        ([["val/acc", "train/loss"], ["train/loss"], ["train/loss"]], "train/loss"),
        ([["val/acc_top5", "val/acc"], ["val/acc_top5", "val/acc"]], "val/acc"),
        ([["epoch", "lr", "grad_norm"]], None),
        ([["train_loss_step", "train_loss_epoch", "lr-Adam"]], "train_loss_step"),
        ([["val/acc_norm", "val/loss"]], "val/acc_norm"),
        ([["balance"]], "balance"),
        ([], None),
    ],
)
def test_what_runs_are_judged_by(names: list[list[str]], chosen: str | None) -> None:
    assert primary(names) == chosen


def test_metrics_of_most_runs_come_first_then_those_that_judge() -> None:
    names = ["weights", "lr", "val/epoch", "val/time", "train/loss", "balance", "val/loss", "val/acc_epoch"]
    told = ["weights", "val/acc_epoch", "val/loss", "train/loss", "balance", "val/time"]
    assert common([names, ["weights"], []]) == told


@pytest.mark.parametrize(
    ("metric", "judged"),
    [("val/x", True), ("loss_step", True), ("f1", True), ("weight/scale", False), ("valve", False)],
)
def test_runs_are_judged_by_validation_losses_and_scores(metric: str, *, judged: bool) -> None:
    assert judges(metric) == judged
