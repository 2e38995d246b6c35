"""Metrics as rows, curves and Parquet."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest
from syrupy.assertion import SnapshotAssertion

from spt_cli.metrics.reading import read_metrics
from spt_cli.model import Series
from spt_cli.render.metrics import SUMMARY, as_table, by_row, documents, plainly, rows, summary
from spt_cli.render.parquet import parquet
from spt_cli.render.plot import plot
from spt_cli.render.table import draw
from spt_cli.render.terminal import Terminal


def series(steps: list[float], values: list[float], first_row: int = 0) -> Series:
    step = np.array(steps, float)
    return Series(step, step * 0, np.array(values, float), np.arange(first_row, first_row + len(steps)))


LOSS = {"loss": series([0, 1, 2, 3], [3.0, math.nan, 1.0, 2.0])}


def made(shape: str, *runs: dict[str, Series], count: int = 0) -> list[tuple[Any, ...]]:
    header, body = rows([(f"r{number}", metrics) for number, metrics in enumerate(runs)], shape, count)
    return [tuple(header), *map(tuple, body)]


def test_a_summary_counts_what_is_not_finite_apart() -> None:
    assert made("summary", LOSS)[1] == ("r0", "loss", 4, 1, 3.0, 2.0, 1.0, 2, 3.0, 0)


def test_a_metric_that_is_never_finite_has_no_extremes() -> None:
    (row,) = summary("r", {"loss": series([0], [math.inf])})
    assert row == ("r", "loss", 1, 1, math.inf, math.inf, None, None, None, None)


def test_a_metric_without_points_has_no_summary_but_its_count() -> None:
    (row,) = summary("r", {"loss": series([], [])})
    assert row == ("r", "loss", 0, 0, *[None] * 6)


def test_points_are_long_rows_with_whole_numbers_where_they_are_whole() -> None:
    metrics = {"loss": Series(*(np.array(column) for column in ([0.0, 0.5], [math.nan, 1.0], [1.0, math.inf], [0, 1])))}
    assert made("points", metrics)[1:] == [("r0", "loss", 0, None, 1.0), ("r0", "loss", 0.5, 1, math.inf)]


def test_a_pivot_has_a_column_a_metric_and_a_row_a_step() -> None:
    both = {"a": series([0, 1], [1.0, 2.0]), "b": series([1, 1], [3.0, 4.0])}
    assert made("pivot", both, {"b": series([5], [6.0])}) == [
        ("run_id", "step", "epoch", "a", "b"),
        ("r0", 0, 0, 1.0, None),
        ("r0", 1, 0, 2.0, 4.0),
        ("r1", 5, 0, None, 6.0),
    ]


def test_buckets_hold_the_mean_and_the_band() -> None:
    assert made("buckets", {"loss": series([0, 1, 2, 3], [1.0, 3.0, 5.0, 9.0])}, count=2)[1:] == [
        ("r0", "loss", 0.75, 2, 2.0, 1.0, 3.0),
        ("r0", "loss", 2.25, 2, 7.0, 5.0, 9.0),
    ]


def test_json_has_the_points_by_metric_and_a_summary_when_that_is_asked_for() -> None:
    (found,) = documents([("r", {"loss": series([0, 1], [1.0, 2.0])})], "summary")
    assert found == {
        "run_id": "r",
        "summary": {
            "loss": {
                "count": 2,
                "nan": 0,
                "first": 1.0,
                "last": 2.0,
                "min": 1.0,
                "min_step": 0,
                "max": 2.0,
                "max_step": 1,
            },
        },
        "metrics": {"loss": {"step": [0.0, 1.0], "epoch": [0.0, 0.0], "y": [1.0, 2.0]}},
    }


def test_json_of_buckets_has_their_columns() -> None:
    (found,) = documents([("r", {"loss": series([0], [1.0]), "none": series([], [])})], "buckets", 5)
    assert found["metrics"] == {
        "loss": {"step": (0,), "count": (1,), "mean": (1.0,), "min": (1.0,), "max": (1.0,)},
        "none": {"step": (), "count": (), "mean": (), "min": (), "max": ()},
    }


def test_by_row_points_come_as_they_were_logged() -> None:
    found = by_row("r", {"a": series([0, 1], [1, 2], first_row=1), "b": series([0], [3], first_row=0)})
    assert [row[1:3] for row in found] == [("b", 0), ("a", 0), ("a", 1)]


def test_a_point_as_a_line_is_harmless() -> None:
    shown = plainly(("r", "a\x1b[2J", 3, None, 0.123456), several=True)
    assert shown.split() == ["r", "a\\x1b[2J", "3", "0.1235"]


def test_parquet_keeps_types_and_nothing_is_null() -> None:
    frame = polars.read_parquet(io.BytesIO(parquet(SUMMARY, summary("r", LOSS))))
    assert dict(zip(frame.columns, map(str, frame.dtypes), strict=True)) == {
        "run_id": "String",
        "metric": "String",
        "count": "Int64",
        "nan": "Int64",
        **dict.fromkeys(("first", "last", "min", "min_step", "max", "max_step"), "Float64"),
    }
    assert frame.rows() == [("r", "loss", 4, 1, 3.0, 2.0, 1.0, 2.0, 3.0, 0.0)]


def test_the_table_of_a_real_run(real_runs: Path, snapshot: SnapshotAssertion) -> None:
    metrics = read_metrics(real_runs / "cache/runs/20261123/065057/881290/metrics.csv")
    assert "".join(draw(as_table(SUMMARY, summary("r", metrics), several=False), Terminal(width=100))) == snapshot


DIVERGED, FINE = "cache/runs/20261123/065057/881290/metrics.csv", "cache/runs/20261123/064838/881201/metrics.csv"


@pytest.mark.parametrize("paths", [[DIVERGED], [DIVERGED, FINE]], ids=["one", "two"])
@pytest.mark.parametrize("unicode", [True, False], ids=["unicode", "ascii"])
def test_curves_of_real_runs(real_runs: Path, snapshot: SnapshotAssertion, paths: list[str], unicode: bool) -> None:
    curves = [(path.split("/")[-2], read_metrics(real_runs / path)["train/loss"]) for path in paths]
    drawn = "".join(plot("train/loss", curves, Terminal(width=80, unicode=unicode)))
    assert drawn == snapshot
    assert max(map(len, drawn.splitlines())) <= 80
    assert unicode or drawn.isascii()


@pytest.mark.parametrize("values", [[math.nan], [], [math.inf, -math.inf]])
def test_a_curve_without_a_finite_value_says_so(values: list[float]) -> None:
    curve = series([float(step) for step in range(len(values))], values)
    assert list(plot("loss\x1b", [("r", curve)], Terminal())) == ["loss\\x1b\n", "no finite value with a step\n"]


@pytest.mark.parametrize("values", [[1.0], [2.0, 2.0], [1e308, -1e308], [5e-324, 0.0]])
def test_flat_and_extreme_curves_are_drawn(values: list[float]) -> None:
    curve = series([float(step) for step in range(len(values))], values)
    assert len(list(plot("loss", [("r", curve)], Terminal()))) == 18
