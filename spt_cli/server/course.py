"""How far a run got and where: the first steps of its attempts and epochs, kept while its metrics grow."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
from msgspec import Struct

from spt_cli.metrics.reduce import EPOCHS, epochs
from spt_cli.metrics.requeues import attempts, stitch
from spt_cli.model import Series


class Course(Struct, frozen=True):
    """Of all metrics of a run."""

    attempts: tuple[float | None, ...] = ()  # first step of each; None when no point has a step
    epochs: tuple[float, ...] = ()  # step, epoch, step, epoch, ... where the epoch changes
    last: float = -math.inf  # the last step of which the epoch is known


def course(metrics: Mapping[str, Series]) -> Course:
    """The course of *metrics*, as they stand in the file."""
    steps = (attempt.step for attempt in attempts(metrics))
    places = _places(stitch(metrics).values())
    last = max((step for series in places for step in _known(series)[-1:]), default=-math.inf)
    return Course(tuple(step if math.isfinite(step) else None for step in steps), epochs(places), last)


def further(known: Course, part: Mapping[str, Series]) -> Course | None:
    """*known* and what *part*, which was appended and is no other attempt, adds. None: look at all points again."""
    if not known.attempts:
        return None
    places = _places(part.values())
    if any(step < known.last for series in places for step in _known(series)[:1]):  # of steps of its own
        return None
    later = (series.at(~(series.step <= known.last)) for series in places)
    more = course({str(place): series for place, series in enumerate(later) if len(series.row)})
    pairs = more.epochs[2:] if known.epochs and more.epochs[1:2] == known.epochs[-1:] else more.epochs
    if len(known.epochs) + len(pairs) > 2 * EPOCHS:
        return None
    return Course(known.attempts, known.epochs + pairs, max(known.last, more.last))


def _places(metrics: Iterable[Series]) -> list[Series]:
    """A metric of each kind of rows: most are logged in the same ones."""
    return list({id(series.row): series for series in metrics}.values())


def _known(series: Series) -> list[float]:
    """The lowest and the highest step of which the epoch is known; [] without one."""
    steps = series.step[np.isfinite(series.step) & np.isfinite(series.epoch)]
    return [float(steps.min()), float(steps.max())] if len(steps) else []
