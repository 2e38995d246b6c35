"""Metrics as rows: a summary, the points in long form, a column a metric, or buckets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, starmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spt_cli.metrics.curves import curve, grid, positions
from spt_cli.model import Series, Thinned
from spt_cli.render.table import Cell, Column, Table
from spt_cli.words.text import measure, one_line

Metrics = Mapping[str, Series]
Rows = Iterator[Sequence[Any]]

SUMMARY = ("run_id", "metric", "count", "nan", "first", "last", "min", "min_step", "max", "max_step")
POINTS = ("run_id", "metric", "step", "epoch", "value")
BUCKETS = ("run_id", "metric", "step", "count", "mean", "min", "max")


def rows(found: Iterable[tuple[str, Metrics]], shape: str, count: int = 0) -> tuple[Sequence[str], Rows]:
    """Header and rows of *found*, (run id, metrics), in a *shape*: summary, points, buckets (*count*), or pivot.

    They are read as they are pulled, one run at a time; only a pivot, whose header holds all names, reads all first.
    """
    match shape:
        case "summary":
            return SUMMARY, chain.from_iterable(starmap(summary, found))
        case "points":
            return POINTS, chain.from_iterable(starmap(points, found))
        case "buckets":
            return BUCKETS, chain.from_iterable(bucketed(run_id, metrics, count) for run_id, metrics in found)
    held = list(found)
    names = list(dict.fromkeys(name for _, metrics in held for name in metrics))
    made = chain.from_iterable(pivoted(run_id, metrics, names) for run_id, metrics in held)
    return ("run_id", "step", "epoch", *names), made


def documents(found: Iterable[tuple[str, Metrics]], shape: str, count: int = 0) -> Iterator[dict[str, Any]]:
    """One object a run for JSON: `metrics` by name, as points or as buckets, and in a summary `summary` by name too."""
    for run_id, metrics in found:
        one: dict[str, Any] = {"run_id": run_id}
        if shape == "summary":
            one["summary"] = {row[1]: dict(zip(SUMMARY[2:], row[2:], strict=True)) for row in summary(run_id, metrics)}
        if shape == "buckets":
            one["metrics"] = {name: _columns(bucketed(run_id, {name: metrics[name]}, count)) for name in metrics}
        else:
            one["metrics"] = {name: lists(series) for name, series in metrics.items()}
        yield one


def summary(run_id: str, metrics: Metrics) -> Rows:
    """A row of SUMMARY for each metric. *nan* counts what is not finite; min and max are of the rest, None without."""
    for name, points in metrics.items():
        if isinstance(points, Thinned):
            yield run_id, name, *points.summary
            continue
        finite = np.flatnonzero(np.isfinite(points.value))
        steps, values = numbers(positions(points)), points.value
        low, high = (finite[pick(values[finite])] for pick in (np.argmin, np.argmax)) if len(finite) else (None, None)
        yield (
            run_id,
            name,
            len(values),
            len(values) - len(finite),
            *((float(values[0]), float(values[-1])) if len(values) else (None, None)),
            *(part for at in (low, high) for part in ((None, None) if at is None else (float(values[at]), steps[at]))),
        )


def points(run_id: str, metrics: Metrics) -> Rows:
    """A row of POINTS for each point, metric by metric, in file order."""
    for name, series in metrics.items():
        for step, epoch, value in zip(numbers(series.step), numbers(series.epoch), series.value.tolist(), strict=True):
            yield run_id, name, step, epoch, value


def bucketed(run_id: str, metrics: Metrics, count: int) -> Rows:
    """A row of BUCKETS for each of at most *count* equal parts of the steps of each metric that holds points.

    Mean, min and max are of the finite values; a bucket without one has NaN.
    """
    for name, series in metrics.items():
        shared = grid([series], count)
        found = curve(series, shared)
        columns = (found.count, found.mean, found.min, found.max)
        held = np.flatnonzero(found.count + found.nonfinite)
        steps = numbers(shared.x[held])
        for step, *rest in zip(steps, *(column[held].tolist() for column in columns), strict=True):
            yield run_id, name, step, *rest


def pivoted(run_id: str, metrics: Metrics, names: Sequence[str]) -> Rows:
    """A row for each step: run_id, step, epoch, and the last value of each of *names* at that step, None without.

    Ordered by step; points without a step or an epoch are left out.
    """
    steps: dict[float, list[Any]] = {}
    for place, name in enumerate(names):
        if name in metrics:
            series = metrics[name]
            columns = (positions(series).tolist(), numbers(series.epoch), series.value.tolist())
            for step, epoch, value in zip(*columns, strict=True):
                if step == step:  # noqa: PLR0124 - not NaN
                    row = steps.setdefault(step, [None] * (len(names) + 1))
                    row[0] = epoch if row[0] is None else row[0]
                    row[place + 1] = value
    order = sorted(steps)
    for shown, step in zip(numbers(np.array(order)), order, strict=True):
        yield run_id, shown, *steps[step]


def by_row(run_id: str, metrics: Metrics) -> Rows:
    """The rows of `points` in the order in which they stand in the file."""
    order = [row for series in metrics.values() for row in series.row.tolist()]
    found = list(points(run_id, metrics))
    return (found[place] for place in sorted(range(len(order)), key=order.__getitem__))


def plainly(row: Sequence[Any], *, several: bool) -> str:
    """A row of POINTS as a line for people."""
    run_id, name, step, _, value = row
    before = f"{one_line(run_id)}  " if several else ""
    return f"{before}{one_line(name):<24}  {'' if step is None else step:>8}  {measure(value)}\n"


def lists(series: Series) -> dict[str, list[float]]:
    """*series* for JSON: three lists of one length, NaN, which becomes null, where a row has no step or epoch."""
    return {"step": series.step.tolist(), "epoch": series.epoch.tolist(), "y": series.value.tolist()}


def as_table(header: Sequence[str], rows: Iterator[Sequence[Any]], *, several: bool) -> Table:
    """*rows* as a table for people; the run's id only where there are *several* runs."""
    first = 0 if several else 1
    texts = ("run_id", "metric")
    columns = tuple(Column(name, right=name not in texts, keep_end=name == "run_id") for name in header[first:])
    return Table(columns, [[_cell(item) for item in row[first:]] for row in rows])


def numbers(column: NDArray[np.float64]) -> list[int | float | None]:
    """*column* as Python numbers: None for NaN, integers where they are whole."""
    whole = np.isfinite(column) & (column == np.trunc(column)) & (np.abs(column) < 2**53)
    return [
        int(item) if is_whole else None if item != item else item  # noqa: PLR0124 - NaN
        for item, is_whole in zip(column.tolist(), whole.tolist(), strict=True)
    ]


def _columns(rows: Rows) -> dict[str, Sequence[Any]]:
    """Rows of BUCKETS of one metric as a list for each of its columns."""
    return dict(zip(BUCKETS[2:], list(zip(*(row[2:] for row in rows), strict=True)) or [()] * 5, strict=True))


def _cell(item: Any) -> Cell:
    if isinstance(item, float):
        return Cell(measure(item), "" if np.isfinite(item) else "red")
    return Cell("" if item is None else str(item))
