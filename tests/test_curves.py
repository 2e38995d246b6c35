"""Curves: what a bucket holds, and that no point is lost or made up."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spt_cli.metrics.curves import Curve, buckets, curve, grid, positions
from spt_cli.model import Series

NAN, INF = float("nan"), float("inf")


def series(step: list[float], value: list[float], epoch: list[float] | None = None) -> Series:
    steps = np.array(step, float)
    epochs = np.full(len(step), NAN) if epoch is None else np.array(epoch, float)
    return Series(steps, epochs, np.array(value, float), np.arange(len(step)))


def rows(found: Curve) -> list[tuple[int, float, float, float, int]]:
    """Buckets that hold something."""
    columns = (found.count, found.mean, found.min, found.max, found.nonfinite)
    return [row for row in zip(*(column.tolist() for column in columns), strict=True) if row[0] + row[4]]


def test_points_stay_as_they_are_where_there_are_no_more_than_buckets() -> None:
    found = buckets([series([0, 5, 7], [1, 9, 2])], 3)
    assert found.grid.exact
    assert found.grid.x.tolist() == [0, 5, 7]
    assert rows(found.curves[0]) == [(1, 1, 1, 1, 0), (1, 9, 9, 9, 0), (1, 2, 2, 2, 0)]


def test_more_points_fall_into_buckets_of_equal_width() -> None:
    found = buckets([series([0, 1, 2, 3, 9], [1, 2, 3, 6, 5])], 3)
    assert not found.grid.exact
    np.testing.assert_allclose(found.grid.start, [0, 3, 6])
    np.testing.assert_allclose(found.grid.x, [1.5, 4.5, 7.5])
    assert rows(found.curves[0]) == [(3, 2, 1, 3, 0), (1, 6, 6, 6, 0), (1, 5, 5, 5, 0)]


def test_two_hundred_buckets_by_default() -> None:
    assert len(buckets([series(list(range(1000)), [0.0] * 1000)]).grid.x) == 200


def test_an_empty_bucket_holds_no_number() -> None:
    found = buckets([series([0, 1, 9], [1, 2, 3])], 2).curves[0]
    far = buckets([series([0, 1, 2, 9], [1, 2, 3, 4])], 3).curves[0]
    assert far.count.tolist() == [3, 0, 1]
    assert np.isnan([far.mean[1], far.min[1], far.max[1]]).all()
    assert found.count.sum() == 3


def test_a_spike_shows_in_the_band() -> None:
    values = np.ones(100_000)
    values[41_234] = 1e6
    values[77_777] = -1e6
    found = buckets([series(list(range(100_000)), values.tolist())]).curves[0]
    assert (np.nanmin(found.min), np.nanmax(found.max)) == (-1e6, 1e6)
    assert (found.max == 1e6).sum() == 1


def test_a_mean_is_the_mean() -> None:
    values = np.random.default_rng(0).lognormal(sigma=2, size=10_000)
    found = buckets([series(list(range(10_000)), values.tolist())], 100).curves[0]
    np.testing.assert_allclose(found.mean, values.reshape(100, 100).mean(axis=1), rtol=1e-12)


def test_nan_and_infinities_are_counted_apart() -> None:
    found = buckets([series([0, 0, 0, 1, 1], [1, NAN, 3, INF, -INF])])
    assert found.curves[0].count.tolist() == [2, 0]
    assert found.curves[0].nonfinite.tolist() == [1, 2]
    assert found.curves[0].mean[0] == 2
    assert np.isnan(found.curves[0].mean[1])


def test_points_of_one_x_share_a_bucket_however_few() -> None:
    assert rows(buckets([series([3, 3, 3], [1, 2, 6])], 1).curves[0]) == [(3, 3, 1, 6, 0)]


def test_runs_of_a_chart_share_the_grid() -> None:
    """The one that stopped early is no better resolved than the other."""
    found = buckets([series(list(range(100)), [1.0] * 100), series([0, 1, 2], [5, 6, 7])], 10)
    assert not found.grid.exact
    assert rows(found.curves[1]) == [(3, 6, 5, 7, 0)]


def test_runs_with_few_x_between_them_are_exact() -> None:
    found = buckets([series([0, 2], [1, 2]), series([1, 2], [3, 4])], 3)
    assert found.grid.exact
    assert found.grid.x.tolist() == [0, 1, 2]
    assert [one.count.tolist() for one in found.curves] == [[1, 0, 1], [0, 1, 1]]


def test_a_range_has_buckets_of_its_own() -> None:
    found = buckets([series(list(range(1000)), list(range(1000)))], 10, low=100, high=109)
    assert found.grid.exact
    assert found.curves[0].mean.tolist() == list(range(100, 110))


@pytest.mark.parametrize("given", [[], [series([], [])], [series([NAN, INF, -INF], [1, 2, 3])]])
def test_no_x_is_no_bucket(given: list[Series]) -> None:
    found = buckets(given)
    assert len(found.grid.x) == 0
    assert [rows(one) for one in found.curves] == [[]] * len(given)


def test_points_without_x_are_left_out() -> None:
    assert buckets([series([0, NAN, INF, 1], [1, 2, 3, 4])]).curves[0].mean.tolist() == [1, 4]


def test_a_point_without_step_stands_at_its_epoch() -> None:
    points = series([10, NAN, NAN], [1, 2, 3], [0, 2, NAN])
    np.testing.assert_array_equal(positions(points), [10, 2, NAN])


def test_x_may_be_the_epoch() -> None:
    points = series([10, 20, 30], [1, 3, 5], [0, 0, NAN])
    assert rows(buckets([points], x="epoch").curves[0]) == [(2, 2, 1, 3, 0)]


def test_values_near_the_end_of_floats_have_a_mean() -> None:
    assert rows(buckets([series([0, 0], [1.7e308, 1.7e308])]).curves[0]) == [(2, 1.7e308, 1.7e308, 1.7e308, 0)]


def test_steps_near_the_end_of_floats_have_buckets() -> None:
    found = buckets([series([-1.7e308, 0, 1, 1.7e308], [1, 2, 3, 4])], 2)
    assert found.curves[0].count.tolist() == [1, 3]
    assert np.isfinite(buckets([series([1.5e308, 1.6e308, 1.7e308], [1, 2, 3])], 2).grid.x).all()


_numbers = st.floats(width=32) | st.integers(-3, 3).map(float)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.tuples(_numbers, st.floats()), max_size=30), max_size=3), st.integers(1, 12))
def test_every_point_with_an_x_is_in_one_bucket(runs: list[list[tuple[float, float]]], count: int) -> None:
    given = [series([x for x, _ in run], [y for _, y in run]) for run in runs]
    found = buckets(given, count)
    assert len(found.grid.x) <= count
    assert found.grid.exact or len(found.grid.x) == count
    for points, one in zip(given, found.curves, strict=True):
        values = points.value[np.isfinite(points.step)]
        finite = values[np.isfinite(values)]
        filled = one.count > 0
        assert one.count.sum() == len(finite)
        assert one.nonfinite.sum() == len(values) - len(finite)
        assert (one.min[filled] <= one.mean[filled]).all()
        assert (one.mean[filled] <= one.max[filled]).all()
        assert np.isnan(one.mean[~filled]).all()
        if len(finite):
            assert (one.min[filled].min(), one.max[filled].max()) == (finite.min(), finite.max())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-100, 100)), min_size=1, max_size=60), st.integers(1, 12))
def test_a_bucket_holds_the_points_between_its_edges(points: list[tuple[int, int]], count: int) -> None:
    found = buckets([series([x for x, _ in points], [y for _, y in points])], count)
    edges = [*found.grid.start.tolist(), INF]
    for index, (low, high) in enumerate(pairwise(edges)):
        inside = [y for x, y in points if low <= x < high]
        assert found.curves[0].count[index] == len(inside)
        if inside:
            assert found.curves[0].mean[index] == pytest.approx(np.mean(inside))
            assert (found.curves[0].min[index], found.curves[0].max[index]) == (min(inside), max(inside))


def test_runs_can_be_read_one_after_the_other() -> None:
    """Grid and curve apart, for more runs than fit in memory, are buckets."""
    runs = [series(list(range(50)), [float(n)] * 50) for n in range(3)]
    shared = grid(iter(runs), 10)
    assert [rows(curve(run, shared)) for run in runs] == [rows(one) for one in buckets(runs, 10).curves]
