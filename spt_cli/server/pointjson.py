"""Metrics as JSON: the peer's three lists a metric, and curves of several runs on one grid."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from msgspec import Struct

from spt_cli.metrics.curves import Axis, positions
from spt_cli.metrics.reduce import Reduced, ReducedRun, reduce
from spt_cli.model import Known, Series
from spt_cli.render.json import encode
from spt_cli.report import Metric, Table
from spt_cli.report.charts import charts
from spt_cli.server.caching import Points
from spt_cli.server.course import Course

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


class Facts(Struct, frozen=True):
    """What is exactly known of a run."""

    course: Course
    metrics: dict[str, Known]


def facts(points: Points) -> Facts:
    """What is exactly known, from all points."""
    found = points.reduced(points.names, Ask().buckets)
    return Facts(points.course, {name: one.known for name, one in found.items()})


def facts_json(runs: Mapping[str, Facts], *, epochs: bool) -> list[dict[str, Any]]:
    """The facts of *runs*, by shown id, in the words of a page's data, with where *epochs* begin; for `encode`."""
    return [
        {"run_id": run_id, "attempts": found.course.attempts}
        | ({"epochs": found.course.epochs} if epochs else {})
        | {"metrics": found.metrics}
        for run_id, found in runs.items()
    ]


class Ask(Struct, frozen=True):
    """Which part of the curves is wanted, and how fine."""

    buckets: int = 200
    x: Axis = "step"
    low: float = -math.inf
    high: float = math.inf


def reduced(points: Points, names: Sequence[str], ask: Ask) -> dict[str, Reduced]:
    """The curves of those metrics of *names* that there are."""
    if ask == Ask(ask.buckets):
        return points.reduced(names, ask.buckets)  # kept, so that of a run that grows only what is new is looked at
    counted = {name: series for name in names if (series := points.stitched(name)) is not None}
    there = {name: part for name, series in counted.items() if len((part := _cut(series, ask)).row)}
    return reduce(there, ask.buckets).metrics


def charts_json(names: Sequence[str], runs: Mapping[str, Mapping[str, Reduced]], buckets: int) -> list[dict[str, Any]]:
    """The metrics *names* of *runs*, by shown id, each in buckets that all runs share; for `encode`.

    Buckets are as wide as a power of two and aligned at 0, so a curve that grows changes only where it grows. As in a
    page's data what says nothing is left out: `start` where each bucket holds one x only (`exact`), `min` and `max`
    where no bucket holds two values, `count` where each holds one, `nonfinite` where all are finite.
    """
    run_ids = list(runs)
    made = charts({index: ReducedRun({**runs[run_ids[index]]}, (), ()) for index in range(len(run_ids))}, buckets, None)
    found = {metric.name: metric for metric in made}
    return [_chart(found[name], run_ids) if name in found else _no_chart(name) for name in names]


def _cut(series: Series, ask: Ask) -> Series:
    """The points that are asked for, where they are asked to stand."""
    if ask.x == "epoch":
        series = Series(np.full(len(series.epoch), np.nan), series.epoch, series.value, series.row)
    places = positions(series)
    return series.at((places >= ask.low) & (places <= ask.high))


def _chart(metric: Metric, run_ids: Sequence[str]) -> dict[str, Any]:
    table = metric.table
    buckets = {} if metric.exact else {"start": table.start.tolist(), "width": metric.width}
    runs = [{"run_id": run_ids[curve.run], **_row(table, place)} for place, curve in enumerate(metric.of)]
    return {
        "metric": metric.name,
        "axis": metric.axis,
        "exact": metric.exact,
        "x": table.x.tolist(),
        **buckets,
        "runs": runs,
    }


def _no_chart(name: str) -> dict[str, Any]:
    return {"metric": name, "axis": "step", "exact": True, "x": [], "runs": []}


def _row(table: Table, place: int) -> dict[str, list[float] | list[int]]:
    """The curve of one run of *table*."""
    low, high, count, nonfinite = (getattr(table, name)[place] for name in ("min", "max", "count", "nonfinite"))
    found: dict[str, list[float] | list[int]] = {"mean": rounded(table.mean[place])}
    if (high > low).any():
        found |= {"min": rounded(low), "max": rounded(high)}
    if (count > 1).any():
        found["count"] = count.tolist()
    if nonfinite.any():
        found["nonfinite"] = nonfinite.tolist()
    return found


def rounded(values: Floats) -> list[float]:
    """*values* in few digits, which halves the bytes; as they are where 10 to that power is no float."""
    with np.errstate(all="ignore"):
        scale = 10.0 ** (_DIGITS - 1 - np.floor(np.log10(np.abs(values))))
        short = np.round(values * scale) / scale
    rounded: list[float] = np.where(np.isfinite(short), short, values).tolist()
    return rounded
