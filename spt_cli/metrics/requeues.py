"""Attempts of a requeued run: where each begins in its metrics, and the curve that counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from spt_cli.model import Series

if TYPE_CHECKING:
    from spt_cli.model import Floats, Ints


class Attempt(Struct, frozen=True):
    """One process of a run, as its metrics tell."""

    row: int  # of the metrics.csv, 0-based below the header, at which it begins
    step: float  # of that row: from here on it replaces what earlier attempts logged; NaN when no point has a step


def attempts(metrics: Mapping[str, Series]) -> tuple[Attempt, ...]:
    """Where each attempt begins, in file order; more than one only for a requeued run, none without points.

    An attempt begins at the row where a metric's own steps run backwards within the current attempt. Neighbouring rows
    of different metrics prove nothing: some are logged with a step counter of their own. Steps that are NaN or infinite
    prove nothing either.
    """
    if not metrics:
        return ()
    first = min(metrics.values(), key=lambda points: int(points.row[0]))
    found = [Attempt(int(first.row[0]), float(first.step[0]))]
    for row, before, step in sorted(back for points in metrics.values() for back in _backwards(points)):
        if before >= found[-1].row:  # else an attempt that another metric showed explains it
            found.append(Attempt(row, step))
    return tuple(found)


def stitch(metrics: Mapping[str, Series]) -> dict[str, Series]:
    """*metrics* without the points that a later attempt replaced: those at its first step and after, of every metric.

    Of a metric with a step counter of its own also those at its own first step in that attempt and after, so the steps
    of no metric run backwards. Points without a step are kept. A metric of which nothing is left is left out.
    """
    later = attempts(metrics)[1:]
    if not later:
        return dict(metrics)
    begins = np.array([attempt.row for attempt in later])
    lowest = _lowest_from_here(np.array([attempt.step for attempt in later]))
    kept = {name: _kept(points, begins, lowest) for name, points in metrics.items()}
    return {name: points for name, points in kept.items() if len(points.row)}


def _backwards(points: Series) -> list[tuple[int, int, float]]:
    """(row, row before, step) wherever the steps of one metric run backwards."""
    known = np.isfinite(points.step)
    row, step = points.row[known], points.step[known]
    at = np.flatnonzero(step[1:] < step[:-1]) + 1
    return list(zip(row[at].tolist(), row[at - 1].tolist(), step[at].tolist(), strict=True))


def _kept(points: Series, begins: Ints, lowest: Floats) -> Series:
    """*points* without those whose step is reached by an attempt that begins after their row."""
    own = _lowest_from_here(np.where(np.isfinite(points.step), points.step, np.inf))
    own = np.append(own, np.inf)[np.searchsorted(points.row, begins)]
    reached = np.append(np.minimum(lowest, own), np.nan)  # nothing comes after the last attempt
    replaced = points.step >= reached[np.searchsorted(begins, points.row, side="right")]
    return points.at(~replaced) if replaced.any() else points


def _lowest_from_here(steps: Floats) -> Floats:
    """For each of *steps* the lowest of it and all that come after it."""
    lowest: Floats = np.minimum.accumulate(steps[::-1])[::-1]
    return lowest
