"""Which of a run's log streams are meant: by name, rank and kind, or the obvious one."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from spt_cli.errors import NotFoundError
from spt_cli.model import LogStream
from spt_cli.words.text import did_you_mean, printable


class Wanted(Struct, frozen=True):
    """What was asked for. The empty one means the obvious stream."""

    names: tuple[str, ...] = ()  # names or ids
    ranks: tuple[int, ...] = ()
    every_rank: bool = False
    kinds: tuple[str, ...] = ()  # "out", "err"


def wanted(streams: Sequence[LogStream], want: Wanted, *, failed: bool) -> list[LogStream]:
    """Those of *streams*, in their order, that *want* means; of a run that *failed* or did not.

    Without a kind it is out, or err when the run failed and its err holds something. Without a rank it is 0, else
    the stream without one, else the lowest. Raises NotFoundError, with what there is, when nothing fits.
    """
    if want.names:
        return [_named(streams, name) for name in want.names]
    kinds = want.kinds or (("err",) if failed and any(_held(stream) for stream in streams) else ("out",))
    found = [stream for stream in streams if stream.kind in kinds]
    if not found and not want.kinds:  # only err is there, or only out
        found = list(streams)
    if want.ranks:
        found = [stream for stream in found if stream.rank in want.ranks]
    elif want.every_rank:
        found = [stream for stream in found if stream.rank is not None] or found
    else:
        found = _obvious(found)
    if not found and streams:
        raise NotFoundError("no such stream", hint=_there_are(streams))
    return found


def _held(stream: LogStream) -> bool:
    return stream.kind == "err" and stream.size > 0


def _obvious(streams: Sequence[LogStream]) -> list[LogStream]:
    """One stream of each kind: of rank 0, else without a rank, else of the lowest."""
    best: dict[str, LogStream] = {}
    for stream in sorted(streams, key=lambda stream: (stream.rank != 0, stream.rank is not None, stream.rank or 0)):
        best.setdefault(stream.kind, stream)
    return [stream for stream in streams if best.get(stream.kind) is stream]


def _named(streams: Sequence[LogStream], name: str) -> LogStream:
    for stream in streams:
        if name in (stream.stream_id, stream.name):
            return stream
    known = [stream.name for stream in streams]
    raise NotFoundError(f"no stream {name}", hint=did_you_mean(name, known) or _there_are(streams))


def _there_are(streams: Sequence[LogStream]) -> str:
    return "there are " + ", ".join(printable(stream.name) for stream in streams)
