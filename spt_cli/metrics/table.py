"""Bytes of a metrics.csv -> Series, by one of two engines that give the same result.

The engine for small files is metrics_csv, the one for large files metrics_polars.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from spt_cli.metrics import engine_csv as metrics_csv
from spt_cli.model import Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from spt_cli.metrics.engine_csv import Columns
    from spt_cli.model import Floats, Ints

_LARGE = 256 << 10  # bytes; splitting takes 5 ms for them and 20 for a MiB, polars 3 and 7 once it is imported


class Table(Struct, frozen=True, eq=False):
    """The rows below a header, parsed."""

    points: dict[str, Series]  # in header order; a metric without points is left out
    rows: int  # below the header, those without points too
    start: int  # where in the data the rows begin: the length of the header, its line end included
    end: int  # where in the data the next row will begin


def table(data: bytes, *, live: bool, first_row: int = 0) -> Table | None:
    """*data*, a header and rows, as Series; None when it holds no complete header.

    With *live* a row counts once its newline is there, without it the last one always does. Rows are numbered from
    *first_row* on. Bytes that are not UTF-8 are replaced, a byte order mark is no part of a name.
    """
    if live and not data.endswith(b"\n"):
        data = data[: data.rfind(b"\n") + 1]
    names, start, torn = metrics_csv.header(data)
    if (torn and live) or not start:
        return None
    columns = _by_polars(data, len(names)) if len(data) - start >= _LARGE else None
    columns = columns or metrics_csv.columns(data, start, len(names), live=live)
    return Table(_series(names, columns, first_row), columns.rows, start, columns.end)


def _by_polars(data: bytes, width: int) -> Columns | None:
    from spt_cli.metrics import engine_polars as metrics_polars  # 0.1 s to import

    return metrics_polars.columns(data, width)


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
    every = np.arange(first_row, first_row + columns.rows)
    series = {}
    for name, parts in homes.items():
        rows, value = parts[0] if len(parts) == 1 else _merged(parts)
        if len(rows):
            dense = len(parts) == 1 and len(rows) == columns.rows  # then metrics share x
            numbers = every if dense else rows + first_row if first_row else rows
            at = (step, epoch) if dense else (step[rows], epoch[rows])
            series[name] = _frozen(*at, value, numbers)
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
