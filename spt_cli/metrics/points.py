"""The points of a run's metrics that are meant: by name, from a step on, the last few, or only what is new."""

from __future__ import annotations

import os
from collections.abc import Iterable
from fnmatch import fnmatchcase

from msgspec import Struct

from spt_cli.metrics.curves import positions
from spt_cli.metrics.reading import Cursor, appended, read_metrics
from spt_cli.metrics.requeues import stitch
from spt_cli.model import Run, Series


class Pick(Struct, frozen=True):
    """Which points of a run are meant. The empty one means all that count."""

    patterns: tuple[str, ...] = ()  # names or a shell's globs; none: every metric
    raw: bool = False  # also points that a requeued run logged again
    since_step: float | None = None
    last: int | None = None  # of each metric


def picked(run: Run, pick: Pick) -> dict[str, Series]:
    """The metrics of *run* that *pick* means, without points where it means none of them; {} before anything is logged.

    Raises OSError when its metrics.csv is there and cannot be read.
    """
    try:
        metrics = read_metrics(_file(run), live=run.live)
    except FileNotFoundError:
        return {}
    kept = metrics if pick.raw else stitch(metrics)
    return {name: cut(series, pick) for name, series in kept.items() if matching(name, pick.patterns)}


def news(run: Run, cursor: Cursor, pick: Pick) -> tuple[dict[str, Series], Cursor]:
    """The points of *run* that *pick* means and that were logged after *cursor*, as they stand, and the next cursor.

    A file that was rewritten with another header brings only the rows that were not there. Raises OSError.
    """
    try:
        found = appended(_file(run), cursor)
    except FileNotFoundError:
        return {}, cursor
    known = cursor.rows if found.cursor.rows >= cursor.rows else 0
    points = {}
    for name, series in found.points.items():
        new = series.at(series.row >= known)
        if matching(name, pick.patterns) and len(new.row):
            points[name] = cut(new, pick if not cursor.rows else Pick(since_step=pick.since_step))
    return points, found.cursor


def cut(series: Series, pick: Pick) -> Series:
    """The points of *series* that *pick* means; one without a step stands at its epoch."""
    if pick.since_step is not None:
        series = series.at(positions(series) >= pick.since_step)
    return series if pick.last is None else series.at(slice(max(len(series.value) - pick.last, 0), None))


def matching(name: str, patterns: Iterable[str]) -> bool:
    """Whether one of *patterns* is *name* or, as a glob in which `*` matches `/` too, matches it; true without any."""
    return not patterns or any(name == pattern or fnmatchcase(name, pattern) for pattern in patterns)


def _file(run: Run) -> str:
    return os.path.join(run.run_dir, "metrics.csv")
