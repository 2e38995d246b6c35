"""metrics.csv -> Series: all of it, or only what was appended since the last look."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct, structs

from spt_cli.files import regular
from spt_cli.metrics.table import table
from spt_cli.model import Series, Stamp

if TYPE_CHECKING:
    from io import FileIO

    from numpy.typing import NDArray

_FINGERPRINT = 64  # bytes before the offset; after a header rewrite other bytes stand there


class Cursor(Struct, frozen=True):
    """How far a metrics.csv has been read, and enough to know that it only grew since. Cursor() is its beginning."""

    stamp: Stamp = Stamp()  # of the file when it was read
    header: bytes = b""  # its first line as it stands, newline included
    offset: int = 0  # bytes up to which rows have been read
    fingerprint: bytes = b""  # the bytes before the offset
    rows: int = 0  # rows read
    held: bool = False  # the last look found a file being rewritten and left what was known as it was


class Appended(Struct, frozen=True, eq=False):
    """What a look at a metrics.csv brought."""

    points: dict[str, Series]  # only the new ones; rows are numbered on
    cursor: Cursor  # for the next look
    restarted: bool = False  # the file was read from its beginning: the points replace all that was known


def read_metrics(path: str | Path, live: bool = False) -> dict[str, Series]:  # noqa: FBT001, FBT002 - the public API
    """Points of every metric of a metrics.csv, rows as they stand, metrics in the order of the header.

    An empty or non-numeric cell adds no point; `nan` and infinities do. A metric without points is left out, a file
    without rows gives {}. x is the row's step, else its epoch, else its 0-based number, which then stands as its step.
    With *live* the last line counts once its newline is there: its writer may be in the middle of a number.
    Raises OSError when there is no such file or it cannot be read; its content cannot make it fail.
    """
    read = table(regular.content(path), live=live)
    return read.points if read else {}


def appended(path: str | Path, cursor: Cursor = Cursor()) -> Appended:  # noqa: B008 - a frozen value
    """Points of a metrics.csv of a live run that came after *cursor*; the cost follows what was appended.

    A file that is another one, or whose header or read rows changed, is read anew. One that is caught while its writer
    puts a new header in (it shrank, or the header is torn) keeps what was known, and is looked at again by the next
    call: a file that only shrank is believed the second time. `joined` puts the parts together.
    Raises OSError as `read_metrics` does; *cursor* is then still good.
    """
    with regular.opened(path) as file:
        found = os.fstat(file.fileno())
        stamp = Stamp(found.st_mtime_ns, found.st_size, found.st_ino)
        if stamp == cursor.stamp:
            return Appended({}, cursor)
        tail = _tail(file, stamp, cursor)
        if tail is not None:
            return _continued(tail, stamp, cursor)
        if _shrank(stamp, cursor) and not cursor.held:
            return Appended({}, structs.replace(cursor, held=True))
        file.seek(0)
        data = file.readall()
    read = table(data, live=True)
    if read is None:
        return Appended({}, structs.replace(cursor, held=True))
    start = Cursor(stamp, data[: read.start], read.end, data[max(0, read.end - _FINGERPRINT) : read.end], read.rows)
    return Appended(read.points, start, restarted=True)


def joined(parts: Iterable[Mapping[str, Series]]) -> dict[str, Series]:
    """The points of all *parts*, in their order: of `appended` looks, or of `metric_chunks`."""
    series: dict[str, list[Series]] = {}
    for part in parts:
        for name, points in part.items():
            series.setdefault(name, []).append(points)
    made: dict[tuple[int, ...], NDArray[Any]] = {}
    return {name: _concatenated(points, made) for name, points in series.items()}


def metric_chunks(metrics: Mapping[str, Series], rows: int = 5_000) -> Iterator[dict[str, Series]]:
    """*metrics* in pieces of *rows* rows of the file, in file order. Pieces without points are left out."""
    last = max((int(points.row[-1]) for points in metrics.values()), default=-1)
    for start in range(0, last + 1, rows):
        piece = {}
        for name, points in metrics.items():
            some = slice(*np.searchsorted(points.row, (start, start + rows)))
            if some.start < some.stop:
                piece[name] = points.at(some)
        if piece:
            yield piece


def _tail(file: FileIO, stamp: Stamp, cursor: Cursor) -> bytes | None:
    """What stands after the offset, when the file is the one that was read and only grew."""
    if stamp.inode != cursor.stamp.inode or stamp.size < cursor.stamp.size:
        return None
    if file.read(len(cursor.header)) != cursor.header:
        return None
    file.seek(cursor.offset - len(cursor.fingerprint))
    tail = file.readall()
    return tail[len(cursor.fingerprint) :] if tail.startswith(cursor.fingerprint) else None


def _continued(tail: bytes, stamp: Stamp, cursor: Cursor) -> Appended:
    data = cursor.header.rstrip(b"\r\n") + b"\n" + tail  # a header may end with \r, the tail begin with \n
    read = table(data, live=True, first_row=cursor.rows)
    assert read is not None  # it begins with a complete header
    taken = cursor.fingerprint + data[read.start : read.end]
    moved = structs.replace(
        cursor,
        stamp=stamp,
        offset=cursor.offset + read.end - read.start,
        fingerprint=taken[-_FINGERPRINT:],
        rows=cursor.rows + read.rows,
        held=False,
    )
    return Appended(read.points, moved)


def _shrank(stamp: Stamp, cursor: Cursor) -> bool:
    return stamp.inode == cursor.stamp.inode and stamp.size < cursor.stamp.size


def _concatenated(parts: list[Series], made: dict[tuple[int, ...], NDArray[Any]]) -> Series:
    """*parts* one after the other. Of arrays that metrics share one is made, and found in *made* again."""
    if len(parts) == 1:
        return parts[0]
    return Series(*(_one([getattr(part, name) for part in parts], made) for name in ("step", "epoch", "value", "row")))


def _one(arrays: list[NDArray[Any]], made: dict[tuple[int, ...], NDArray[Any]]) -> NDArray[Any]:
    key = tuple(map(id, arrays))
    if key not in made:
        made[key] = np.concatenate(arrays)
        made[key].setflags(write=False)
    return made[key]
