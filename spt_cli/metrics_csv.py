"""The engine for small files and appended tails: rows by Python's csv module, which reads every file."""

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

if TYPE_CHECKING:
    from spt_cli.model import Floats, Ints


class Columns(Struct, frozen=True, eq=False):
    """What an engine reads: for each column of the header the rows in which it holds a number, and these numbers."""

    cells: list[tuple[Ints, Floats]]  # rows are 0-based below the header and ascend
    rows: int
    end: int  # bytes of the data up to which rows are complete


def header(data: bytes) -> tuple[list[str], int, bool]:
    """The first record of *data*: its cells, the byte after it (0 without any record), and whether a quote is open."""
    mark = len(BOM_UTF8) if data.startswith(BOM_UTF8) else 0
    return next(_records(data, mark), ([], 0, False))


def columns(data: bytes, start: int, width: int, *, live: bool) -> Columns:
    """The rows of *data* from byte *start* on; with *live* without a last one whose quote is open."""
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


def _numbers(places: list[int], texts: list[str]) -> tuple[Ints, Floats]:
    """Those of *texts* that are numbers, with their places."""
    whole = "".join(texts)
    if whole.isascii() and "_" not in whole:
        with suppress(ValueError):  # usual, and three times as fast as cell by cell
            return np.array(places, np.int64), np.fromiter(map(float, texts), np.float64, len(texts))
    found = [number(text) for text in texts]
    kept = [index for index, value in enumerate(found) if value is not None]
    return np.array([places[i] for i in kept], np.int64), np.array([found[i] for i in kept], np.float64)


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
