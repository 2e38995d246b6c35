"""A run by itself: what its curves hold, and that they fit those of other runs."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spt_cli.metrics.curves import aligned, bucket
from spt_cli.metrics.packed import packed, unpacked
from spt_cli.metrics.reduce import EPOCHS, Parts, Reduced, reduce
from spt_cli.model import Known, Series

NAN, INF = float("nan"), float("inf")


def series(step: list[float], value: list[float], epoch: list[float] | None = None) -> Series:
    steps = np.array(step, float)
    epochs = np.full(len(step), NAN) if epoch is None else np.array(epoch, float)
    return Series(steps, epochs, np.array(value, float), np.arange(len(step)))


def columns(parts: Parts) -> list[list[float]]:
    return [getattr(parts, name).tolist() for name in ("at", "mean", "min", "max", "count", "nonfinite")]


def one(step: list[float], value: list[float], count: int = 200, epoch: list[float] | None = None) -> Reduced:
    return reduce({"m": series(step, value, epoch)}, count).metrics["m"]


def test_few_points_stay_as_they_are() -> None:
    found = one([0, 5, 7], [1, 9, 2], 3)
    assert (found.exponent, found.low, found.high) == (None, 0, 7)
    assert columns(found.parts) == [[0, 5, 7], [1, 9, 2], [1, 9, 2], [1, 9, 2], [1, 1, 1], [0, 0, 0]]


def test_more_points_fall_into_buckets_of_a_power_of_two() -> None:
    found = one([10, 11, 12, 13, 19], [1, 2, 3, 6, 5], 3)
    assert found.exponent == 2  # 8 to 12, 12 to 16, 16 to 20
    assert columns(found.parts) == [[2, 3, 4], [1.5, 4.5, 5], [1, 3, 5], [2, 6, 5], [2, 2, 1], [0, 0, 0]]


def test_buckets_without_a_point_are_left_out() -> None:
    assert one([0, 1, 100, 101], [1, 2, 3, 4], 3).parts.at.tolist() == [0, 1]


def test_points_of_one_x_share_a_bucket() -> None:
    found = one([0, 0, 1], [1, 3, 5])
    assert columns(found.parts) == [[0, 1], [2, 5], [1, 5], [3, 5], [2, 1], [0, 0]]


def test_minus_zero_is_zero() -> None:
    assert str(one([-0.0, 0.0], [1, 3]).parts.at.tolist()) == "[0.0]"


def test_nan_and_infinities_are_counted_apart() -> None:
    found = one([0, 0, 1, 2, 2], [NAN, 3, INF, 4, -INF])
    assert found.parts.count.tolist() == [1, 0, 1]
    assert found.parts.nonfinite.tolist() == [1, 1, 1]
    np.testing.assert_array_equal(found.parts.mean, [3, NAN, 4])
    assert found.known == Known(5, 3, 0.0, None, 2.0, 3.0, 0.0, 4.0, 2.0)


def test_nothing_but_nan() -> None:
    found = one([3, 4], [NAN, NAN])
    assert found.known == Known(2, 2, 3.0, None, 4.0, None, None, None, None)
    assert np.isnan(found.parts.mean).all()
    assert np.isnan(found.parts.min).all()


def test_what_is_known_is_exact() -> None:
    values = np.random.default_rng(0).normal(size=10_000)
    found = one(list(range(10_000)), values.tolist()).known
    low, high = int(values.argmin()), int(values.argmax())
    assert found == Known(10_000, 0, None, values[-1], 9999.0, values[low], low, values[high], high)


def test_a_mean_is_the_mean() -> None:
    values = np.random.default_rng(0).lognormal(sigma=2, size=8192)
    found = one(list(range(8192)), values.tolist(), 128).parts
    np.testing.assert_allclose(found.mean, values.reshape(128, 64).mean(axis=1), rtol=1e-12)


def test_a_sum_may_be_more_than_a_float_holds() -> None:
    found = one([0, 0, 0, 1], [1.7e308, 1.7e308, 0.2e308, 1]).parts
    np.testing.assert_allclose(found.mean, [1.2e308, 1])


def test_sums_that_no_float_holds_may_be_of_either_sign() -> None:
    values = np.tile([1.7e308, -1.7e308], 64)  # numpy adds every eighth: infinity meets minus infinity
    np.testing.assert_allclose(one(np.zeros(128).tolist(), values.tolist()).parts.mean, [0], atol=1e295)


def test_steps_may_stand_in_any_order() -> None:
    """As where two metrics of one name are logged with counters of their own."""
    places = Series(np.array([2.0, NAN, INF, 1.0]), np.full(4, NAN), np.array([1.0, 2.0, 3.0, 4.0]), np.arange(4))
    found = reduce({"m": places}, 200).metrics["m"]
    assert columns(found.parts)[:2] == [[1.0], [4.0]]  # step 1 begins another attempt, which replaces step 2
    assert (found.known.count, found.known.last_x) == (2, 1.0)


def test_points_without_a_finite_x_are_in_no_curve() -> None:
    found = one([NAN, INF], [1, 2])
    assert len(found.parts.at) == 0
    assert found.known == Known(2, 0, None, 2.0, None, 1.0, None, 2.0, None)


def test_epochs_stand_in_for_steps() -> None:
    found = one([NAN, NAN], [1, 2], epoch=[0, 1])
    assert (found.stepped, found.parts.at.tolist()) == (False, [0, 1])
    assert one([0, 1], [1, 2], epoch=[0, 1]).stepped


def test_a_requeued_run_is_stitched_and_its_attempts_are_told() -> None:
    found = reduce({"m": series([17, 19, 21, 17, 19, 23], [1, 2, 3, 4, 5, 6])}, 200)
    assert found.attempts == (17, 17)
    assert columns(found.metrics["m"].parts)[:2] == [[17, 19, 23], [4, 5, 6]]


def test_only_what_is_asked_for() -> None:
    """The others still tell where attempts begin."""
    metrics = {"a": series([0, 1, 2], [1, 2, 3]), "b": series([0, 5, 0], [1, 2, 3])}
    found = reduce(metrics, 200, {"a"})
    assert list(found.metrics) == ["a"]
    assert found.attempts == (0, 0)


def test_metrics_of_other_rows_have_other_places() -> None:
    train = Series(np.array([0.0, 1.0, 2.0]), np.full(3, NAN), np.array([1.0, 2.0, 3.0]), np.array([0, 2, 4]))
    val = Series(np.array([0.0, 1.5, 2.0]), np.full(3, NAN), np.array([1.0, 2.0, 3.0]), np.array([0, 3, 4]))
    found = reduce({"train": train, "val": val}, 200).metrics
    assert found["train"].parts.at.tolist() == [0, 1, 2]
    assert found["val"].parts.at.tolist() == [0, 1.5, 2]


def test_epochs_are_told_where_they_change() -> None:
    found = reduce({"m": series([0, 1, 2, 3, 4], [0] * 5, [0, 0, 1, 1, 2])}, 2)
    assert found.epochs == (0, 0, 2, 1, 4, 2)
    assert reduce({"m": series([0, 1], [0, 0])}, 2).epochs == ()


def test_the_epoch_of_a_step_is_the_first_that_is_told() -> None:
    """A validation row bears the step of the last training row."""
    train = Series(np.array([0.0, 1.0]), np.array([0.0, 0.0]), np.zeros(2), np.array([0, 1]))
    val = Series(np.array([1.0]), np.array([1.0]), np.zeros(1), np.array([2]))
    assert reduce({"val": val, "train": train}, 2).epochs == (0, 0)


def test_of_many_epochs_some_are_told() -> None:
    found = reduce({"m": series(list(range(1000)), [0.0] * 1000, list(range(1000)))}, 200).epochs
    assert len(found) == 2 * EPOCHS
    assert found[:2] + found[-2:] == (0, 0, 999, 999)


places = st.floats(-1e6, 1e6).map(lambda x: round(x, 3)) | st.integers(-50, 50).map(float) | st.sampled_from([NAN, INF])
values = st.floats(-1e100, 1e100) | st.sampled_from([NAN, INF, -INF, 0.0, 0.1])


@st.composite
def metrics(draw: st.DrawFn) -> dict[str, Series]:
    """Metrics of a run whose steps do not run backwards."""
    points = draw(st.lists(st.tuples(places, values), min_size=1, max_size=30))
    finite = sorted(point for point in points if math.isfinite(point[0]))
    others = [point for point in points if not math.isfinite(point[0])]
    step, value = zip(*[*finite, *others], strict=True)
    return {"m": series(list(step), list(value)), "n": series(list(step), list(value[::-1]))}


@given(metrics(), st.integers(4, 9))
@settings(max_examples=100, deadline=None)
def test_buckets_hold_all_that_has_an_x(made: dict[str, Series], count: int) -> None:
    for name, found in reduce(made, count).metrics.items():
        points = made[name]
        placed = np.isfinite(points.step)
        finite = np.isfinite(points.value)
        parts = found.parts
        assert parts.count.sum() == (placed & finite).sum()
        assert parts.nonfinite.sum() == (placed & ~finite).sum()
        assert len(parts.at) <= count
        assert (np.diff(parts.at) > 0).all()
        assert (parts.count + parts.nonfinite > 0).all()
        filled = parts.count > 0
        assert (parts.min[filled] <= parts.mean[filled]).all()
        assert (parts.mean[filled] <= parts.max[filled]).all()
        for at, low, high in zip(parts.at[filled], parts.min[filled], parts.max[filled], strict=True):
            x = points.step if found.exponent is None else bucket(points.step[placed], found.exponent)
            held = (points.value if found.exponent is None else points.value[placed])[x == at]
            held = held[np.isfinite(held)]
            assert (held.min(), held.max()) == (low, high)


@given(metrics(), st.integers(2, 9))
@settings(max_examples=100, deadline=None)
def test_a_reduced_run_survives_being_packed(made: dict[str, Series], count: int) -> None:
    run = reduce(made, count)
    again = unpacked(packed(run))
    assert again
    assert repr((again.attempts, again.epochs)) == repr((run.attempts, run.epochs))
    assert list(again.metrics) == list(run.metrics)
    for name, kept in again.metrics.items():
        was = run.metrics[name]
        assert repr((kept.known, kept.stepped, kept.low, kept.exponent)) == repr(
            (was.known, was.stepped, was.low, was.exponent)
        )
        for field in Parts.__struct_fields__:
            np.testing.assert_array_equal(getattr(kept.parts, field), getattr(was.parts, field))


def test_24_metrics_of_200_buckets_take_less_than_100_kb() -> None:
    rng = np.random.default_rng(0)
    steps = np.arange(10_000.0)
    made = {
        f"m{number}": Series(
            steps, steps // 100, rng.normal(size=10_000).astype(np.float32).astype(float), steps.astype(int)
        )
        for number in range(24)
    }
    assert len(packed(reduce(made, 200))) < 100_000


def test_other_bytes_are_no_reduced_run() -> None:
    data = packed(reduce({"m": series([0, 1], [1, 2])}, 200))
    assert unpacked(data)
    for cut in range(len(data)):
        assert unpacked(data[:cut]) is None
    assert unpacked(b"\xc0") is None
    assert unpacked(data.replace(b"<f4", b"|O8")) is None  # no kind of array but ours is ever made


@pytest.mark.parametrize("part", range(6))
def test_arrays_that_do_not_belong_together_are_no_reduced_run(part: int) -> None:
    loose = msgspec.msgpack.decode(packed(reduce({"m": series([0, 1], [1, 2])}, 200)))
    ((*_, arrays),) = loose[0]
    kind, array = arrays[part]
    arrays[part] = [kind, array[: len(array) // 2]]
    assert unpacked(msgspec.msgpack.encode(loose)) is None
    arrays[part] = ["|u1" if kind == "<f4" else "<f4", array * 4]
    assert unpacked(msgspec.msgpack.encode(loose)) is None


@given(st.floats(-1e12, 1e12), st.floats(1e-6, 1e12), st.integers(2, 1000))
@settings(max_examples=100, deadline=None)
def test_aligned_buckets_are_the_narrowest_that_suffice(low: float, length: float, count: int) -> None:
    high = low + length
    exponent = aligned(low, high, count)
    first, last = bucket(np.array([low, high]), exponent)
    assert last - first < count
    first, last = bucket(np.array([low, high]), exponent - 1)
    assert last - first >= count or low == high


@given(
    st.lists(st.floats(-1e9, 1e9).map(lambda x: round(x, 6)), min_size=1, max_size=20),
    st.integers(-20, 20),
    st.integers(0, 40),
)
@settings(max_examples=100, deadline=None)
def test_narrow_buckets_lie_in_wide_ones(x: list[float], narrow: int, more: int) -> None:
    there = np.array(x)
    assert bucket(bucket(there, narrow), more).tolist() == bucket(there, narrow + more).tolist()


def test_the_largest_and_smallest_steps_have_buckets() -> None:
    for low, high in ((-1.7e308, 1.7e308), (0.0, 5e-324), (1e300, 1e300 * (1 + 1e-13)), (-1.0, 1.0)):
        exponent = aligned(low, high, 4)
        first, last = bucket(np.array([low, high]), exponent)
        assert 0 <= last - first < 4


def test_no_metrics() -> None:
    found = reduce({}, 200)
    assert (found.metrics, found.attempts, found.epochs) == ({}, (), ())
