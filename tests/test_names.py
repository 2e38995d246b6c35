"""What a metric's name says of its direction; what names mean is in test_where.py."""

from __future__ import annotations

import pytest

from spt_cli.names import lower_is_better


@pytest.mark.parametrize(
    "metric",
    ["loss", "val/loss", "train_loss_epoch", "test-error", "top1.err", "Loss", "eval/PPL", "mse2", "nll", "mae"],
)
def test_losses_are_brought_down(metric: str) -> None:
    assert lower_is_better(metric)


@pytest.mark.parametrize("metric", ["acc", "val/acc", "lossless", "terror", "glosses", "maesure", "", "f1"])
def test_everything_else_is_brought_up(metric: str) -> None:
    assert not lower_is_better(metric)
