"""The curves of one metric as text for a page, and the way back (docs/page-data.md, "A chunk").

Numbers are rounded to the bits that a chart shows and their bytes are shuffled, which gzip likes.
"""

from __future__ import annotations

import base64
import gzip
import math
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

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
    planes.append(_nearest(table.mean))
    if metric.band:
        planes += [-_upwards(-table.min), _upwards(table.max)]
    if metric.counts:
        planes.append(np.minimum(table.count, _MOST).astype("<u2"))
    if metric.nonfinites:
        planes.append(np.minimum(table.nonfinite, 0xFF).astype("u1"))
    packed = gzip.compress(b"".join(map(_shuffled, planes)), compresslevel=6, mtime=0)
    return base64.b64encode(packed).decode()


def read_chunk(text: str, rows: int, buckets: int, *, exact: bool, band: bool, counts: bool, nonfinites: bool) -> Table:
    """The table that `chunk` packed, with its rounded numbers; what was left out is filled in.

    Raises ValueError when *text* is no chunk of *rows* x *buckets* with these planes.
    """
    shape = rows, buckets
    kinds: list[tuple[str, tuple[int, ...]]] = [("<f8", (buckets,))] * (1 if exact else 2) + [("<f4", shape)] * (
        3 if band else 1
    )
    kinds += [("<u2", shape)] * counts + [("u1", shape)] * nonfinites
    size = sum(np.dtype(kind).itemsize * math.prod(form) for kind, form in kinds)
    planes = [part.astype(float) for part in _unshuffled(_unpacked(text, size), kinds)]
    x = planes.pop(0)
    start = x if exact else planes.pop(0)
    mean = planes.pop(0)
    low, high = (planes.pop(0), planes.pop(0)) if band else (mean, mean)
    count = planes.pop(0) if counts else ~np.isnan(mean)
    nonfinite = planes.pop(0) if nonfinites else np.zeros(shape)
    return Table(x, start, mean, low, high, count.astype(int), nonfinite.astype(int))


_MOST = 0xFFFF  # values that a bucket can say it holds
_MEAN, _BAND = 12, 6  # bits of the mantissa that are kept, of the 23 of a float32


def _nearest(values: Floats) -> Singles:
    """*values* to 12 bits, ties to even."""
    dropped = np.uint32(23 - _MEAN)
    bits = _within(values, dropped).astype(np.float32).view(np.uint32)
    half = (np.uint32(1) << (dropped - np.uint32(1))) - np.uint32(1)
    return _finished((bits + half + ((bits >> dropped) & np.uint32(1))) >> dropped << dropped, values)


def _upwards(values: Floats) -> Singles:
    """*values* to 6 bits, none lower than it was."""
    dropped = np.uint32(23 - _BAND)
    held = _within(values, dropped)
    single = held.astype(np.float32)
    single = np.where(single < held, np.nextafter(single, np.float32(np.inf)), single)
    up = np.where(single > 0, (np.uint32(1) << dropped) - np.uint32(1), np.uint32(0))  # a negative one loses bits
    return _finished((single.view(np.uint32) + up) >> dropped << dropped, values)


def _within(values: Floats, dropped: np.uint32) -> Floats:
    """*values*, none beyond the largest float32 with nothing in the *dropped* bits: rounding makes no infinities."""
    largest = float((np.uint32(0x7F7FFFFF) >> dropped << dropped).view(np.float32))
    within: Floats = np.clip(values, -largest, largest)
    return within


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


def _unpacked(text: str, size: int) -> bytes:
    """The *size* bytes that *text* holds; no more than that is ever unpacked."""
    unpacking = zlib.decompressobj(wbits=31)  # gzip
    try:
        data = unpacking.decompress(base64.b64decode(text, validate=True), size + 1)
    except zlib.error as error:
        raise ValueError(f"no curves: {error}") from error
    if len(data) != size or not unpacking.eof or unpacking.unused_data:
        raise ValueError("curves of another shape")
    return data
