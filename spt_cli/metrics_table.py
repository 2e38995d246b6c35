"""Bytes of a metrics.csv -> Series, by one of two engines that give the same result.

The engine for small files is Python's csv module, here; the one for large files is polars, in metrics_polars.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct

from spt_cli.model import Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spt_cli.model import Floats, Ints

_LARGE = 256 << 10  # bytes; a csv loop takes 12 ms for this, polars 3 ms once imported


class Table(Struct, frozen=True, eq=False):
    """The rows below a header, parsed."""

    points: dict[str, Series]  # in header order; a metric without points is left out
    rows: int  # below the header, those without points too
    start: int  # where in the data the rows begin: the length of the header, its line end included
    end: int  # where in the data the next row will begin


class Columns(Struct, frozen=True, eq=False):
    """What an engine reads: for each column of the header the rows in which it holds a number, and these numbers."""

    cells: list[tuple[Ints, Floats]]  # rows are 0-based below the header and ascend
    rows: int
    end: int  # bytes of the data up to which rows are complete


def table(data: bytes, *, live: bool, first_row: int = 0) -> Table | None:
    """*data*, a header and rows, as Series; None when it holds no complete header.

    With *live* a row counts once its newline is there, without it the last one always does. Rows are numbered from
    *first_row* on. Bytes that are not UTF-8 are replaced, a byte order mark is no part of a name.
    """
    if live and not data.endswith(b"\n"):
        data = data[: data.rfind(b"\n") + 1]
    names, start, torn = header(data)
    if (torn and live) or not start:
        return None
    columns = _large(data, len(names)) if len(data) - start >= _LARGE else None
    columns = columns or small(data, start, len(names), live=live)
    return Table(_series(names, columns, first_row), columns.rows, start, columns.end)


def header(data: bytes) -> tuple[list[str], int, bool]:
    """The first record of *data*: its cells, the byte after it (0 without any record), and whether a quote is open."""
    mark = len(BOM_UTF8) if data.startswith(BOM_UTF8) else 0
    return next(_records(data, mark), ([], 0, False))


def small(data: bytes, start: int, width: int, *, live: bool) -> Columns:
    """The rows of *data* from byte *start* on by the csv module. It reads every file; the other engine has to agree."""
    places: list[list[int]] = [[] for _ in range(width)]
    texts: list[list[str]] = [[] for _ in range(width)]
    rows, end = 0, start
    for cells, stop, torn in _records(data, start):
        if torn and live:
            break
        for index, cell in enumerate(cells[:width]):  # not for each column: a blank line of a wide file costs nothing
            if cell:
                places[index].append(rows)
                texts[index].append(cell)
        rows, end = rows + 1, stop
    return Columns([_numbers(*column) for column in zip(places, texts, strict=True)], rows, end)


def number(cell: str) -> float | None:
    """The number that *cell* holds: what float() reads without `_` and digits outside ASCII, which no logger writes."""
    if "_" in cell or not cell.isascii():
        return None
    try:
        return float(cell)
    except ValueError:
        return None


def _large(data: bytes, width: int) -> Columns | None:
    from spt_cli.metrics_polars import large  # polars takes 0.1 s to import

    return large(data, width)


_LINE = re.compile(rb"[^\r\n]*+(?:\r\n|\n|\r)|[^\r\n]++")


def _records(data: bytes, start: int = 0) -> Iterator[tuple[list[str], int, bool]]:
    """Records of *data* from byte *start* on: their cells, the byte after each, and whether its quote is still open.

    Lines end as in text files opened with newline="", so a lone carriage return ends one. A blank line is a record
    without cells.
    """
    end = start
    exhausted = False

    def lines() -> Iterator[str]:
        nonlocal end, exhausted
        for line in _LINE.finditer(data, start):
            end = line.end()
            yield line[0].decode("utf-8", "replace")
        exhausted = True  # asked for more in the middle of a record: only an open quote does that

    for cells in _reader(lines()):
        yield cells, end, exhausted


def _reader_without_limit() -> Callable[[Iterator[str]], Iterator[list[str]]]:
    """csv.reader, for cells of any length.

    csv.field_size_limit (128 KiB) is one number for the whole process and not ours to change, so this reader comes
    from a copy of csv's C module that nobody else sees.
    """
    spec = importlib.util.find_spec("_csv")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.field_size_limit(sys.maxsize)
    reader: Callable[[Iterator[str]], Iterator[list[str]]] = module.reader
    return reader


_reader = _reader_without_limit()


def _numbers(places: list[int], texts: list[str]) -> tuple[Ints, Floats]:
    """Those of *texts* that are numbers, with their places."""
    whole = "".join(texts)
    if whole.isascii() and "_" not in whole:
        with suppress(ValueError):  # usual, and three times as fast as cell by cell
            return np.array(places, np.int64), np.fromiter(map(float, texts), np.float64, len(texts))
    found = [number(text) for text in texts]
    kept = [index for index, value in enumerate(found) if value is not None]
    return np.array([places[i] for i in kept], np.int64), np.array([found[i] for i in kept], np.float64)


def _series(names: list[str], columns: Columns, first_row: int) -> dict[str, Series]:
    """Points by metric. x is the row's step, else its epoch, else its number, which then stands as its step."""
    homes: dict[str, list[tuple[Ints, Floats]]] = {}
    for name, cells in zip(names, columns.cells, strict=True):
        homes.setdefault(name, []).append(cells)
    step, stepped = _axis(homes.pop("step", []), columns.rows)
    epoch, epoched = _axis(homes.pop("epoch", []), columns.rows)
    missing = np.flatnonzero(~(stepped | epoched))
    step[missing] = missing + first_row
    homes.pop("", None)
    series = {}
    for name, parts in homes.items():
        rows, value = parts[0] if len(parts) == 1 else _merged(parts)
        if len(rows):
            dense = len(parts) == 1 and len(rows) == columns.rows  # then metrics share x
            at = (step, epoch) if dense else (step[rows], epoch[rows])
            series[name] = _frozen(*at, value, rows + first_row if first_row else rows)
    return series


def _axis(columns: list[tuple[Ints, Floats]], rows: int) -> tuple[Floats, NDArray[np.bool]]:
    """The first of *columns* for every row: its number, NaN where it has none, and whether it has one."""
    values, known = np.full(rows, np.nan), np.zeros(rows, bool)
    for places, numbers in columns[:1]:
        values[places], known[places] = numbers, True
    return values, known


def _merged(columns: list[tuple[Ints, Floats]]) -> tuple[Ints, Floats]:
    """Columns of one name as one, in row order."""
    rows, values = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    order = np.argsort(rows, kind="stable")
    return rows[order], values[order]


def _frozen(step: Floats, epoch: Floats, value: Floats, row: Ints) -> Series:
    for array in (step, epoch, value, row):
        array.setflags(write=False)
    return Series(step, epoch, value, row)
