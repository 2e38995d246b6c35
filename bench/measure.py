"""Time two things in turn and say how they compare."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable

from msgspec import Struct


class Line(Struct, frozen=True):
    """One row of the results table: medians, and the ratio with the range of the rounds it comes from."""

    name: str
    ours: float
    other: float
    unit: str
    against: str
    goal: float
    ratios: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Median of the ratios of the rounds."""
        return statistics.median(self.ratios)


def interleaved(
    name: str, ours: Callable[[], object], other: Callable[[], object], *, against: str, goal: float, rounds: int = 7
) -> Line:
    """Seconds of *ours* and *other*, one after the other in each round; what they return is dropped between rounds."""
    pairs = [(seconds(ours), seconds(other)) for _ in range(rounds)]
    return line(name, pairs, unit="s", against=against, goal=goal)


def line(name: str, pairs: list[tuple[float, float]], *, unit: str, against: str, goal: float) -> Line:
    """The Line of (ours, other) pairs measured elsewhere."""
    mine, theirs = zip(*pairs, strict=True)
    ratios = tuple(one / two for one, two in pairs)
    return Line(name, statistics.median(mine), statistics.median(theirs), unit, against, goal, ratios)


def seconds(action: Callable[[], object]) -> float:
    """Wall-clock seconds that one call of *action* takes, the collector's debts paid before."""
    gc.collect()
    began = time.perf_counter()
    action()
    return time.perf_counter() - began
