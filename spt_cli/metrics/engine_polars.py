"""The engine for large files: polars, 15 to 30 times as fast as a loop over csv rows (24 MB: 40 ms)."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from spt_cli.metrics.engine_csv import Columns

_LONE_CR = re.compile(rb"\r[^\n]")  # ends a row for the csv module; polars strips it from the cell


def columns(data: bytes, width: int) -> Columns | None:
    """The rows of *data*, whose first line is a header of *width* columns; None when polars cannot be relied on.

    Every cell has to be empty or a number, so polars itself refuses a file with text, NUL bytes, overlong rows or
    numbers that only Python reads (`1_0`, white space after a number, other scripts' digits). What it would read
    otherwise than the csv module is looked for here: quotes and lone carriage returns.
    """
    if b'"' in data or _LONE_CR.search(data):
        return None
    lines = np.count_nonzero(np.frombuffer(data, np.uint8) == ord("\n"))
    if lines * width > 2 * len(data):  # a row of n cells has n bytes at least, but polars makes all cells of short ones
        return None
    try:
        frame = pl.read_csv(
            data, schema_overrides=[pl.Float64] * width, quote_char=None, encoding="utf8-lossy", infer_schema=False
        )
    except pl.exceptions.PolarsError:
        return None
    if frame.width != width:  # polars 1.20 takes the second line for the header where the first is blank
        return None
    every = np.arange(frame.height)
    cells = []
    for column in frame.get_columns():
        if column.null_count():
            rows = np.flatnonzero(column.is_not_null().to_numpy())
            cells.append((rows, column.drop_nulls().to_numpy()))
        else:
            cells.append((every, column.to_numpy()))
    return Columns(cells, frame.height, len(data))
