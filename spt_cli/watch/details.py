"""What is shown of a run when it is looked at closely: its curves, the end of its log, why it failed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from spt_cli.errors import NotFoundError
from spt_cli.logs.files import Logs, chunks, find_logs, last_lines
from spt_cli.logs.text import clean, lines
from spt_cli.logs.tracebacks import last_traceback
from spt_cli.logs.wanted import Wanted, wanted
from spt_cli.model import LogStream, Run, Series
from spt_cli.watch.scene import Details

if TYPE_CHECKING:
    from spt_cli.metrics.reading import Cursor

LINES = 100  # of the log, at most
_SEARCHED = 1 << 20  # bytes at the end of a log in which a traceback is looked for
_STREAMS = 8  # streams of a run in which one is looked for; a job may have hundreds of ranks
_PATIENCE = 10.0  # seconds after which streams are looked for anew


class Reader:
    """Reads one run closely, again and again: of its metrics only what is new."""

    def __init__(self) -> None:
        self._cursor: Cursor | None = None
        self._points: dict[str, Series] = {}
        self._whole = False  # the run has ended, and all of it was read
        self._logs = Logs()
        self._looked: float | None = None
        self._seen: tuple[object, ...] = ()  # what the last Details were made of
        self._last: Details | None = None

    def look(self, run: Run, root: str, *, clock: float) -> Details:
        """All that is known of *run*, under its own id; logs are looked for up to *root*. *clock* only goes forward."""
        from spt_cli.metrics.requeues import attempts, stitch

        failed = run.state == "failed"
        if self._looked is None or clock - self._looked > _PATIENCE:
            self._looked, self._logs = clock, find_logs(run, root)
        stream = _obvious(self._logs.streams, failed=failed)
        seen = (run, stream, _size(stream))
        if self._seen == seen and self._last is not None:
            return self._last
        self._seen = seen
        problem = self._read(run)
        shown: tuple[str, ...] = ()
        if stream is not None:
            try:
                shown = tuple(map(clean, lines(last_lines(stream.path, LINES))))[-LINES:]
            except OSError as error:
                problem = problem or f"{stream.path}: {error.strerror}"
        counted = stitch(self._points)
        name, trace = _traceback(self._logs.streams, stream) if failed else ("", ())
        self._last = Details(
            points=counted,
            extremes={name: _extremes(series) for name, series in counted.items()},
            attempts=len(attempts(self._points)),
            log=stream.name if stream is not None else "",
            lines=shown,
            trace_of=name,
            trace=trace,
            problem=problem,
        )
        return self._last

    def _read(self, run: Run) -> str:
        """Reads what is new of the metrics; what went wrong with it."""
        from spt_cli.metrics.reading import Cursor, appended, joined, read_metrics

        path = os.path.join(run.run_dir, "metrics.csv")
        try:
            if not run.live:
                self._points = self._points if self._whole else read_metrics(path)
                self._whole, self._cursor = True, None
                return ""
            self._whole = False
            found = appended(path, self._cursor or Cursor())
        except FileNotFoundError:
            return ""
        except OSError as error:
            return f"{path}: {error.strerror}"
        self._cursor = found.cursor
        self._points = found.points if found.restarted else joined([self._points, found.points])
        return ""


def _extremes(series: Series) -> tuple[float, float] | None:
    """The least and the largest finite value; None when there is none."""
    import numpy as np

    finite = series.value[np.isfinite(series.value)]
    return (float(finite.min()), float(finite.max())) if len(finite) else None


def _obvious(streams: Sequence[LogStream], *, failed: bool) -> LogStream | None:
    try:
        return next(iter(wanted(streams, Wanted(), failed=failed)), None)
    except NotFoundError:
        return None


def _size(stream: LogStream | None) -> int:
    try:
        return stream.path.stat().st_size if stream is not None else 0
    except OSError:
        return 0


def _traceback(streams: Sequence[LogStream], first: LogStream | None) -> tuple[str, tuple[str, ...]]:
    """The last traceback of a run and the stream that it stands in: the obvious one, else another."""
    others = [stream for stream in reversed(streams) if stream is not first][: _STREAMS - 1]
    for stream in [*([first] if first is not None else []), *others]:
        try:
            found = last_traceback(lines(chunks(stream.path, _SEARCHED)))
        except OSError:
            continue
        if found is not None:
            return stream.name, found.lines
    return "", ()
