"""Curves in the terminal: one in braille dots, several overlaid with a mark for each.

Not a library's: uniplot 0.23 labels 0.5 as `0`, plotext 6 is another program than plotext 5, and plotille tells several
curves apart by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from spt_cli.metrics.curves import buckets
from spt_cli.model import Series
from spt_cli.render.terminal import Terminal
from spt_cli.words.text import cells, clip, measure, one_line

_WIDTH = 80  # columns where there is no terminal
HEIGHT = 15  # lines of the plot itself
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # of a braille character: rows of two, from the top
_MARKS, _PLAIN_MARKS = "●○▲△■□◆◇", "*o+x#@%="
_COLORS = ("blue", "yellow", "green", "magenta", "cyan", "red")

Floats = NDArray[np.float64]
Grid = dict[tuple[int, int], str]  # (line, column) -> the character there


def plot(title: str, runs: Sequence[tuple[str, Series]], terminal: Terminal, *, height: int = HEIGHT) -> Iterator[str]:
    """Lines that draw one metric of *runs*, (name, points), against the step, with a legend where there are several.

    A curve is the mean of as many buckets as there is room for. Where values are not finite it breaks, and a cross
    stands at the bottom.
    """
    yield terminal.paint(one_line(title), "bold") + "\n"
    columns = max((terminal.width or _WIDTH) - 12, 20)
    several = len(runs) > 1
    found = buckets([series for _, series in runs], columns if several else 2 * columns)
    means = [np.where(curve.nonfinite > 0, np.nan, curve.mean) for curve in found.curves]
    held = [np.flatnonzero(curve.count + curve.nonfinite) for curve in found.curves]
    finite = np.concatenate([mean[np.isfinite(mean)] for mean in means] or [np.empty(0)])
    if not len(finite):
        yield "no finite value with a step\n"
        return
    low, high = float(finite.min()), float(finite.max())
    first, last = float(found.grid.start[0]), found.grid.high
    drawn: Grid = {}
    marks = _MARKS if terminal.unicode else _PLAIN_MARKS
    legend = []
    for number, (mean, at) in enumerate(zip(means, held, strict=True)):
        mark, style = marks[number % len(marks)], _COLORS[number % len(_COLORS)]
        fine = terminal.unicode and not several
        size = (4 * height, 2 * columns) if fine else (height, columns)
        x, y = _scaled(found.grid.x[at], first, last, size[1]), _scaled(mean[at], high, low, size[0])
        dots = set(_line(x, y))
        drawn |= {place: terminal.paint(text, style) for place, text in _characters(dots, mark, fine=fine).items()}
        lost = {(height - 1, round(place) // (2 if fine else 1)) for place in x[~np.isfinite(y)]}
        drawn |= dict.fromkeys(lost, terminal.paint("\u00d7" if terminal.unicode else "X", "red"))
        legend.append(f"{terminal.paint(mark, style)} {clip(one_line(runs[number][0]), columns, keep_end=True)}")
    yield from _framed(drawn, (height, columns), (low, high), (first, last), terminal)
    if several:
        yield from (f"  {entry}\n" for entry in legend)


def _scaled(values: Floats, start: float, end: float, size: int) -> Floats:
    """*values* from *start* to *end* as places from 0 to *size* - 1; the middle where there is no extent."""
    extent = end / 2 - start / 2  # half of it: all of it may be more than a float holds
    return (values / 2 - start / 2) / extent * (size - 1) if extent else np.full(len(values), (size - 1) / 2)


def _line(x: Floats, y: Floats) -> Iterator[tuple[int, int]]:
    """(line, column) of every dot of the curve through the points, broken where y is NaN."""
    for i in range(len(x)):
        if not np.isfinite(y[i]):
            continue
        joined = i > 0 and np.isfinite(y[i - 1])
        steps = int(max(abs(x[i] - x[i - 1]), abs(y[i] - y[i - 1]))) + 1 if joined else 0
        for part in np.linspace(1 / steps, 1, steps) if joined else (1.0,):
            before = (x[i - 1], y[i - 1]) if joined else (x[i], y[i])
            yield round(before[1] + (y[i] - before[1]) * part), round(before[0] + (x[i] - before[0]) * part)


def _characters(dots: set[tuple[int, int]], mark: str, *, fine: bool) -> Grid:
    if not fine:
        return dict.fromkeys(dots, mark)
    bits: dict[tuple[int, int], int] = {}
    for line, column in dots:
        place = line // 4, column // 2
        bits[place] = bits.get(place, 0) | _DOTS[line % 4][column % 2]
    return {place: chr(0x2800 + pattern) for place, pattern in bits.items()}


def _framed(
    drawn: Grid, size: tuple[int, int], values: tuple[float, float], steps: tuple[float, float], terminal: Terminal
) -> Iterator[str]:
    """The drawing with its axes: values at the top, the middle and the bottom, steps at both ends."""
    height, columns = size
    low, high = values
    tick, bar, corner, floor = "┤│└─" if terminal.unicode else "||+-"
    labels = {0: measure(high), height // 2: measure(low / 2 + high / 2), height - 1: measure(low)}
    room = max(map(cells, labels.values()))
    for line in range(height):
        row = "".join(drawn.get((line, column), " ") for column in range(columns))
        axis = terminal.paint(f"{labels.get(line, ''):>{room}} {tick if line in labels else bar}", "dim")
        yield f"{axis}{row}".rstrip() + "\n"
    yield terminal.paint(" " * (room + 1) + corner + floor * columns, "dim") + "\n"
    first, last = (f"{step:.10g}" for step in steps)
    yield terminal.paint(f"{' ' * (room + 2)}{first}{last:>{max(columns - len(first), len(last) + 1)}}", "dim") + "\n"
