"""Metrics as JSON: the peer's three lists a metric, and curves of several runs on one grid."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from msgspec import Struct

from spt_cli.curves import Axis, Curve, Grid, aligned, curve, grid
from spt_cli.model import Series
from spt_cli.render.json import encode

if TYPE_CHECKING:
    from spt_cli.model import Floats

_DIGITS = 7  # of a curve's numbers: what a float32, which is what loggers print, holds


def metrics_json(metrics: Mapping[str, Series]) -> bytes:
    """`{name: {"step": [...], "epoch": [...], "y": [...]}}`, rows as they stand; what is not finite is null."""
    made: dict[int, bytes] = {}  # most metrics share where they stand

    def numbers(array: Floats) -> bytes:
        if id(array) not in made:
            made[id(array)] = msgspec.json.encode(array.tolist())
        return made[id(array)]

    items = (
        b'%s:{"step":%s,"epoch":%s,"y":%s}'
        % (encode(name), numbers(points.step), numbers(points.epoch), numbers(points.value))
        for name, points in metrics.items()
    )
    return b"{%s}" % b",".join(items)


class Ask(Struct, frozen=True):
    """Which part of the curves is wanted, and how fine."""

    buckets: int = 200
    x: Axis = "step"
    low: float = -math.inf
    high: float = math.inf


def chart(metric: str, runs: Mapping[str, Series], ask: Ask) -> dict[str, Any]:
    """*metric* of *runs*, by shown id, in buckets that all share, for `encode`.

    Buckets are as wide as a power of two and aligned at 0, so a curve that grows changes only where it grows. As in a
    page's data what says nothing is left out: `start` where each bucket holds one x only (`exact`), `min` and `max`
    where no bucket holds two values, `count` where each holds one, `nonfinite` where all are finite.
    """
    shared = _aligned(grid(runs.values(), ask.buckets, x=ask.x, low=ask.low, high=ask.high), ask.buckets)
    curves = {run_id: curve(points, shared, x=ask.x) for run_id, points in runs.items()}
    return {
        "metric": metric,
        "axis": ask.x,
        "exact": shared.exact,
        "x": shared.x.tolist(),
        **({} if shared.exact else {"start": shared.start.tolist()}),
        "runs": [{"run_id": run_id, **_lists(one)} for run_id, one in curves.items()],
    }


def _aligned(equal: Grid, count: int) -> Grid:
    """The buckets that hold what *equal* holds, in their places for ever."""
    if equal.exact:
        return equal
    low = float(equal.start[0])
    exponent = aligned(low, equal.high, count)
    first, last = (math.floor(math.ldexp(end, -exponent)) for end in (low, equal.high))
    places = np.arange(first, last + 1, dtype=np.float64)
    high = float(np.nextafter(np.ldexp(float(last + 1), exponent), -np.inf))  # all that the last bucket holds
    return Grid(np.ldexp(places, exponent), np.ldexp(places + 0.5, exponent), high, exact=False)


def _lists(one: Curve) -> dict[str, list[float] | list[int]]:
    filled = one.count > 0
    found: dict[str, list[float] | list[int]] = {"mean": _rounded(one.mean)}
    if (one.min[filled] != one.max[filled]).any():
        found |= {"min": _rounded(one.min), "max": _rounded(one.max)}
    if (one.count > 1).any():
        found["count"] = one.count.tolist()
    if one.nonfinite.any():
        found["nonfinite"] = one.nonfinite.tolist()
    return found


def _rounded(values: Floats) -> list[float]:
    """*values* in few digits, which halves the bytes; as they are where 10 to that power is no float."""
    with np.errstate(all="ignore"):
        scale = 10.0 ** (_DIGITS - 1 - np.floor(np.log10(np.abs(values))))
        short = np.round(values * scale) / scale
    rounded: list[float] = np.where(np.isfinite(short), short, values).tolist()
    return rounded
