"""Chunks: what a chart loses by them, and what it may not lose."""

from __future__ import annotations

import base64
import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spt_cli.render.chunks import chunk, read_chunk
from spt_cli.report import Metric, RunCurve, Table

NAN, INF = float("nan"), float("inf")
FLOAT = float(np.finfo(np.float32).max)
LARGEST_MEAN, LARGEST_REACH = 3.402e38, 3.29e38  # float32 with 12 bits, and with 4


def metric(table: Table, *, exact: bool = False) -> Metric:
    """A metric of *table*, with the flags that its numbers ask for."""
    return Metric(
        name="m",
        group="",
        goal="max",
        axis="step",
        exact=exact,
        width=0.0 if exact else 1.0,
        points=0,
        band=bool((table.max > table.min).any()),
        counts=bool((table.count > 1).any()),
        nonfinites=bool(table.nonfinite.any()),
        of=tuple(RunCurve(0, run=row) for row in range(len(table.mean))),
        table=table,
    )


def there_and_back(packed: Metric) -> Table:
    rows, buckets = packed.table.mean.shape
    flags = {name: getattr(packed, name) for name in ("exact", "band", "counts", "nonfinites")}
    return read_chunk(chunk(packed), rows, buckets, **flags)


def table(mean: list[float], low: list[float] | None = None, high: list[float] | None = None, count: int = 2) -> Table:
    """One run in unit buckets from 0."""
    x = np.arange(len(mean), dtype=float)
    means = np.array([mean])
    counts = np.where(np.isnan(means), 0, count)
    low, high = low or mean, high or mean
    return Table(x + 0.5, x, means, np.array([low]), np.array([high]), counts, np.zeros_like(counts))


@st.composite
def tables(draw: st.DrawFn) -> tuple[Table, bool]:
    """Any table, and whether it is exact."""
    rows, buckets = draw(st.integers(1, 3)), draw(st.integers(0, 4))
    size = rows * buckets
    numbers = draw(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3 * size, max_size=3 * size))
    low, mean, high = np.sort(np.array(numbers).reshape(3, rows, buckets), axis=0)
    filled = np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size)), bool).reshape(rows, buckets)
    low[~filled] = mean[~filled] = high[~filled] = NAN
    nonfinite = np.full((rows, buckets), draw(st.sampled_from([0, 1, 300])))
    x = np.cumsum(np.ones(buckets))
    exact = draw(st.booleans())
    count = filled * draw(st.sampled_from([1, 2, 70_000]))
    return Table(x, x if exact else x - 0.5, mean, low, high, count, nonfinite), exact


@given(tables())
@settings(max_examples=100, deadline=None)
def test_a_table_comes_back_rounded(made: tuple[Table, bool]) -> None:
    given_, exact = made
    found = there_and_back(metric(given_, exact=exact))
    assert (found.x.tolist(), found.start.tolist()) == (given_.x.tolist(), given_.start.tolist())
    assert (found.count == np.minimum(given_.count, 65_535)).all()
    assert (found.nonfinite == np.minimum(given_.nonfinite, 255)).all()
    filled = ~np.isnan(given_.mean)
    assert (np.isnan(found.mean) == ~filled).all()
    drawn = filled & (np.abs(given_.mean) < LARGEST_MEAN)
    np.testing.assert_allclose(found.mean[drawn], given_.mean[drawn], rtol=0.000123, atol=1e-41)


@given(tables())
@settings(max_examples=100, deadline=None)
def test_a_band_is_never_narrower_than_the_truth_and_hardly_wider(made: tuple[Table, bool]) -> None:
    given_, exact = made
    packed = metric(given_, exact=exact)
    if not packed.band:
        return
    found = there_and_back(packed)
    low, high = (np.clip(ends, -FLOAT, FLOAT) for ends in (given_.min, given_.max))
    several = given_.min < given_.max
    for rounded, true, mean in ((found.max, high, found.mean), (-found.min, -low, -found.mean)):
        known = several & (true - mean < LARGEST_REACH)
        assert (rounded[known] >= true[known]).all()
        slack = np.maximum(np.abs(true), np.abs(mean)) / 2**23 + np.maximum(true - mean, 0) / 16 + 1e-38
        assert (rounded - np.maximum(true, mean) <= slack)[known].all()
        np.testing.assert_array_equal(rounded[~several], mean[~several])
        assert (np.isnan(rounded) == np.isnan(true)).all()
        assert (np.abs(rounded[~np.isnan(true)]) <= FLOAT).all()


