"""A small curve that grows with its run: one metric in a few buckets of steps, however many points come."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from spt_cli.metrics.curves import aligned, bucket, positions
from spt_cli.model import Series

if TYPE_CHECKING:
    from spt_cli.model import Floats, Ints

BUCKETS = 256  # of a curve, at most


class Curve(Struct, frozen=True, eq=False):
    """The buckets that hold a point, in the order of their steps: arrays of one length."""

    exponent: int  # of the buckets' width 2**exponent
    at: Floats  # their numbers, as of curves.bucket
    total: Floats  # of the finite values
    count: Ints  # of finite values
    bad: Ints  # NaN and infinities

    @property
    def means(self) -> list[float]:
        """The mean of each bucket; NaN where it holds a value that is not finite."""
        whole = (self.bad == 0) & (self.count > 0)
        means: list[float] = np.where(whole, self.total / np.maximum(self.count, 1), math.nan).tolist()
        return means


def grown(curve: Curve | None, points: Series, most: int = BUCKETS) -> Curve | None:
    """*curve*, None where there is none yet, with *points*, those that have an x, in at most *most* buckets.

    How the points of a metric are divided over calls makes no difference, but for the last bits of sums.
    """
    x = positions(points)
    known = np.isfinite(x)
    if not known.any():
        return curve
    x, values = x[known], points.value[known]
    finite = np.isfinite(values)
    ends = [float(x.min()), float(x.max())]
    if curve is not None:
        ends += [math.ldexp(float(curve.at[0]), curve.exponent), math.ldexp(float(curve.at[-1]), curve.exponent)]
    low, high = min(ends), max(ends)
    narrow = aligned(low, high, most) if low < high else _narrowest(low)
    exponent = max(narrow, curve.exponent if curve is not None else narrow)
    good = finite.astype(np.int64)
    numbers: Floats = np.where(finite, values, 0.0)
    parts = Curve(exponent, bucket(x, exponent), numbers, good, 1 - good)
    if curve is not None:
        parts = _joined(_wider(curve, exponent), parts)
    at, of = np.unique(parts.at, return_inverse=True)
    total, count, bad = (_summed(part, of, len(at)) for part in (parts.total, parts.count, parts.bad))
    return Curve(exponent, at, total, count.astype(np.int64), bad.astype(np.int64))


def before(curve: Curve, step: float) -> Curve | None:
    """*curve* without the buckets from *step* on: a later attempt logs them again. None when nothing is left."""
    with np.errstate(over="ignore"):  # a curve of one narrow bucket: *step* is then far above or below it
        kept = curve.at < np.floor(np.ldexp(step, -curve.exponent))
    if not kept.any():
        return None
    return Curve(curve.exponent, curve.at[kept], curve.total[kept], curve.count[kept], curve.bad[kept])


def _narrowest(x: float) -> int:
    """The least exponent whose buckets have numbers at *x*: any points that come later make the buckets wider."""
    return max(math.frexp(x)[1] - 1023, -1074)


def _wider(curve: Curve, exponent: int) -> Curve:
    """*curve* with the numbers that its buckets have among those of another width; several may share one."""
    return Curve(exponent, bucket(curve.at, exponent - curve.exponent), curve.total, curve.count, curve.bad)


def _joined(one: Curve, other: Curve) -> Curve:
    return Curve(
        one.exponent,
        np.concatenate([one.at, other.at]),
        np.concatenate([one.total, other.total]),
        np.concatenate([one.count, other.count]),
        np.concatenate([one.bad, other.bad]),
    )


def _summed(values: Floats | Ints, of: Ints, size: int) -> Floats:
    """The sum of *values* for each of *size* places, *of* which they are."""
    with np.errstate(over="ignore"):  # infinite, as a mean of such values may be
        return np.bincount(of, values.astype(np.float64), minlength=size).astype(np.float64)
