"""The pages of one run and of the keys."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
from syrupy.assertion import SnapshotAssertion

from spt_cli.model import Run, Series
from spt_cli.render.screen_pages import drawable, furthest, help_page, paged, run_page
from spt_cli.render.terminal import Terminal
from spt_cli.watch.scene import Details, Wanted
from spt_cli.words.text import cells
from tests.made import a_run
from tests.screens import busy_scene, look_at, text
from tests.trees import NOW

SIZES = [(40, 12), (80, 24), (200, 50)]


def series(*values: float) -> Series:
    count = np.arange(len(values), dtype=float)
    return Series(count * 10, count, np.array(values), np.arange(len(values)))


FOUND = Details(
    points={"train/loss": series(3, 2, 1.5, 1.2, 1.1), "val/acc": series(0.1, 0.4, 0.55, 0.61, 0.62)},
    extremes={"train/loss": (1.1, 3.0), "val/acc": (0.1, 0.62)},
    attempts=2,
    log="train.out",
    lines=("epoch 3\tdone", "epoch 4"),
)
FAILED = Details(
    trace_of="rank 0 .err",
    trace=("Traceback (most recent call last):", '  File "train.py", line 7, in <module>', "KeyError: 'width'"),
    log="train.out",
    lines=("bye",),
    problem="/runs/r/metrics.csv: Permission denied",
)


def of(run_id: str) -> Run:
    return next(run for run in busy_scene().rows if run.run_id == run_id)


def shown(run: Run, found: Details | None, width: int = 80, lines: int = 24, at: int = 0, **options: Any) -> list[str]:
    look = look_at(busy_scene(Wanted(metric="val/acc")), width, **options)
    return paged(run_page(look, run, found, at, lines), 0, lines, run.run_id, look.view.terminal)


@pytest.mark.parametrize(("width", "lines"), SIZES)
def test_a_running_run(width: int, lines: int, snapshot: SnapshotAssertion) -> None:
    assert text(shown(of("sweep/fast"), FOUND, width, lines)) == snapshot


def test_a_failed_run_says_why_first(snapshot: SnapshotAssertion) -> None:
    assert text(shown(of("sweep/failed"), FAILED)) == snapshot


@pytest.mark.parametrize("unicode", [True, False])
def test_the_keys(unicode: bool, snapshot: SnapshotAssertion) -> None:
    page = text(help_page(Terminal(80, unicode=unicode)))
    assert page.isascii() is not unicode
    assert page == snapshot


def test_while_it_is_read_that_is_said() -> None:
    assert "reading…" in shown(of("sweep/fast"), None)


def test_how_long_a_run_is_stuck_stands_there() -> None:
    assert shown(of("sweep/stuck"), FOUND)[1].startswith("! stuck · for 3m · ")


def test_another_metric_is_drawn() -> None:
    names = drawable(look_at(busy_scene(Wanted(metric="val/acc"))), FOUND)
    assert names == ["val/acc", "train/loss"]
    for at, name in ((0, "val/acc"), (1, "train/loss"), (2, "val/acc"), (-1, "train/loss")):
        assert any(line.startswith(f"{name} (2 attempts)") for line in shown(of("sweep/fast"), FOUND, at=at))


def test_a_nan_is_flagged() -> None:
    run = a_run("r", summary={"loss": math.nan})
    (row,) = [line for line in shown(run, Details(), color=True) if "loss" in line]
    assert "\x1b[1;31mnan\x1b[0m" in row


@pytest.mark.parametrize("width", [40, 60, 99, 100, 120, 200])
def test_a_page_fits_whatever_the_size(width: int) -> None:
    for lines in (1, 2, 3, 5, 12, 50):
        for run, found in ((of("sweep/fast"), FOUND), (of("sweep/failed"), FAILED)):
            for color in (True, False):
                page = shown(run, found, width, lines, color=color)
                assert len(page) == lines
                assert max(cells(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in page) <= width


def test_a_page_can_be_scrolled_to_its_end() -> None:
    body = [str(number) for number in range(30)]
    assert furthest(body, 12) == 20
    last = paged(body, 20, 12, "title", Terminal(40))
    assert (last[1], last[10], last[11].split()[:3]) == ("20", "29", ["21-30", "of", "30"])


def test_foreign_text_does_nothing() -> None:
    evil = "\x1b[2J\x9b31m\u202e\r\n<b>"
    run = a_run(
        evil,
        display_name=evil,
        tags=(evil,),
        notes=evil,
        run_dir=evil,
        hparams={evil: evil},
        summary={evil: 1.0},
        created_at=NOW,
    )
    found = Details({evil: series(1, 2)}, {}, 1, evil, (evil,), evil, (evil,), evil)
    for unicode in (True, False):
        page = "\n".join(shown(run, found, 200, 60, unicode=unicode))
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", page)
