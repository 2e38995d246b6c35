"""Curves in one line of a table."""

from __future__ import annotations

import math
from collections.abc import Sequence

_BARS, _PLAIN_BARS = "▁▂▃▄▅▆▇█", "_.-=+*#"
_LINE, _PLAIN_LINE = ("━", "╸", "─"), ("#", "#", "-")


def spark(means: Sequence[float], width: int, *, unicode: bool = True) -> str:
    """*means* as bars in at most *width* cells, from the lowest of them to the highest; a gap for what is not finite.

    Of a curve with more points than there are cells each shows a mean; one with fewer takes less room.
    """
    bars = _BARS if unicode else _PLAIN_BARS
    shown = [_mean(means[start:end]) for start, end in _cells(len(means), width)]
    finite = [mean for mean in shown if math.isfinite(mean)]
    if not finite:
        return " " * len(shown)
    low, high = min(finite), max(finite)
    return "".join(_bar(mean, low, high, bars) if math.isfinite(mean) else " " for mean in shown)


def gauge(fraction: float, width: int, *, unicode: bool = True) -> str:
    """A line of *width* cells of which *fraction*, 0 to 1, is thick; full only when all is done."""
    whole, half, rest = _LINE if unicode else _PLAIN_LINE
    halves = int(fraction * width * 2)
    done = whole * (halves // 2) + half * (halves % 2)
    return done + rest * (width - len(done))


def _cells(count: int, width: int) -> list[tuple[int, int]]:
    """The points that stand in each cell, from and to."""
    cells = min(count, width)
    return [(cell * count // cells, (cell + 1) * count // cells) for cell in range(cells)]


def _mean(points: Sequence[float]) -> float:
    """The mean of *points*; NaN when one of them is not finite."""
    return math.fsum(point / len(points) for point in points) if all(map(math.isfinite, points)) else math.nan


def _bar(mean: float, low: float, high: float, bars: str) -> str:
    """The middle one where there is nothing to compare with."""
    extent = high / 2 - low / 2  # half of it: all of it may be more than a float holds
    share = (mean / 2 - low / 2) / extent if extent else 0.5
    return bars[min(int(share * len(bars)), len(bars) - 1)]
