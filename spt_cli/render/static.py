"""What a page says without scripts: counts, the best run, every run in a table, small curves, the ends of logs."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
from msgspec import Struct

from spt_cli.choice.telling import common
from spt_cli.exported.document import Log, Primary, RunCurve
from spt_cli.model import Run
from spt_cli.report.charts import extreme
from spt_cli.report.model import Metric, Report
from spt_cli.report.model import Row as Shown
from spt_cli.words.text import measure, plural, rfc3339, size, value, when

CURVES, LINES = 6, 8  # charts, and the best runs in each
HPARAMS = 5  # columns
LOGS, OPEN_LOGS = 40, 3  # runs whose logs are shown, and how many of them open
_LOG_LINES = 40
_URGENCY = ("failed", "stale", "running", "completed")
GLYPHS = {"running": "●", "completed": "✓", "failed": "✗", "stale": "◌"}
COLOUR = re.compile("\x1b\\[[0-9;:]*m")  # the escape sequences that a report leaves in logs
_LEFT, _RIGHT, _TOP, _MIDDLE, _BOTTOM = 50, 330, 10, 80, 150  # of a plot, as templates/static.html frames it
_LETTER = 6.4  # of that: a digit in a wide typeface


class Cell(Struct, frozen=True):
    """Of the table of runs, or a title above it."""

    text: str
    number: bool = False


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


def glyph(state: str) -> str:
    """The sign of a state, the same as in the terminal."""
    return GLYPHS.get(state, "·")


def state_class(state: str) -> str:
    """Its class in the style sheet; none for a foreign word."""
    return state if state in GLYPHS else ""


def contents(report: Report) -> dict[str, Any]:
    """The variables of templates/static.html. Only absolute times, in UTC: the same bytes wherever it is made."""
    legend = _best(report)
    sparks = any(row.spark for row in report.rows)
    return {
        "counts": _counts(report.rows),
        "as_of": _moment(report.as_of),
        "best": _leader(report, legend),
        "legend": [_name(report.rows[place]) for place in legend],
        "curves": list(islice(_charts(report, legend), CURVES)),
        "columns": [*_titles(report), *([Cell("trend")] if sparks else []), Cell("created, UTC")],
        "sparks": sparks,
        "any_rows": bool(report.rows),
        "rows": _rows(report),
        "logs": list(_logs(report)),
        "logs_left_out": max(len(report.logs) - LOGS, 0),
        "pictures": list(_pictures(report)),
        "left_out": report.left_out,
        "redacted": report.redacted,
        "points": report.points,
    }


def _counts(rows: Sequence[Shown]) -> list[tuple[int, str]]:
    """(how many, state), the most urgent first."""
    number = Counter(row.run.state for row in rows)
    others = sorted(state for state in number if state not in _URGENCY)
    return [(number[state], state) for state in (*_URGENCY, *others) if number[state]]


def _moment(seconds: float | None) -> dict[str, str] | None:
    stamp = rfc3339(seconds)
    return {"stamp": stamp, "text": f"{when(seconds, utc=True)[:16]} UTC"} if stamp else None


def _best(report: Report) -> list[int]:
    """Places of the runs that are best by the primary metric, the newest of equals first."""
    if not report.primary:
        return []
    goal = report.primary.goal
    sign = -1 if goal == "max" else 1
    known = {place: extreme(curve, goal) for place, curve in _judged(report).items()}
    ranked = sorted((sign * number, place) for place, number in known.items() if number is not None)
    return [place for _, place in ranked[:LINES]]


def _judged(report: Report) -> dict[int, RunCurve]:
    """What is known of the primary metric, by place of the run: nothing where no run that is shown has it."""
    name = report.primary and report.primary.metric
    return {curve.run: curve for metric in report.metrics if metric.name == name for curve in metric.of}


def _leader(report: Report, legend: Sequence[int]) -> dict[str, str] | None:
    if not legend or not report.primary:
        return None
    metric, goal = report.primary.metric, report.primary.goal
    number = extreme(_judged(report)[legend[0]], goal)
    which = "highest" if goal == "max" else "lowest"
    return {"which": which, "metric": metric, "value": measure(number), "run": _name(report.rows[legend[0]])}


def _name(row: Shown) -> str:
    """The id, after the display name where a person gave one."""
    run = row.run
    given = run.display_name != run.run_id.rpartition("/")[2]
    return f"{run.display_name} ({run.run_id})" if given else run.run_id


def _titles(report: Report) -> list[Cell]:
    titles = [Cell("state"), Cell("run")]
    if report.primary:
        which = "highest" if report.primary.goal == "max" else "lowest"
        titles.append(Cell(f"{which} {report.primary.metric}", number=True))
        titles.append(Cell("last", number=True))
    return titles + [Cell(key) for key in report.differing[:HPARAMS]]


def _rows(report: Report) -> Iterator[dict[str, Any]]:
    """All runs, newest first."""
    known = _judged(report)
    for place, row in enumerate(report.rows):
        run = row.run
        hparams = run.hparams.decode()
        cells = _ends(report.primary, known.get(place), run) if report.primary else []
        yield {
            "state": run.state,
            "id": run.run_id,
            "name": "" if run.display_name == run.run_id.rpartition("/")[2] else run.display_name,
            "cells": [*cells, *(Cell(value(hparams.get(key))) for key in report.differing[:HPARAMS])],
            "spark": _spark(row.spark),
            "created": when(run.created_at, utc=True).removesuffix("Z")[:16],
        }


def _ends(primary: Primary, curve: RunCurve | None, run: Run) -> list[Cell]:
    """The best and the last value of the *primary* metric; of a run without curves the last alone."""
    last = curve.last if curve else run.summary.get(primary.metric)
    best = extreme(curve, primary.goal) if curve else None
    return [Cell(measure(best), number=True), Cell(measure(last), number=True)]


def _spark(values: Sequence[float | None]) -> str:
    """The path of a line in 80 x 20 that leaves out what is None; "" without values."""
    numbers = np.array([np.nan if number is None else number for number in values], float)
    x = np.linspace(1, 79, len(numbers)) if len(numbers) > 1 else np.full(len(numbers), 40.0)
    return _path(x, numbers, (18, 2))


def _charts(report: Report, legend: Sequence[int]) -> Iterator[Chart]:
    """The primary metric, then those that tell most."""
    known = {metric.name: metric for metric in report.metrics}
    telling = common(row.run.summary for row in report.rows)
    for name in dict.fromkeys([*(metric.name for metric in report.metrics[:1]), *telling]):
        chart = _chart(report, known[name], legend) if name in known else None
        if chart:
            yield chart


def _chart(report: Report, metric: Metric, legend: Sequence[int]) -> Chart | None:
    """*metric* of the runs in *legend*; None when none of them has a finite value of it."""
    table = metric.table
    rows = {curve.run: number for number, curve in enumerate(metric.of)}
    shown = {slot: table.mean[rows[run]] for slot, run in enumerate(legend) if run in rows}
    finite = np.concatenate([line[np.isfinite(line)] for line in shown.values()]) if shown else np.empty(0)
    if not len(finite):
        return None
    low, high = float(finite.min()), float(finite.max())
    first, last = float(table.x[0]), float(table.x[-1])
    half = last / 2 - first / 2  # the whole may be more than a float holds
    across = (table.x / 2 - first / 2) / half if half > 0 else np.full(len(table.x), 0.5)
    marks = ((_TOP + 4, measure(high)), (_BOTTOM, measure(low))) if low < high else ((_MIDDLE + 4, measure(low)),)
    left = max(_LEFT, math.ceil(5 + _LETTER * max(len(text) for _, text in marks)))
    x = left + across * (_RIGHT - left)
    lines = [Line(slot, _path(x, line, (_BOTTOM, _TOP), low, high)) for slot, line in shown.items()]
    what = "all points" if metric.exact else f"means of {plural(len(table.x), 'bucket')}"
    ends = ", ".join(f"{_name(report.rows[legend[slot]])} {_last(line)}" for slot, line in shown.items())
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


def _last(line: Any) -> str:
    finite = line[np.isfinite(line)]
    return f"ends at {measure(float(finite[-1]))}" if len(finite) else "has no finite value"


def _path(x: Any, values: Any, heights: tuple[int, int], low: float | None = None, high: float | None = None) -> str:
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


def _logs(report: Report) -> Iterator[dict[str, Any]]:
    """The most telling log of each run, failed ones first: its traceback, or its last lines."""
    urgency = {state: place for place, state in enumerate(_URGENCY)}
    places = sorted(report.logs, key=lambda place: (urgency.get(report.rows[place].run.state, len(urgency)), place))
    for number, place in enumerate(places[:LOGS]):
        row, log = report.rows[place], report.logs[place][0]
        lines = COLOUR.sub("", log.text).rstrip("\n").split("\n")
        start = max(len(lines) - _LOG_LINES, 0) if log.traceback is None else log.traceback
        shown = lines[start : start + _LOG_LINES]
        yield {
            "run": _name(row),
            "state": row.run.state,
            "name": log.name,
            "note": _told(log, shown),
            "open": number < OPEN_LOGS and row.run.state == "failed",
            "text": "\n".join(shown),
        }


def _told(log: Log, shown: Sequence[str]) -> str:
    if log.traceback is not None:
        return f"its last traceback, {size(log.size)} in all"
    return f"the last {plural(len(shown), 'line')} of {size(log.size)}"


def _pictures(report: Report) -> Iterator[dict[str, str]]:
    """Pictures that are files of their own; those inside the page are in its data and shown by its script."""
    for place, pictures in sorted(report.media.items()):
        for picture in pictures:
            if picture.src and picture.type == "image" and not picture.src.startswith("data:"):
                yield {
                    "src": picture.src,
                    "alt": f"{picture.tag}, step {picture.step}, {_name(report.rows[place])}",
                }
