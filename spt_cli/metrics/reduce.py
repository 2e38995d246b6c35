"""A run's metrics -> curves of aligned buckets and what is exactly known of each metric; no other run is needed.

A run is reduced once, to the narrowest buckets that suit its own range. A chart of many runs has wider ones, or the
same; buckets are aligned at 0 and as wide as a power of two, so the narrow ones merge into them (curves.aligned).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from spt_cli.metrics.curves import aligned, bucket, positions
from spt_cli.metrics.requeues import attempts, stitch
from spt_cli.model import Known, Series

if TYPE_CHECKING:
    from spt_cli.model import Floats, Ints

EPOCHS = 200  # changes of epoch that are kept


class Parts(Struct, frozen=True, eq=False):
    """A curve as its buckets that hold something: arrays of one length, by ascending x."""

    at: Floats  # the k of each bucket (curves.bucket); x itself when exact
    mean: Floats  # of finite values; NaN without one, as min and max
    min: Floats
    max: Floats
    count: Ints  # finite values
    nonfinite: Ints  # NaN and infinities


class Reduced(Struct, frozen=True, eq=False):
    """One metric of one run."""

    known: Known
    stepped: bool  # some point has a step
    low: float  # of x; NaN when no point has a finite one, and there are no parts
    high: float
    exponent: int | None  # of the buckets' width; None: exact, each holds one x only
    parts: Parts


class ReducedRun(Struct, frozen=True, eq=False):
    """All metrics of one run, requeues stitched."""

    metrics: dict[str, Reduced]  # in the order of the file
    attempts: tuple[float, ...]  # first step of each; NaN when no point has a step
    epochs: tuple[float, ...]  # step, epoch, step, epoch, ... where the epoch changes; EPOCHS pairs at most


def reduce(metrics: Mapping[str, Series], count: int, only: Collection[str] | None = None) -> ReducedRun:
    """*metrics*, as they stand in the file, as curves of at most *count* buckets; with *only* just those of them.

    A metric of no more than *count* different x is exact. Points without a finite x are in no curve.
    """
    counted = stitch(metrics)
    kept = {name: series for name, series in counted.items() if only is None or name in only}
    places = _Places(count)
    reduced = {name: _reduced(series.value, places.of(series)) for name, series in kept.items()}
    return ReducedRun(reduced, tuple(attempt.step for attempt in attempts(metrics)), epochs(places.all))


def epochs(places: Collection[_Place] | Collection[Series]) -> tuple[float, ...]:
    """(step, epoch) at the first step of each epoch, one after the other; evenly chosen where there are too many."""
    if not places:
        return ()
    row, step, epoch = (np.concatenate([getattr(place, name) for place in places]) for name in ("row", "step", "epoch"))
    known = np.isfinite(step) & np.isfinite(epoch)
    row, step, epoch = row[known], step[known], epoch[known]
    order = np.lexsort((row, step))
    step, epoch = step[order], epoch[order]
    begins = _starts(step)  # of the rows of one step the first counts
    step, epoch = step[begins], epoch[begins]
    begins = _starts(epoch)
    step, epoch = step[begins], epoch[begins]
    if len(step) > EPOCHS:
        kept = np.unique(np.linspace(0, len(step) - 1, EPOCHS).round().astype(np.int64))
        step, epoch = step[kept], epoch[kept]
    return tuple(np.column_stack((step, epoch)).ravel().tolist())


class _Place(Struct, frozen=True, eq=False):
    """Where the points of a series stand: the same for all metrics that were logged in the same rows."""

    row: Ints
    step: Floats
    epoch: Floats
    x: Floats  # in the order of the file
    order: Ints | None  # of the points with a finite x, by x; None: as they stand
    exponent: int | None
    at: Floats  # of each bucket
    start: Ints  # of each bucket, among the ordered points
    low: float
    high: float


class _Places:
    """The places of a run's metrics. Most metrics share one: finding the buckets takes longer than filling them."""

    def __init__(self, count: int) -> None:
        self.all: list[_Place] = []
        self._count = count
        self._known: dict[tuple[int, int, int], list[_Place]] = {}  # by number of rows, the first and the last

    def of(self, series: Series) -> _Place:
        row = series.row
        known = self._known.setdefault((len(row), int(row[0]), int(row[-1])), [])
        for place in known:
            if place.row is row or np.array_equal(place.row, row):
                return place
        known.append(_place(series, self._count))
        self.all.append(known[-1])
        return known[-1]


def _place(series: Series, count: int) -> _Place:
    x = positions(series) + 0.0  # -0.0 and 0.0 are one x
    ordered, order = x, None
    if not (np.isfinite(x).all() and (x[1:] >= x[:-1]).all()):
        order = np.flatnonzero(np.isfinite(x))
        order = order[np.argsort(x[order], kind="stable")]
        ordered = x[order]
    at: Floats = ordered
    exponent = None
    start = _starts(ordered)
    low, high = (float(ordered[0]), float(ordered[-1])) if len(ordered) else (np.nan, np.nan)
    if len(start) > count:
        exponent = aligned(low, high, count)
        at = bucket(ordered, exponent)
        start = _starts(at)
    return _Place(series.row, series.step, series.epoch, x, order, exponent, at[start], start, low, high)


def _starts(ordered: Floats) -> Ints:
    """Where each value begins in an array in which equal ones stand together."""
    return np.flatnonzero(np.append([True], ordered[1:] != ordered[:-1])) if len(ordered) else np.empty(0, np.int64)


def _reduced(values: Floats, place: _Place) -> Reduced:
    stepped = not np.isnan(place.step).all()
    ordered = values if place.order is None else values[place.order]
    parts = _parts(ordered, place)
    return Reduced(_known(values, place.x), stepped, place.low, place.high, place.exponent, parts)


def _parts(values: Floats, place: _Place) -> Parts:
    """The buckets of *values*, which are in the order of their x."""
    start = place.start
    held = np.diff(start, append=len(values))
    finite = np.isfinite(values)
    count = held
    filled = np.ones(len(start), bool)
    if not finite.all():
        count = np.add.reduceat(finite.astype(np.int64), start)
        filled = count > 0
        values, start = values[finite], (np.cumsum(count) - count)[filled]
    mean, low, high = (np.full(len(count), np.nan) for _ in range(3))
    if len(values):
        low[filled], high[filled] = np.minimum.reduceat(values, start), np.maximum.reduceat(values, start)
        mean[filled] = np.clip(_means(values, start, count[filled]), low[filled], high[filled])
    return Parts(place.at, mean, low, high, count, held - count)


def _means(values: Floats, start: Ints, count: Ints) -> Floats:
    with np.errstate(over="ignore", invalid="ignore"):  # infinity, and infinities that meet
        means: Floats = np.add.reduceat(values, start) / count
        if not np.isfinite(means).all():  # the sum is more than a float holds
            means = np.add.reduceat(values / np.repeat(count, count), start)
    return means


def _known(values: Floats, x: Floats) -> Known:
    finite = np.isfinite(values)
    if finite.all():
        number, first = 0, None
        low, high = int(values.argmin()), int(values.argmax())
    else:
        bad = np.flatnonzero(~finite)
        number, first = len(bad), _finite(x[bad[0]])
        low, high = int(np.where(finite, values, np.inf).argmin()), int(np.where(finite, values, -np.inf).argmax())
    some = number < len(values)
    ends = [_finite(item) if some else None for item in (values[low], x[low], values[high], x[high])]
    return Known(len(values), number, first, _finite(values[-1]), _finite(x[-1]), *ends)


def _finite(number: np.float64) -> float | None:
    return float(number) if np.isfinite(number) else None
