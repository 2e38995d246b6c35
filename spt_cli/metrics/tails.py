"""What the files of a run tell while it is watched: where it stands, and one metric as a small curve.

Only what was appended is read, and little of it is kept: a watch goes on all day.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs

from spt_cli.files.regular import opened
from spt_cli.metrics.pace import Told
from spt_cli.model import Json, Run, integer

if TYPE_CHECKING:
    from spt_cli.metrics.growing import Curve
    from spt_cli.metrics.reading import Cursor
    from spt_cli.model import Series

_MAX_BYTES = 1 << 20  # of a summary.json; the writer's has a few KB


def standing(run: Run) -> Told | None:
    """Where *run* stands by its summary.json, which is made anew with its rows; None when that does not tell."""
    try:
        with opened(os.path.join(run.run_dir, "summary.json")) as file:
            summary = _decoded(file.read(_MAX_BYTES) or b"")
    except (OSError, ValueError, RecursionError):
        return None
    metrics = summary.get("metrics") if isinstance(summary, dict) else None
    if not isinstance(metrics, dict):
        return None
    counts = [_number(each.get("count")) or 0.0 for each in metrics.values() if isinstance(each, dict)]
    if not any(counts):  # before the first row the writer says step 0, which nothing has reached
        return Told()
    return Told(_number(summary.get("step")), _number(summary.get("epoch")), int(max(counts)))


class Tail:
    """The metrics.csv of one run, read on from look to look: where the run stands, and a small curve of *metric*."""

    def __init__(self, metric: str | None = None) -> None:
        self.told: Told | None = None  # of the attempt under way
        self.curve: Curve | None = None
        self._metric = metric
        self._cursor: Cursor | None = None
        self._last: dict[str, Series] = {}  # the last point of each metric
        self._began = 0  # the row that the attempt begins with
        self._first: float | None = None  # its step

    def look(self, run: Run) -> bool:
        """Reads what is new; whether there was anything. A file that cannot be read is as one that has not changed."""
        from spt_cli.metrics.reading import Cursor, appended

        try:
            found = appended(os.path.join(run.run_dir, "metrics.csv"), self._cursor or Cursor())
        except OSError:
            return False
        if found.cursor == self._cursor:
            return False
        self._cursor = found.cursor
        if found.restarted:
            self.told, self.curve, self._last = None, None, {}
        if found.points:
            self._take(found.points)
        if self.told is not None:
            rows = found.cursor.rows - self._began
            step, first = self.told.step, self._first
            stride = (step - first) / (rows - 1) if step is not None and first is not None and rows > 1 else None
            self.told = structs.replace(self.told, rows=rows, stride=stride)
        return True

    def _take(self, points: Mapping[str, Series]) -> None:
        """Adds *points*, all of them logged after those that were taken before."""
        from spt_cli.metrics.growing import before, grown
        from spt_cli.metrics.reading import joined
        from spt_cli.metrics.requeues import attempts, stitch

        start = min(int(series.row[0]) for series in points.values())
        known = joined([self._last, points])
        first, *later = attempts(known)
        if later or self.told is None:
            attempt = later[-1] if later else first
            self._began = attempt.row
            self.told, self._first = Told(), attempt.step if math.isfinite(attempt.step) else None
        self.told = _further(self.told, {name: series.at(series.row >= self._began) for name, series in points.items()})
        if later and self.curve is not None:
            self.curve = before(self.curve, min(attempt.step for attempt in later))
        if self._metric in points and self._metric is not None:
            counted = stitch(known).get(self._metric)
            if counted is not None:
                self.curve = grown(self.curve, counted.at(counted.row >= start))
        self._last = {name: series.at(slice(-1, None)) for name, series in known.items()}


def _further(told: Told, points: Mapping[str, Series]) -> Told:
    """*told* with the largest step and the last epoch of *points*."""
    import numpy as np

    steps = [] if told.step is None else [told.step]
    epochs = [] if told.epoch is None else [(-1, told.epoch)]
    for series in points.values():
        steps += series.step[np.isfinite(series.step)].max(initial=-math.inf, keepdims=True).tolist()
        epochs += [(int(series.row[-1]), float(series.epoch[-1]))] if len(series.row) else []
    return structs.replace(
        told,
        step=max(filter(math.isfinite, steps), default=None),
        epoch=max((each for each in epochs if math.isfinite(each[1])), default=(0, None))[1],
    )


def _decoded(data: bytes) -> Json:
    try:
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, ValueError):  # NaN and infinities, which the writer really writes
        return json.loads(data, parse_int=integer)


def _number(value: Json) -> float | None:
    known = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if known and abs(value) < 1e300 else None
