"""The curves of one metric as text for a page, and the way back (docs/page-data.md, "A chunk").

Numbers are rounded to the bits that a chart shows and their bytes are shuffled, which gzip likes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from spt_cli.exported.packing import packed, unpacked
from spt_cli.report import Metric, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spt_cli.model import Floats

    Singles = NDArray[np.float32]
    Bits = NDArray[np.uint32]


def chunk(metric: Metric) -> str:
    """The table of *metric*, in base64."""
    table = metric.table
    planes: list[NDArray[Any]] = [table.x.astype("<f8")]
    if not metric.exact:
        planes.append(table.start.astype("<f8"))
    mean = _nearest(table.mean)
    planes.append(mean)
    if metric.band:
        planes += [_reach(mean, -1, table.min, table.max), _reach(mean, 1, table.max, table.min)]
    if metric.counts:
        planes.append(np.minimum(table.count, _MOST).astype("<u2"))
    if metric.nonfinites:
        planes.append(np.minimum(table.nonfinite, 0xFF).astype("u1"))
    return packed(b"".join(map(_shuffled, planes)))


def read_chunk(text: str, rows: int, buckets: int, *, exact: bool, band: bool, counts: bool, nonfinites: bool) -> Table:
    """The table that `chunk` packed, with its rounded numbers; what was left out is filled in.

    Raises ValueError when *text* is no chunk of *rows* x *buckets* with these planes.
    """
    shape = rows, buckets
    kinds: list[tuple[str, tuple[int, ...]]] = [("<f8", (buckets,))] * (1 if exact else 2) + [("<f4", shape)]
    kinds += [("<u2", shape)] * (2 * band + counts) + [("u1", shape)] * nonfinites
    size = sum(np.dtype(kind).itemsize * math.prod(form) for kind, form in kinds)
    data = unpacked(text, size)
    if len(data) < size:
        raise ValueError("curves of another shape")
    planes = list(_unshuffled(data, kinds))
    x = planes.pop(0).astype(float)
    start = x if exact else planes.pop(0).astype(float)
    mean = planes.pop(0).astype(float)
    low, high = (_reached(mean, sign, planes.pop(0)) for sign in (-1, 1)) if band else (mean, mean)
    count = planes.pop(0) if counts else ~np.isnan(mean)
    nonfinite = planes.pop(0) if nonfinites else np.zeros(shape)
    return Table(x, start, mean, low, high, count.astype(int), nonfinite.astype(int))


_MOST = 0xFFFF  # values that a bucket can say it holds
_LARGEST = float(np.finfo(np.float32).max)
_MEAN, _REACH = 12, 4  # bits of the mantissa that are kept, of the 23 of a float32
_DROPPED = np.uint32(23 - _REACH)


def _nearest(values: Floats) -> Singles:
    """*values* to 12 bits, ties to even."""
    dropped = np.uint32(23 - _MEAN)
    bits = _within(values, dropped).astype(np.float32).view(np.uint32)
    half = (np.uint32(1) << (dropped - np.uint32(1))) - np.uint32(1)
    return _finished((bits + half + ((bits >> dropped) & np.uint32(1))) >> dropped << dropped, values)


def _reach(mean: Singles, sign: int, end: Floats, other: Floats) -> NDArray[np.uint16]:
    """How far *end*, min or max, lies from *mean* on the side of *sign*: upper bits of a float32, rounded up.

    0 where the bucket holds one value only, and it is the mean. An *end* that is reckoned from *mean* in float32 is
    still outside, so half of the least bit that it has is added.
    """
    wide = np.isfinite(mean) & (end != other)
    near, held = np.where(wide, mean, 0).astype(float), np.clip(np.where(wide, end, 0), -_LARGEST, _LARGEST)
    slack = np.maximum(np.abs(near), np.abs(held)) * 2.0**-24
    away = np.where(held == near, 0, np.clip(sign * (held - near) + slack, 0, _largest(_DROPPED)))
    single = away.astype(np.float32)
    single = np.where(single < away, np.nextafter(single, np.float32(np.inf)), single)
    bits: NDArray[np.uint16] = ((single.view(np.uint32) + ((1 << _DROPPED) - 1)) >> _DROPPED).astype("<u2")
    return bits


def _reached(mean: Floats, sign: int, bits: NDArray[Any]) -> Floats:
    """The min or max that `_reach` gave."""
    away = (bits.astype(np.uint32) << _DROPPED).view(np.float32).astype(float)
    return np.where(np.isfinite(mean), np.clip(mean + sign * away, -_LARGEST, _LARGEST), mean)


def _within(values: Floats, dropped: np.uint32) -> Floats:
    """*values*, none beyond the largest float32 with nothing in the *dropped* bits: rounding makes no infinities."""
    largest = _largest(dropped)
    within: Floats = np.clip(values, -largest, largest)
    return within


def _largest(dropped: np.uint32) -> float:
    return float((np.uint32(0x7F7FFFFF) >> dropped << dropped).view(np.float32))


def _finished(bits: Bits, values: Floats) -> Singles:
    """The numbers of *bits*, with the NaN and infinities of *values*."""
    return np.where(np.isfinite(values), bits.view(np.float32), values).astype("<f4")


def _shuffled(plane: NDArray[Any]) -> bytes:
    """The bytes of *plane*: the lowest of each element, then the next of each."""
    return plane.ravel().view(np.uint8).reshape(-1, plane.itemsize).T.tobytes()


def _unshuffled(data: bytes, kinds: list[tuple[str, tuple[int, ...]]]) -> Iterator[NDArray[Any]]:
    """The planes of *kinds*, of which *data* holds just as many bytes."""
    place = 0
    for kind, shape in kinds:
        width, end = np.dtype(kind).itemsize, place + np.dtype(kind).itemsize * math.prod(shape)
        plane = np.frombuffer(data[place:end], np.uint8).reshape(width, -1).T
        yield np.ascontiguousarray(plane).view(kind).reshape(shape)
        place = end
