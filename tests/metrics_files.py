"""metrics.csv files for tests: hostile ones from hypothesis, and what to compare."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from hypothesis import strategies as st

from spt_cli.model import Series

_NUMBERS = ["0", "1", "-0", "7", "0.10000000149011612", "1e400", "-1e400", "1e-400", "+1", ".5", "5.", "1E5", "1e+05"]
_WORDS = ["nan", "NaN", "-nan", "+nan", "inf", "-inf", "+inf", "Infinity", "infinity", "iNf", "-iNfInItY"]
_TRICKY = [" 1", "1 ", "\t1", "\x0b1", "1\x0c", " ", "\xa01", "\u0661", "1_0", "0x1", "1e", "e5", ".", "-", "+", "- 1"]
_TEXT = [
    "text",
    "null",
    "None",
    "true",
    "1,5",
    "#1",
    "\x00",
    "1\x00",
    "\x1c1",
    "\x85",
    "\u20281",
    "1d5",
    "infin",
    "nan0",
]
_QUOTED = ['"1"', '"a,b"', '"a""b"', '"a\n1,2"', '"a\r\nb"', '"', 'a"b', '"a"b', '""', '" 1"']
_LONE_CR = ["\r", "1\r", "\r1", " \r"]

_plain = st.sampled_from(["", *_NUMBERS, *_WORDS]) | st.floats().map(repr) | st.integers(-5, 5).map(str)
_odd = st.sampled_from([*_TRICKY, *_TEXT, *_QUOTED, *_LONE_CR]) | st.text(max_size=3)
_names = st.sampled_from(["step", "epoch", "a", "b", "train/loss", "val", "", " a", "step ", '"x,y"', "\u00e9", '"'])


@st.composite
def hostile(draw: st.DrawFn) -> bytes:
    """Bytes of a metrics.csv: many are clean enough for every reader, the others are broken in one way or several."""
    header = draw(st.lists(_names, min_size=1, max_size=5))
    oddity = draw(st.sampled_from([0, 0, 1, 3]))  # of ten cells
    cells = st.integers(0, 9).flatmap(lambda n: _odd if n < oddity else _plain)
    ragged = draw(st.booleans())
    width = len(header)
    rows = st.lists(cells, min_size=0 if ragged else width, max_size=width + (2 if ragged else 0))
    end = draw(st.sampled_from(["\r\n", "\n"]))
    ends = st.just(end) if draw(st.booleans()) else st.sampled_from(["\r\n", "\n", "\n\n", "\r\n\r\n", "\r", "\r\r\n"])
    lines = [",".join(row) + draw(ends) for row in [header, *draw(st.lists(rows, max_size=8))]]
    data = "".join(lines).encode()
    if draw(st.booleans()):
        data = data.removesuffix(end.encode())
    if draw(st.integers(0, 9)) == 0:
        data = b"\xef\xbb\xbf" + data
    if draw(st.integers(0, 9)) == 0:
        place = draw(st.integers(0, len(data)))
        data = data[:place] + draw(st.binary(min_size=1, max_size=3)) + data[place:]
    return data


def bits(metrics: Mapping[str, Series]) -> dict[str, tuple[bytes, ...]]:
    """*metrics* in a form whose equality is that of every bit, NaN included, and of the order."""
    return {name: tuple(np.asarray(array).tobytes() for array in fields(points)) for name, points in metrics.items()}


def fields(points: Series) -> tuple[np.ndarray, ...]:
    return points.step, points.epoch, points.value, points.row


def lists(metrics: Mapping[str, Series]) -> dict[str, tuple[list[float | None], ...]]:
    """(step, epoch, value) of each metric as lists, NaN as None."""
    return {name: tuple(_nulled(array) for array in fields(points)[:3]) for name, points in metrics.items()}


def _nulled(array: np.ndarray) -> list[float | None]:
    return [None if np.isnan(number) else number for number in array.tolist()]