def test_a_narrow_band_far_from_zero_stays_narrow() -> None:
    """Six bits of min and max themselves made of 0.95 ± 0.001 a band from 0.9375 to 0.953."""
    found = there_and_back(metric(table([0.95], [0.949], [0.951])))
    assert 0.9488 < found.min[0, 0] <= 0.949
    assert 0.951 <= found.max[0, 0] < 0.9512


def test_nan_and_infinities_survive() -> None:
    found = there_and_back(metric(table([NAN, INF, -INF, 1.0], [NAN, -INF, -INF, 0.0], [NAN, INF, INF, 1.0])))
    np.testing.assert_array_equal(found.mean, [[NAN, INF, -INF, 1.0]])
    np.testing.assert_array_equal(np.isnan(found.min), [[True, False, False, False]])
    assert (found.min[0, 3], found.max[0, 3]) == (-1 / 16, 1)


def test_what_no_float32_holds_stays_a_number() -> None:
    found = there_and_back(metric(table([1e300, -1e300], [-1e300, -1e300], [1e300, 1e300])))
    assert np.isfinite(found.mean).all()
    assert np.isfinite(found.max).all()
    assert (found.mean > 3e38).tolist() == [[True, False]]


def test_numbers_of_few_bits_come_back_as_they_were() -> None:
    values = [0.0, 0.5, -0.75, 1.0, 63.0, 127.0, 2.0**100, -(2.0**-100)]
    found = there_and_back(metric(table(values, [value - abs(value) / 2 for value in values], values)))
    assert found.mean.tolist() == [values]
    np.testing.assert_allclose(found.max, [values], rtol=1e-6)


def test_means_between_two_numbers_go_to_the_even_one() -> None:
    found = there_and_back(metric(table([1 + 2**-13, 1 + 3 * 2**-13, -1 - 2**-13, 1 + 2**-13 + 2**-20])))
    assert found.mean.tolist() == [[1.0, 1 + 2**-11, -1.0, 1 + 2**-12]]


def test_planes_that_say_nothing_are_left_out() -> None:
    alone = metric(table([1.0, NAN, 3.0], count=1), exact=True)
    size = len(gzip.decompress(base64.b64decode(chunk(alone))))
    assert size == 3 * 8 + 3 * 4
    found = there_and_back(alone)
    assert found.count.tolist() == [[1, 0, 1]]
    np.testing.assert_array_equal(found.min, found.mean)


def test_bytes_are_shuffled_and_little_endian() -> None:
    data = gzip.decompress(base64.b64decode(chunk(metric(table([1.0, 2.0], count=1), exact=True))))
    x, mean = data[:16], data[16:]
    assert np.frombuffer(bytes(x[place // 8 + place % 8 * 2] for place in range(16)), "<f8").tolist() == [0.5, 1.5]
    assert np.frombuffer(bytes(mean[place // 4 + place % 4 * 2] for place in range(8)), "<f4").tolist() == [1.0, 2.0]


def test_the_same_table_gives_the_same_text() -> None:
    one = metric(table([1.0, 2.0, NAN]))
    assert chunk(one) == chunk(one)
    assert base64.b64decode(chunk(one))[4:8] == b"\0\0\0\0"  # gzip's time


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no base64!",
        base64.b64encode(b"no gzip").decode(),
        base64.b64encode(gzip.compress(b"short", mtime=0)).decode(),
    ],
)
def test_other_text_is_no_chunk(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - zlib, base64 and we say it in different words
        read_chunk(text, 1, 2, exact=True, band=False, counts=False, nonfinites=False)


def test_a_chunk_of_another_shape_is_refused() -> None:
    text = chunk(metric(table([1.0, 2.0], count=1), exact=True))
    flags = {"exact": True, "band": False, "counts": False, "nonfinites": False}
    assert read_chunk(text, 1, 2, **flags).mean.tolist() == [[1.0, 2.0]]
    for rows, buckets in ((1, 1), (2, 2), (1, 3)):
        with pytest.raises(ValueError, match=r"another shape|longer"):
            read_chunk(text, rows, buckets, **flags)


def test_what_follows_a_chunk_is_refused() -> None:
    text = chunk(metric(table([1.0, 2.0], count=1), exact=True))
    more = base64.b64encode(base64.b64decode(text) + b"more").decode()
    with pytest.raises(ValueError, match="longer"):
        read_chunk(more, 1, 2, exact=True, band=False, counts=False, nonfinites=False)


def test_no_more_is_unpacked_than_was_asked_for() -> None:
    bomb = base64.b64encode(gzip.compress(bytes(50_000_000))).decode()
    with pytest.raises(ValueError, match="longer"):
        read_chunk(bomb, 1, 2, exact=True, band=False, counts=False, nonfinites=False)
