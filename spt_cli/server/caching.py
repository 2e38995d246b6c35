"""Parsed metrics of the runs that somebody looks at: read once, then only what was appended; bounded by memory."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from spt_cli.metrics.reading import Cursor, appended, joined, read_metrics
from spt_cli.metrics.reduce import Reduced, reduce
from spt_cli.metrics.requeues import attempts, stitch
from spt_cli.model import Series, Stamp
from spt_cli.server.answers import Packed
from spt_cli.server.course import Course, course, further
from spt_cli.server.merging import merged

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Result = TypeVar("_Result")

_FILE = 2_000  # bytes of a file of which there is nothing to keep
_CURVE, _BUCKET = 2_000, 48  # bytes of a Reduced: its arrays' heads, and six numbers a bucket
_SMALL_TAIL = 1_000  # rows that are joined anew with each look; of a long file a 64th of its rows


class Points:
    """The points of a metrics.csv as it stood once, and what is made of them when somebody asks.

    They are held as two parts, since of 100,000 rows and one more nothing should be copied that nobody looks at.
    """

    def __init__(
        self,
        first: Mapping[str, Series],
        tail: Mapping[str, Series] | None = None,
        *,
        tag: str,
        once: bool | None = None,
    ) -> None:
        self._first, self._tail = first, tail or {}
        self._series: dict[str, Series] = {}
        self._once = once  # not requeued; None: not known yet
        self._stitched: dict[str, Series] | None = None
        self._reduced: dict[tuple[str, int], Reduced] = {}  # by name and buckets
        self._course: Course | None = None
        self._packed: Packed | None = None
        self.tag = tag  # another one for every other content

    def followed_by(self, part: Mapping[str, Series], tag: str) -> Points:
        """These points and *part*, which was appended."""
        once = self._once
        if once and len(attempts(joined([self._ends, part]))) > 1:
            once = False
        tail = joined([self._tail, part])
        if _rows(tail) <= _SMALL_TAIL + _rows(self._first) // 64:
            points = Points(self._first, tail, tag=tag, once=once)
        else:
            points = Points(joined([self._first, tail]), tag=tag, once=once)
        if once:
            points._reduced = _reduced_further(self._reduced, part)
            points._course = further(self._course, part) if self._course else None
        return points

    @cached_property
    def all(self) -> Mapping[str, Series]:
        """Every metric, rows as they stand."""
        return joined([self._first, self._tail]) if self._tail else self._first

    def stitched(self, name: str) -> Series | None:
        """The points of one metric that count; None when there are none."""
        if self._once is None:
            self._once = len(attempts(self.all)) <= 1
        if self._once:
            return self._one(name)
        if self._stitched is None:
            self._stitched = stitch(self.all)
        return self._stitched.get(name)

    def reduced(self, names: Iterable[str], count: int) -> dict[str, Reduced]:
        """Those metrics of *names* that there are, each by itself as a curve of at most *count* buckets; kept."""
        missing = [name for name in names if (name, count) not in self._reduced]
        counted = {name: series for name in missing if (series := self.stitched(name)) is not None}
        for name, one in reduce(counted, count).metrics.items():
            self._reduced[name, count] = one
        return {name: self._reduced[name, count] for name in names if (name, count) in self._reduced}

    @property
    def names(self) -> list[str]:
        """Of its metrics."""
        return list({**self._first, **self._tail})

    @property
    def course(self) -> Course:
        """Where its attempts and epochs begin."""
        if self._course is None:
            self._course = course(self.all)
        return self._course

    def packed(self, encode: Callable[[Mapping[str, Series]], bytes]) -> Packed:
        """What *encode*, always the same, makes of `all`; kept."""
        if self._packed is None:
            self._packed = Packed(encode(self.all))
        return self._packed

    @property
    def size(self) -> int:
        """Bytes in memory."""
        groups = [self._first, self._tail, self._series, self._stitched or {}, self.__dict__.get("all", {})]
        arrays = {id(array): array.nbytes for group in groups for series in group.values() for array in _arrays(series)}
        curves = sum(_CURVE + _BUCKET * len(one.parts.at) for one in self._reduced.values())
        return sum(arrays.values()) + curves + (self._packed.size if self._packed else 0)

    @property
    def _ends(self) -> dict[str, Series]:
        """The last point with a step of each metric: what comes next goes on from there, or the run was requeued."""
        ends = {}
        for name in {**self._first, **self._tail}:
            parts = [part[name] for part in (self._tail, self._first) if name in part]
            known = (part.at(np.flatnonzero(np.isfinite(part.step))[-1:]) for part in parts)
            last = next((point for point in known if len(point.row)), None)
            if last is not None:
                ends[name] = last
        return ends

    def _one(self, name: str) -> Series | None:
        if name not in self._series:
            parts = [{name: part[name]} for part in (self._first, self._tail) if name in part]
            if not parts:
                return None
            self._series[name] = joined(parts)[name]
        return self._series[name]


class Metrics:
    """Points of the files that were asked for last, in *max_bytes* of memory. Any number of threads may ask."""

    def __init__(self, max_bytes: int = 256 << 20) -> None:
        self.size = 0  # bytes in memory
        self._max_bytes = max_bytes
        self._files: dict[str, _File] = {}  # the one asked for last stands last
        self._lock = threading.Lock()

    def use(self, path: str, work: Callable[[Points], _Result], *, live: bool) -> _Result:
        """What *work* makes of the points of the metrics.csv at *path* as it is now: none when it is not there.

        Of a *live* run the last line counts once its newline is there. Who asks while another thread is at the same
        file waits for that, and then finds what was read and made. Raises OSError when the file cannot be read.
        """
        with self._lock:
            file = self._files[path] = self._files.pop(path) if path in self._files else _File(path)
        with file.lock:
            result = work(file.look(live=live))
            size = _FILE + file.points.size
        self._count(path, file, size)
        return result

    def _count(self, path: str, file: _File, size: int) -> None:
        """Adds *file* up, and drops what was asked for longest ago until the rest fits."""
        with self._lock:
            if self._files.get(path) is not file:
                return  # dropped meanwhile
            self.size += size - file.size
            file.size = size
            while self.size > self._max_bytes:
                oldest = next(iter(self._files))
                self.size -= self._files.pop(oldest).size


class _File:
    """One metrics.csv."""

    def __init__(self, path: str) -> None:
        self.lock = threading.Lock()
        self.points = Points({}, tag="none")
        self.size = 0  # bytes that are counted
        self._path = path
        self._cursor = Cursor()

    def look(self, *, live: bool) -> Points:
        """Its points now."""
        try:
            if live:
                self._read_on()
            else:
                self._read_whole()
        except FileNotFoundError:
            self._cursor, self.points = Cursor(), Points({}, tag="none")
        return self.points

    def _read_on(self) -> None:
        """Reads what was appended."""
        found = appended(self._path, self._cursor)
        if found.cursor != self._cursor:
            tag = _tag(found.cursor.stamp)
            if found.restarted:
                self.points = Points(found.points, tag=tag)
            elif found.points:
                self.points = self.points.followed_by(found.points, tag)
            else:
                self.points.tag = tag
            self._cursor = found.cursor

    def _read_whole(self) -> None:
        """Reads on, and a last line that has no newline too."""
        found = os.stat(self._path)  # before it is read: what comes later makes another tag
        tag = _tag(Stamp(found.st_mtime_ns, found.st_size, found.st_ino)) + "-ended"
        if self.points.tag == tag:
            return
        self._read_on()
        if self._cursor.held or self._cursor.offset < self._cursor.stamp.size:
            self._cursor, self.points = Cursor(), Points(read_metrics(self._path), tag=tag)


def _tag(stamp: Stamp) -> str:
    return f"{stamp.mtime_ns:x}-{stamp.size:x}-{stamp.inode:x}"


def _reduced_further(
    known: Mapping[tuple[str, int], Reduced], part: Mapping[str, Series]
) -> dict[tuple[str, int], Reduced]:
    """*known* with the points of *part*, which no requeue has logged."""
    further = dict(known)
    for count in {count for _, count in known}:
        here = {name: series for name, series in part.items() if (name, count) in known}
        for name, more in reduce(here, count).metrics.items():
            further[name, count] = merged(known[name, count], more, count)
    return further


def _rows(part: Mapping[str, Series]) -> int:
    return max((len(series.row) for series in part.values()), default=0)


def _arrays(series: Series) -> Iterable[NDArray[Any]]:
    return (series.step, series.epoch, series.value, series.row)
