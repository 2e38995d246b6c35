"""A reduced metric of a run that goes on: what came is merged into its buckets, and no point is looked at twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spt_cli.metrics.curves import aligned, bucket
from spt_cli.metrics.reduce import Parts, Reduced
from spt_cli.model import Known

if TYPE_CHECKING:
    from spt_cli.model import Floats


def merged(known: Reduced, more: Reduced, count: int) -> Reduced:
    """One metric of one run whose points are those of both, in at most *count* buckets.

    It is what all of them reduced at once would be, but for the last bits of means; *more* stands behind *known*.
    """
    points = _known(known.known, more.known)
    stepped = known.stepped or more.stepped
    both = [one for one in (known, more) if len(one.parts.at)]
    if len(both) < 2:
        (one,) = both or [known]
        return Reduced(points, stepped, one.low, one.high, one.exponent, one.parts)
    low, high = min(known.low, more.low), max(known.high, more.high)
    exponent = None
    if any(one.exponent is not None for one in both) or len(np.union1d(known.parts.at, more.parts.at)) > count:
        exponent = aligned(low, high, count)
    at = np.concatenate([_at(one, exponent) for one in both])
    order = np.argsort(at, kind="stable")
    columns = (np.concatenate([getattr(one.parts, name) for one in both]) for name in Parts.__struct_fields__[1:])
    return Reduced(points, stepped, low, high, exponent, _parts(at[order], *(column[order] for column in columns)))


def widened(one: Reduced, exponent: int) -> Parts:
    """The parts of *one* in buckets as wide as its own, or wider."""
    parts = one.parts
    columns = (getattr(parts, name) for name in Parts.__struct_fields__[1:])
    return _parts(_at(one, exponent), *columns) if len(parts.at) else parts


def _known(first: Known, then: Known) -> Known:
    """What is exactly known of points that stand one after the other."""
    lower = first.min is None or (then.min is not None and then.min < first.min)
    higher = first.max is None or (then.max is not None and then.max > first.max)
    return Known(
        first.count + then.count,
        first.nonfinite + then.nonfinite,
        first.first_nonfinite if first.nonfinite else then.first_nonfinite,
        then.last,
        then.last_x,
        *((then.min, then.min_x) if lower else (first.min, first.min_x)),
        *((then.max, then.max_x) if higher else (first.max, first.max_x)),
    )


def _at(one: Reduced, exponent: int | None) -> Floats:
    """Where the parts of *one* are in buckets that are as wide as its own, or wider."""
    return one.parts.at if exponent is None else bucket(one.parts.at, exponent - (one.exponent or 0))


def _parts(at: Floats, mean: Floats, low: Floats, high: Floats, count: Floats, nonfinite: Floats) -> Parts:
    """Parts of which several may be of one bucket, with those made one."""
    start = np.flatnonzero(np.append([True], at[1:] != at[:-1]))
    held = np.add.reduceat(count, start)
    share = count / np.repeat(np.maximum(held, 1), np.diff(start, append=len(at)))  # 1.0 where a part is alone
    means = np.add.reduceat(np.where(count > 0, mean * share, 0.0), start)
    lowest, highest = np.fmin.reduceat(low, start), np.fmax.reduceat(high, start)
    means = np.clip(np.where(held > 0, means, np.nan), lowest, highest)
    return Parts(at[start], means, lowest, highest, held, np.add.reduceat(nonfinite, start))
