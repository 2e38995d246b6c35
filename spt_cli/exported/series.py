"""Curves of an exported report as the series they were made of, as far as that goes: means of buckets for points."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from spt_cli.errors import SptError
from spt_cli.exported.document import CurveEntry, MetricEntry
from spt_cli.exported.reading import Exported
from spt_cli.model import Thinned
from spt_cli.render.chunks import read_chunk
from spt_cli.render.metrics import numbers
from spt_cli.report import Table

if TYPE_CHECKING:
    from spt_cli.model import Floats

_CELLS = 1 << 26  # of a chart; the largest that export makes, 5,000 runs x 500 buckets, has a 25th of that


def thinned(report: Exported, run_ids: Collection[str]) -> dict[str, dict[str, Thinned]]:
    """The metrics of *run_ids* by id, of those that have curves in *report*.

    A point is a bucket that holds something, its value the mean; NaN where only NaN or infinities are in it. What is
    said of all points is exact, as the report has it; it does not have the first value.
    Raises SptError when a chart is not as it should be.
    """
    ids = {place: entry.run_id for place, entry in enumerate(report.head.runs) if entry.run_id in run_ids}
    shown = [place for place, entry in enumerate(report.head.runs) if entry.shown]
    epochs = dict(zip(shown, report.head.epochs, strict=False))
    found: dict[str, dict[str, Thinned]] = {ids[place]: {} for place in shown if place in ids}
    for number, metric in enumerate(report.metrics()):
        rows = [(row, entry) for row, entry in enumerate(metric.of) if entry.run in ids]
        table = _table(report, number, metric) if rows else None
        for row, entry in rows:
            assert table
            series = _series(metric, entry, table, row, epochs.get(entry.run, ()))
            found.setdefault(ids[entry.run], {})[metric.name] = series
    return found


def _series(metric: MetricEntry, entry: CurveEntry, table: Table, row: int, epochs: Sequence[float]) -> Thinned:
    held = np.flatnonzero(table.count[row] + table.nonfinite[row])
    x, value = table.x[held], table.mean[row][held]
    unknown = np.full(len(x), np.nan)
    min_x, max_x = numbers(np.array([entry.min_x, entry.max_x], float))
    summary = (entry.count, entry.nonfinite, None, entry.last, entry.min, min_x, entry.max, max_x)
    step, epoch = (x, _epochs(x, epochs)) if metric.axis == "step" else (unknown, x)
    return Thinned(step, epoch, value, np.arange(len(x)), summary)


def _epochs(x: Floats, pairs: Sequence[float]) -> Floats:
    """The epoch at each of *x*, by *pairs*: step, epoch, step, epoch, … where it changes. NaN before the first."""
    step, epoch = np.array([-np.inf, *pairs[: len(pairs) // 2 * 2 : 2]]), np.array([np.nan, *pairs[1::2]])
    return epoch[np.searchsorted(step, x, side="right") - 1]


def _table(report: Exported, number: int, metric: MetricEntry) -> Table:
    shape = len(metric.of), metric.buckets
    if not 0 <= shape[0] * shape[1] <= _CELLS:
        raise SptError(f"{report.path} is damaged: {metric.name} has more buckets than a report can have")
    kinds = {name: getattr(metric, name) for name in ("exact", "band", "counts", "nonfinites")}
    try:
        return read_chunk(report.chunk(number), *shape, **kinds) if report.page else _in_place(metric, shape)
    except (ValueError, TypeError) as error:
        raise SptError(f"{report.path} is damaged: there are no curves of {metric.name}: {error}") from error


def _in_place(metric: MetricEntry, shape: tuple[int, int]) -> Table:
    """The table of a chart whose curves stand in the document. ValueError when they do not fit together."""
    curves = [entry.curve for entry in metric.of if entry.curve]

    def plane(name: str) -> Floats:
        return np.array([getattr(curve, name) for curve in curves], float).reshape(shape)

    x, start, mean = np.array(metric.x, float), np.array(metric.start, float), plane("mean")
    if len(x) != shape[1] or len(start) != shape[1]:
        raise ValueError(f"{len(x)} places for {shape[1]} buckets")
    low, high = (plane("min"), plane("max")) if metric.band else (mean, mean)
    count = plane("count") if metric.counts else ~np.isnan(mean)
    nonfinite = plane("nonfinite") if metric.nonfinites else np.zeros(shape)
    return Table(x, start, mean, low, high, count.astype(int), nonfinite.astype(int))
