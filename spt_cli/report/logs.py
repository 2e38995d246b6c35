"""What runs printed last, and why they failed: the ends of their logs, with the last traceback."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from io import FileIO

from msgspec import Struct, structs

from spt_cli.errors import NotFoundError
from spt_cli.exported.document import Log
from spt_cli.files.inside import lies_inside, opened_inside
from spt_cli.logs.files import blocks, find_logs
from spt_cli.logs.text import clean, lines
from spt_cli.logs.tracebacks import MARK, Trace, last_traceback
from spt_cli.logs.wanted import Wanted, wanted
from spt_cli.model import LogStream, Run
from spt_cli.report.model import UNREAD
from spt_cli.report.redact import scrubbed
from spt_cli.tree.roots import Forest
from spt_cli.words.text import plural

STREAMS = 4  # of a run, at most: those with a traceback before the obvious one; a job may have hundreds of ranks
_LOOKED_AT = 64  # streams of a run in which a traceback is looked for
_SEARCHED = 1 << 20  # bytes at the end of a log in which it is looked for
_LINE = 1000  # bytes of a line that are shown
_TRACEBACK = (
    200  # lines of a traceback that are shown, and lines above the last ones that are shown to show it in place
)


class Tails(Struct, frozen=True):
    """The ends of the logs of runs."""

    logs: dict[int, tuple[Log, ...]]  # by place of the run, the most telling stream first; none of a run without logs
    left_out: tuple[str, ...]  # sentences


def tails(
    forest: Forest,
    runs: Sequence[tuple[int, Run]],
    count: int,
    *,
    also: Sequence[str] = (),
    secrets: Sequence[Sequence[str]] = (),
) -> Tails:
    """The last *count* lines of the logs of *runs*, given with their places, without the *secrets* by place.

    Only what really lies inside a root or inside one of the folders *also*, which are resolved, is read, links
    followed first: the hparams of a run name any folder they like.
    """
    found: dict[int, tuple[Log, ...]] = {}
    left_out: Counter[str] = Counter()
    for place, run in runs:
        root, own = forest.place(run.run_id)
        streams = find_logs(own, root.path).streams
        logs = _ends(streams, [root.path, *also], count, left_out, failed=run.state == "failed")
        if logs:
            hide = secrets[place] if secrets else ()
            found[place] = tuple(structs.replace(log, text=scrubbed(log.text, hide)) for log in logs)
    return Tails(found, tuple(_sentences(left_out)))


_OUTSIDE, _MORE = "outside", "more"


def _ends(
    streams: Sequence[LogStream], tops: Sequence[str], count: int, left_out: Counter[str], *, failed: bool
) -> list[Log]:
    """The ends of the most telling of *streams*; what is not shown for another reason than being empty is counted."""
    lying = lies_inside(tops, [str(stream.path) for stream in streams])
    within = [stream for stream, inside in zip(streams, lying, strict=True) if inside]
    left_out[_OUTSIDE] += len(streams) - len(within)
    try:
        obvious = wanted(within, Wanted(), failed=failed)
    except NotFoundError:
        return []
    order = sorted(within, key=lambda stream: stream not in obvious)
    ends = []
    for stream in order[:_LOOKED_AT]:
        try:
            with opened_inside(tops, str(stream.path)) as file:
                ends.append(_end(stream, file, count))
        except OSError as error:
            left_out[(error.strerror or "cannot be read").lower()] += 1
    telling = sorted((end for end in ends if end.text), key=lambda end: end.traceback is None)
    left_out[_MORE] += max(len(telling) - STREAMS, 0) + len(order[_LOOKED_AT:])
    return telling[:STREAMS]


def _sentences(left_out: Counter[str]) -> Iterator[str]:
    for why, number in sorted(left_out.items()):
        if why == _OUTSIDE and number:
            yield f"{plural(number, 'log')} outside of the roots (--logs-from DIR shows those in DIR)"
        elif why == _MORE and number:
            yield f"{plural(number, 'log')} of runs that have more than {STREAMS}"
        elif number:
            yield f"{plural(number, 'log')} that {UNREAD}: {why}"


def _end(stream: LogStream, file: FileIO, count: int) -> Log:
    """The last *count* lines of *file*, below its last traceback when that does not stand among them."""
    size = os.fstat(file.fileno()).st_size
    start = max(size - _SEARCHED, 0)
    data = b"".join(blocks(file, start, size))
    cut = data.find(b"\n") + 1 if start else 0
    start, data = (start + cut, data[cut:]) if cut < len(data) else (start, data)
    pieces = data.removesuffix(b"\n").split(b"\n")
    first = max(len(pieces) - count, 0)
    trace = last_traceback(lines([data])) if MARK in data else None
    above: list[str] = []
    place = None
    if trace is not None:
        if first - trace.first > _TRACEBACK:
            above = _above(trace, first)
            place = 0
        else:
            first = min(first, trace.first)
            place = trace.first - first
    before = start + sum(len(piece) + 1 for piece in pieces[: trace.first if trace and above else first])
    shown = [clean(next(lines([piece], _LINE), b""), colours=True) for piece in pieces[first:]]
    text = "\n".join([*above, *shown])
    return Log(stream.name, stream.kind, stream.rank, stream.stream_id, size, before, text, place)


def _above(trace: Trace, first: int) -> list[str]:
    """The lines of *trace*, and how many stand between them and line *first*."""
    shown = [line[:_LINE] for line in trace.lines]
    if len(shown) > _TRACEBACK:  # the last frames say most
        shown = [shown[0], _gap(len(shown) - _TRACEBACK), *shown[1 - _TRACEBACK :]]
    return [*shown, _gap(first - trace.first - len(trace.lines))]


def _gap(number: int) -> str:
    return f"[… {plural(max(number, 1), 'line')} left out]"
