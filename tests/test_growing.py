"""Small curves that grow with their run."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spt_cli.metrics.growing import Curve, before, grown
from spt_cli.model import Series


def series(points: Sequence[tuple[float, float]]) -> Series:
    step, value = (np.array([point[axis] for point in points], dtype=float) for axis in (0, 1))
    return Series(step, np.full(len(points), np.nan), value, np.arange(len(points)))


def curve_of(*points: tuple[float, float], most: int = 256) -> Curve:
    found = grown(None, series(points), most)
    assert found is not None
    return found


def test_few_points_stand_as_they_are() -> None:
    assert curve_of((0, 1.0), (10, 3.0), (20, 2.0)).means == [1.0, 3.0, 2.0]


def test_many_points_are_means_of_buckets() -> None:
    assert curve_of(*((step, float(step)) for step in range(100)), most=4).means == [15.5, 47.5, 79.5, 97.5]


def test_a_bucket_with_a_nan_is_a_gap() -> None:
    means = curve_of((0, 1.0), (1, math.nan), (2, 3.0), (3, math.inf)).means
    assert [means[0], means[2]] == [1.0, 3.0]
    assert math.isnan(means[1])
    assert math.isnan(means[3])


def test_points_without_a_step_and_an_epoch_are_left_out() -> None:
    assert grown(None, series([(math.nan, 1.0), (math.inf, 2.0)])) is None
    curve = curve_of((0, 1.0))
    assert grown(curve, series([(math.nan, 5.0)])) is curve


def test_what_a_later_attempt_logs_again_goes() -> None:
    curve = curve_of((0, 1.0), (10, 2.0), (20, 3.0))
    kept = before(curve, 10.0)
    assert kept is not None
    assert kept.means == [1.0]
    assert before(curve, 0.0) is None
    alone = curve_of((0, 1.0))
    assert before(alone, 1e6) is not None
    assert before(alone, 0.0) is None
    assert before(alone, -1e6) is None


_numbers = st.floats(-1e6, 1e6) | st.sampled_from([math.nan, math.inf])
_points = st.lists(st.tuples(st.integers(-50, 10_000).map(float), _numbers), min_size=1, max_size=60)


@given(_points, st.integers(0, 60))
@example([(0.0, 0.0), (1.0, 0.0)], 1)
@settings(max_examples=200, deadline=None)
def test_how_points_are_divided_over_looks_makes_no_difference(points: list[tuple[float, float]], cut: int) -> None:
    whole = grown(None, series(points), 8)
    parts: Curve | None = None
    for some in (points[:cut], points[cut:]):
        parts = grown(parts, series(some), 8) if some else parts
    assert whole is not None
    assert parts is not None
    assert (parts.exponent, parts.at.tolist(), parts.count.tolist(), parts.bad.tolist()) == (
        whole.exponent,
        whole.at.tolist(),
        whole.count.tolist(),
        whole.bad.tolist(),
    )
    assert parts.total.tolist() == pytest.approx(whole.total.tolist(), abs=1e-6)
    assert len(parts.at) <= 8


def test_a_curve_of_a_whole_day_stays_small() -> None:
    curve: Curve | None = None
    for start in range(0, 100_000, 1000):
        curve = grown(curve, series([(float(step), 1.0) for step in range(start, start + 1000, 10)]))
    assert curve is not None
    assert 128 <= len(curve.at) <= 256
    assert set(curve.means) == {1.0}
