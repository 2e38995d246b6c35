"""Charts: curves of runs that were reduced one by one, on one grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spt_cli.metrics.reduce import ReducedRun, reduce
from spt_cli.model import Series
from spt_cli.report import Metric, RunCurve, Table
from spt_cli.report.charts import charts, goal, group, spark

NAN, INF = float("nan"), float("inf")


def run(count: int = 200, /, **metrics: dict[float, float]) -> ReducedRun:
    """A run of metrics given as {step: value}, reduced to *count* buckets."""
    made = {}
    for name, points in metrics.items():
        step = np.array(list(points), float)
        made[name] = Series(step, np.full(len(step), NAN), np.array(list(points.values()), float), np.arange(len(step)))
    return reduce(made, count)


def table(metric: Metric) -> dict[str, list[list[float | None]]]:
    """What a chart holds, NaN as None."""
    return {
        name: [[None if np.isnan(value) else value for value in row] for row in getattr(metric.table, name).tolist()]
        for name in ("mean", "min", "max", "count", "nonfinite")
    }


def test_runs_of_few_steps_share_them() -> None:
    (found,) = charts({0: run(m={0: 1, 2: 3}), 3: run(m={1: 5, 2: 7})}, 200, None)
    assert (found.exact, found.width, found.points) == (True, 0.0, 4)
    assert (found.table.x.tolist(), found.table.start.tolist()) == ([0, 1, 2], [0, 1, 2])
    assert table(found) == {
        "mean": [[1, None, 3], [None, 5, 7]],
        "min": [[1, None, 3], [None, 5, 7]],
        "max": [[1, None, 3], [None, 5, 7]],
        "count": [[1, 0, 1], [0, 1, 1]],
        "nonfinite": [[0, 0, 0], [0, 0, 0]],
    }
    assert [curve.run for curve in found.of] == [0, 3]
    assert (found.band, found.counts, found.nonfinites) == (False, False, False)


def test_runs_of_too_many_steps_together_share_buckets() -> None:
    """Though each by itself is exact."""
    runs = {0: run(4, m={0: 1, 1: 3, 8: 5}), 1: run(4, m={9: 7, 10: 9, 15: NAN})}
    (found,) = charts(runs, 4, None)
    assert (found.exact, found.width) == (False, 4.0)
    assert found.table.start.tolist() == [0, 4, 8, 12]
    assert found.table.x.tolist() == [2, 6, 10, 14]
    assert table(found) == {
        "mean": [[2, None, 5, None], [None, None, 8, None]],
        "min": [[1, None, 5, None], [None, None, 7, None]],
        "max": [[3, None, 5, None], [None, None, 9, None]],
        "count": [[2, 0, 1, 0], [0, 0, 2, 0]],
        "nonfinite": [[0, 0, 0, 0], [0, 0, 0, 1]],
    }
    assert (found.band, found.counts, found.nonfinites) == (True, True, True)


def test_a_run_that_stopped_early_is_no_better_resolved() -> None:
    long, short = run(8, m={step: step for step in range(100)}), run(8, m={step: step for step in range(10)})
    assert short.metrics["m"].exponent == 1
    (found,) = charts({0: long, 1: short}, 8, None)
    assert found.width == 16
    assert found.table.mean[1].tolist()[:1] == [4.5]
    assert found.table.count[1].tolist() == [10, 0, 0, 0, 0, 0, 0]


def test_equal_values_make_no_band() -> None:
    (found,) = charts({0: run(4, lr=dict.fromkeys(range(9), 0.1))}, 4, None)
    assert (found.counts, found.band) == (True, False)
    assert found.table.mean[0].tolist() == [0.1] * 3


def test_what_is_known_of_a_run_comes_along() -> None:
    (found,) = charts({7: run(m={0: 2, 1: NAN, 2: 1})}, 200, None)
    assert found.of == (RunCurve(3, 1, 1.0, 1.0, 2.0, 1.0, 2.0, 2.0, 0.0, run=7),)


def test_the_primary_metric_first_then_by_group_and_name() -> None:
    names = ["loss", "val/acc", "val/loss", "train/loss", "lr", "val_x"]
    made = run(**{name: {0.0: 1.0} for name in names})
    assert [metric.name for metric in charts({0: made}, 200, "val/acc")] == [
        "val/acc",
        "loss",
        "lr",
        "train/loss",
        "val/loss",
        "val_x",
    ]


def test_the_order_of_runs_is_that_of_their_places() -> None:
    one, two = run(m={0: 1}), run(m={0: 2})
    found = charts({5: one, 2: two}, 200, None)[0]
    assert ([curve.run for curve in found.of], found.table.mean.tolist()) == ([2, 5], [[2], [1]])


def test_a_metric_without_steps_is_drawn_over_epochs() -> None:
    epochs = Series(np.full(2, NAN), np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.arange(2))
    assert charts({0: reduce({"m": epochs}, 200)}, 200, None)[0].axis == "epoch"
    assert charts({0: reduce({"m": epochs}, 200), 1: run(m={0: 1})}, 200, None)[0].axis == "step"


def test_a_metric_without_any_place_has_no_buckets() -> None:
    nowhere = Series(np.array([INF]), np.array([NAN]), np.array([1.0]), np.arange(1))
    (found,) = charts({0: reduce({"m": nowhere}, 200)}, 200, None)
    assert (found.exact, found.table.mean.shape, found.of[0].last) == (True, (1, 0), 1.0)
    both = charts({0: reduce({"m": nowhere}, 200), 1: run(m={3: 4})}, 200, None)[0]
    assert both.table.count.tolist() == [[0], [1]]


def test_the_widest_buckets_begin_at_numbers() -> None:
    (found,) = charts({0: run(2, m={-1.7e308: 1, 0: 2, 1.7e308: 3})}, 2, None)
    assert table(found)["count"] == [[1, 0, 1, 1]]  # no float is wide enough for two
    assert np.isfinite([found.table.x, found.table.start]).all()


steps = st.dictionaries(
    st.integers(-60, 60).map(float) | st.floats(0, 1e5).map(lambda x: round(x, 2)),
    st.floats(-1e6, 1e6) | st.sampled_from([NAN, INF]),
    min_size=1,
    max_size=40,
).map(lambda points: dict(sorted(points.items())))


@given(st.lists(steps, min_size=1, max_size=4), st.integers(4, 12))
@settings(max_examples=100, deadline=None)
def test_a_chart_is_as_if_all_points_fell_into_its_buckets_at_once(runs: list[dict[float, float]], count: int) -> None:
    (found,) = charts({place: run(count, m=points) for place, points in enumerate(runs)}, count, None)
    assert len(found.table.x) <= count
    for row, points in enumerate(runs):
        for column, start in enumerate(found.table.start.tolist()):
            inside = [v for x, v in points.items() if (x == start if found.exact else start <= x < start + found.width)]
            finite = [value for value in inside if np.isfinite(value)]
            assert found.table.count[row, column] == len(finite)
            assert found.table.nonfinite[row, column] == len(inside) - len(finite)
            if finite:
                assert (found.table.min[row, column], found.table.max[row, column]) == (min(finite), max(finite))
                np.testing.assert_allclose(found.table.mean[row, column], np.mean(finite), rtol=1e-9, atol=1e-6)
            else:
                assert np.isnan(found.table.mean[row, column])


def test_a_spark_has_at_most_40_buckets() -> None:
    assert spark(run(m={0: 0.123456, 5: NAN, 7: 3}).metrics["m"]) == (0.1235, None, 3.0)
    long = spark(run(m={step: step for step in range(1000)}).metrics["m"])
    assert len(long) == 32
    assert long[:2] == (15.5, 47.5)
    holes = spark(run(m={step: 1 for step in range(1000) if step < 100 or step > 900}).metrics["m"])
    assert holes[10] is None


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("val/acc", "val"),
        ("train/loss/x", "train"),
        ("val_loss", "val"),
        ("lr", ""),
        ("valence", ""),
        ("test.f1", "test"),
    ],
)
def test_groups(name: str, of: str) -> None:
    assert group(name) == of


def test_losses_go_down() -> None:
    assert [goal(name) for name in ("val/loss", "val/acc", "lossless")] == ["min", "max", "max"]


def test_a_table_has_a_row_for_each_curve() -> None:
    (found,) = charts({place: run(m={place: place}) for place in range(5)}, 3, None)
    assert isinstance(found.table, Table)
    assert found.table.mean.shape == (len(found.of), len(found.table.x))
