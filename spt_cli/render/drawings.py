"""Small curves of a report as SVG paths, for those without scripts: one of each run, and charts of the best runs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from spt_cli.choice.telling import common
from spt_cli.report.model import Metric, Report
from spt_cli.words.text import measure, plural

if TYPE_CHECKING:
    from spt_cli.model import Floats

CHARTS = 6


class Line(Struct, frozen=True):
    """A run in a chart."""

    slot: int  # its colour, the place in the legend
    path: str  # of an SVG path


class Chart(Struct, frozen=True):
    """One metric of the best runs."""

    name: str
    note: str
    label: str  # what it shows, in words
    left: int  # where the frame begins, right of its labels
    marks: tuple[tuple[int, str], ...]  # beside it: how far down, and a value
    first: str
    last: str
    axis: str
    lines: tuple[Line, ...]


def charts(report: Report, legend: Sequence[int], names: Sequence[str]) -> list[Chart]:
    """The primary metric of the runs in *legend*, places of rows, then those that tell most; they bear *names*."""
    return list(islice(_charts(report, legend, names), CHARTS))


def line(values: Sequence[float | None]) -> str:
    """The path of a line in 80 x 20 that leaves out what is None; "" without values."""
    numbers = np.array([np.nan if number is None else number for number in values], float)
    x = np.linspace(1, 79, len(numbers)) if len(numbers) > 1 else np.full(len(numbers), 40.0)
    return _path(x, numbers, (18, 2))


_LEFT, _RIGHT, _TOP, _MIDDLE, _BOTTOM = 50, 330, 10, 80, 150  # of a plot, as templates/static.html frames it
_LETTER = 6.4  # of that: a digit in a wide typeface


def _charts(report: Report, legend: Sequence[int], names: Sequence[str]) -> Iterator[Chart]:
    known = {metric.name: metric for metric in report.metrics}
    telling = common(row.run.summary for row in report.rows)
    for name in dict.fromkeys([*(metric.name for metric in report.metrics[:1]), *telling]):
        chart = _chart(known[name], legend, names) if name in known else None
        if chart:
            yield chart


def _chart(metric: Metric, legend: Sequence[int], names: Sequence[str]) -> Chart | None:
    """*metric* of the runs in *legend*; None when none of them has a finite value of it."""
    table = metric.table
    rows = {curve.run: number for number, curve in enumerate(metric.of)}
    shown = {slot: table.mean[rows[run]] for slot, run in enumerate(legend) if run in rows}
    finite = np.concatenate([means[np.isfinite(means)] for means in shown.values()]) if shown else np.empty(0)
    if not len(finite):
        return None
    low, high = float(finite.min()), float(finite.max())
    first, last = float(table.x[0]), float(table.x[-1])
    half = last / 2 - first / 2  # the whole may be more than a float holds
    across = (table.x / 2 - first / 2) / half if half > 0 else np.full(len(table.x), 0.5)
    marks = ((_TOP + 4, measure(high)), (_BOTTOM, measure(low))) if low < high else ((_MIDDLE + 4, measure(low)),)
    left = max(_LEFT, math.ceil(5 + _LETTER * max(len(text) for _, text in marks)))
    x = left + across * (_RIGHT - left)
    lines = [Line(slot, _path(x, means, (_BOTTOM, _TOP), low, high)) for slot, means in shown.items()]
    what = "all points" if metric.exact else f"means of {plural(len(table.x), 'bucket')}"
    ends = ", ".join(f"{names[slot]} {_last(means)}" for slot, means in shown.items())
    return Chart(
        metric.name,
        what,
        f"{metric.name} of {plural(len(shown), 'run')}, from {metric.axis} {measure(first)} to {measure(last)}: {ends}",
        left,
        marks,
        measure(first),
        measure(last),
        metric.axis,
        tuple(lines),
    )


def _last(means: Floats) -> str:
    finite = means[np.isfinite(means)]
    return f"ends at {measure(float(finite[-1]))}" if len(finite) else "has no finite value"


def _path(
    x: Floats, values: Floats, heights: tuple[int, int], low: float | None = None, high: float | None = None
) -> str:
    """An SVG path in whole pixels, lowest value at the first of *heights*, begun anew behind what is not finite."""
    finite = np.isfinite(values)
    if not finite.any():
        return ""
    low, high = (
        float(values[finite].min()) if low is None else low,
        float(values[finite].max()) if high is None else high,
    )
    bottom, top = heights
    scale = high / 2 - low / 2  # half the range: the whole may be more than a float holds
    share = (values / 2 - low / 2) / scale if scale > 0 else np.full(len(values), 0.5)
    y = np.round(bottom - np.where(finite, share, 0) * (bottom - top)).astype(int)
    path, pen = [], None
    for place, down, there in zip(np.round(x).astype(int).tolist(), y.tolist(), finite.tolist(), strict=True):
        if not there:
            pen = None
        elif pen is None:
            path.append(f"M{place} {down}h0")  # a point alone shows too, its line having round ends
            pen = place, down
        elif (place, down) != pen:
            path.append(f"l{place - pen[0]} {down - pen[1]}".replace(" -", "-"))
            pen = place, down
    return "".join(path)
