"""What a page says without scripts: counts, the best run, every run in a table, small curves, the ends of logs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from spt_cli.exported.document import Log, Primary, RunCurve
from spt_cli.model import Run
from spt_cli.render.drawings import charts, line
from spt_cli.report.charts import extreme
from spt_cli.report.model import Report
from spt_cli.report.model import Row as Shown
from spt_cli.words.text import measure, plural, rfc3339, size, value, when

LINES = 8  # runs in each chart, the best
HPARAMS = 5  # columns
LOGS, OPEN_LOGS = 40, 3  # runs whose logs are shown, and how many of them open
_LOG_LINES = 40
_URGENCY = ("failed", "stale", "running", "completed")
GLYPHS = {"running": "●", "completed": "✓", "failed": "✗", "stale": "◌"}
COLOUR = re.compile("\x1b\\[[0-9;:]*m")  # the escape sequences that a report leaves in logs


class Cell(Struct, frozen=True):
    """Of the table of runs, or a title above it."""

    text: str
    number: bool = False


def glyph(state: str) -> str:
    """The sign of a state, the same as in the terminal."""
    return GLYPHS.get(state, "·")


def state_class(state: str) -> str:
    """Its class in the style sheet; none for a foreign word."""
    return state if state in GLYPHS else ""


def contents(report: Report) -> dict[str, Any]:
    """The variables of templates/static.html. Only absolute times, in UTC: the same bytes wherever it is made."""
    legend = _best(report)
    names = [_name(report.rows[place]) for place in legend]
    sparks = any(row.spark for row in report.rows)
    return {
        "counts": _counts(report.rows),
        "as_of": _moment(report.as_of),
        "best": _leader(report, legend),
        "legend": names,
        "curves": charts(report, legend, names),
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
            "spark": line(row.spark),
            "created": when(run.created_at, utc=True).removesuffix("Z")[:16],
        }


def _ends(primary: Primary, curve: RunCurve | None, run: Run) -> list[Cell]:
    """The best and the last value of the *primary* metric; of a run without curves the last alone."""
    last = curve.last if curve else run.summary.get(primary.metric)
    best = extreme(curve, primary.goal) if curve else None
    return [Cell(measure(best), number=True), Cell(measure(last), number=True)]


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
