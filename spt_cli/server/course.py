"""How far a run got and where: the first steps of its attempts and epochs, kept while its metrics grow."""

from __future__ import annotations

import math
from collections.abc import Mapping

from msgspec import Struct

from spt_cli.metrics.reduce import EPOCHS, epochs
from spt_cli.metrics.requeues import attempts
from spt_cli.model import Series


class Course(Struct, frozen=True):
    """Of all metrics of a run."""

    attempts: tuple[float | None, ...] = ()  # first step of each; None when no point has a step
    epochs: tuple[float, ...] = ()  # step, epoch, step, epoch, ... where the epoch changes


def course(metrics: Mapping[str, Series]) -> Course:
    """The course of *metrics*, as they stand in the file."""
    steps = (attempt.step for attempt in attempts(metrics))
    return Course(tuple(step if math.isfinite(step) else None for step in steps), epochs(_places(metrics)))


def further(known: Course, part: Mapping[str, Series]) -> Course | None:
    """*known* and what *part*, which was appended and is no other attempt, adds. None: look at all points again."""
    more = course(part)
    if not known.attempts:
        return more
    pairs = more.epochs
    if known.epochs and pairs:
        if pairs[0] < known.epochs[-2]:  # of a metric with steps of its own
            return None
        if pairs[1] == known.epochs[-1]:
            pairs = pairs[2:]
    if len(known.epochs) + len(pairs) > 4 * EPOCHS:
        return None
    return Course(known.attempts, known.epochs + pairs)


def _places(metrics: Mapping[str, Series]) -> list[Series]:
    """A metric of each kind of rows: most are logged in the same ones."""
    return list({id(series.row): series for series in metrics.values()}.values())
