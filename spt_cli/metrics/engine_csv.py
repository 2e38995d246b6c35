"""The engine for small files and appended tails: cells of tidy files by splitting, of all others by the csv module."""

from __future__ import annotations

import importlib.util
import re
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import compress
from typing import TYPE_CHECKING, Any

import msgspec
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
    return _tidy(data[start:], start, width) or _untidy(data, start, width, live=live)


def number(cell: str) -> float | None:
    """The number that *cell* holds: what float() reads without `_` and digits outside ASCII, which no logger writes."""
    if "_" in cell or not cell.isascii():
        return None
    try:
        return float(cell)
    except ValueError:
        return None


def _tidy(data: bytes, start: int, width: int) -> Columns | None:
    """Rows as loggers leave them, each of *width* cells without quotes; None when there are others."""
    ends = data.count(b"\n")
    newline = "\r\n" if data.count(b"\r\n") == ends else "\n"
    if not ends or b'"' in data or data.count(b"\r") != (ends if newline == "\r\n" else 0):
        return None
    lines = data.decode("utf-8", "replace").removesuffix(newline).split(newline)
    commas = width - 1
    if any(line.count(",") != commas for line in lines):
        return None
    cells = ",".join(lines).split(",")
    every = np.arange(len(lines))
    kept = []
    for column in (cells[index::width] for index in range(width)):
        texts = list(filter(None, column))
        dense = len(texts) == len(lines)
        kept.append(_numbers(every if dense else np.array(list(compress(range(len(lines)), column)), np.int64), texts))
    return Columns(kept, len(lines), start + len(data))


def _untidy(data: bytes, start: int, width: int, *, live: bool) -> Columns:
    """Rows of any file."""
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
    kept = [_numbers(np.array(at, np.int64), column) for at, column in zip(places, texts, strict=True)]
    return Columns(kept, rows, end)


_JSON = msgspec.json.Decoder(list[float])  # reads the numbers of JSON as float() does, five times as fast,
_MINUS_ZERO = re.compile(r"-0[\s,]")  # but for this integer, of which it makes 0.0


def _numbers(places: Ints, texts: list[str]) -> tuple[Ints, Floats]:
    """Those of *texts* that are numbers, with their places."""
    cells = ",".join(texts)
    if not _MINUS_ZERO.search(cells + ","):
        with suppress(msgspec.DecodeError):
            values = _JSON.decode(f"[{cells}]")
            if len(values) == len(texts):  # a quoted cell may hold `1,2`
                return places, np.array(values, np.float64)
    found = [number(text) for text in texts]
    kept = [index for index, value in enumerate(found) if value is not None]
    return places[kept], np.array([found[index] for index in kept], np.float64)


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
