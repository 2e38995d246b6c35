"""Logs over HTTP: which a run has, their end, and what they gain."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping, Sequence
from functools import partial
from io import FileIO

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from spt_cli.files.inside import lies_inside, opened_inside
from spt_cli.logs.files import blocks, streams, tail_of
from spt_cli.logs.text import lines
from spt_cli.logs.tracebacks import MARK, last_traceback
from spt_cli.model import LogStream, Run
from spt_cli.render.json import encode
from spt_cli.server.answers import File, Packed, json_answer
from spt_cli.server.service import Service, all_of, number, one
from spt_cli.tree.roots import Root

_MOST = 4 << 20  # bytes of one answer
_MARK = 64  # bytes before an offset by which a text is known again: a requeue cuts the file and may outgrow it at once
_FRESH = 5.0  # seconds that a list of logs is believed by who follows one of them
_REMEMBERED = 200  # runs whose list of logs is
_LOOKED_AT = 64  # logs of a run in which a traceback is looked for
_SEARCHED = 1 << 20  # bytes at the end of a log in which it is
_TEXT = {"content-type": "text/plain; charset=utf-8"}


def routes(service: Service) -> list[Route]:
    """The routes of this module."""
    logs = _Logs(service)

    async def listed(request: Request) -> Response:
        run_id, root, run = service.run(request)
        return await service.answer(request, (await logs.list(run_id, root, run)).answer)

    async def content(request: Request) -> Response:
        run_id, root, run = service.run(request)
        path = await logs.path(run_id, root, run, one(request, "stream_id"))
        try:
            return await logs.content(request, root, path)
        except (OSError, ValueError) as error:
            raise HTTPException(404, "the log is not there, or not to be served") from error

    async def traceback(request: Request) -> Response:
        run_id, root, run = service.run(request)
        stream_id = "".join(all_of(request, "stream_id")[:1])
        return json_answer({"traceback": await logs.traceback(run_id, root, run, stream_id)})

    return [
        Route("/api/logs", listed),
        Route("/api/log-content", content),
        Route("/api/log-traceback", traceback),
    ]


class _Logs:
    """The logs of runs; for a while it remembers those of runs that somebody follows."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known: dict[str, _Listed] = {}  # by shown id, the newest last

    async def list(self, run_id: str, root: Root, run: Run) -> _Listed:
        """The logs of *run* that are served, as they are now."""
        found = await self._service.workers.do(root.path, lambda: _listed(run, root, self._tops(root)))
        self._known.pop(run_id, None)
        self._known[run_id] = found
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        return found

    async def path(self, run_id: str, root: Root, run: Run, stream_id: str) -> str:
        """The file of one of them. 404 if there is no such log."""
        known = self._known.get(run_id)
        if known is None or time.monotonic() - known.at > _FRESH or stream_id not in known.streams:
            known = await self.list(run_id, root, run)
        if stream_id not in known.streams:
            raise HTTPException(404, "no such log")
        return str(known.streams[stream_id].path)

    async def content(self, request: Request, root: Root, path: str) -> Response:
        """What the log at *path* holds: its end, what it gained since `?offset=`, or a range of it all."""
        read = partial(self._service.workers.do, root.path)
        offset = number(request, "offset", -1)
        if "range" in request.headers and offset < 0:
            file = await read(lambda: opened_inside(self._tops(root), path))
            return File(request, file, read, _TEXT)
        seen = "".join(all_of(request, "file")[:1])
        piece = await read(lambda: _piece(self._tops(root), path, int(offset), seen))
        headers = {
            "x-spt-start": str(piece.start),
            "x-spt-offset": str(piece.start + len(piece.data)),
            "x-spt-size": str(piece.size),
            "x-spt-file": piece.file,
        }
        return await self._service.answer(request, Packed(piece.data), piece.tag, headers | _TEXT)

    async def traceback(self, run_id: str, root: Root, run: Run, stream_id: str) -> _Traceback | None:
        """The last traceback of the log *stream_id*; for "" that of the first log of *run* that has one, err first."""
        if stream_id:
            paths = {stream_id: await self.path(run_id, root, run, stream_id)}
        else:
            streams = (await self.list(run_id, root, run)).streams.values()
            likely = sorted(streams, key=lambda stream: stream.kind != "err")[:_LOOKED_AT]
            paths = {stream.stream_id: str(stream.path) for stream in likely}
        return await self._service.workers.do(root.path, lambda: _traceback(self._tops(root), paths))

    def _tops(self, root: Root) -> tuple[str, ...]:
        """The folders that logs may lie in."""
        return (root.path, *self._service.options.logs_from)


class _Listed(Struct, frozen=True):
    """The logs of a run that are served."""

    streams: dict[str, LogStream]  # by stream id
    answer: Packed  # what `/api/logs` says
    at: float  # time.monotonic()


class _Piece(Struct, frozen=True):
    """Bytes of a log."""

    data: bytes
    start: int  # offset of the first of them
    size: int  # of the file
    file: str  # which text the file holds up to the end of data
    tag: str  # of the whole file as it was


def _listed(run: Run, root: Root, tops: Sequence[str]) -> _Listed:
    """The logs of *run* that lie in *tops*, links followed, and where others may be that do not."""
    found = streams(run, root.path)
    inside = lies_inside(tops, [str(stream.path) for stream in found])
    served = [stream for stream, good in zip(found, inside, strict=True) if good]
    rows = [
        {name: getattr(stream, name) for name in ("name", "kind", "rank", "size", "stream_id")} for stream in served
    ]
    output = run.hparams.get("output_dir")
    hidden = isinstance(output, str) and output.startswith("/") and not lies_inside(tops, [output])[0]
    answer = {"streams": rows} | ({"outside": output} if hidden else {})
    return _Listed({stream.stream_id: stream for stream in served}, Packed(encode(answer)), time.monotonic())


class _Traceback(Struct, frozen=True):
    """A traceback in a log of a run."""

    stream_id: str
    offset: int  # byte of the log at which the line with its head begins
    lines: tuple[str, ...]  # clean, without the prefix they share


def _traceback(tops: Sequence[str], paths: Mapping[str, str]) -> _Traceback | None:
    """The last traceback of the first of the logs in *paths*, by stream id, at whose end is one."""
    for stream_id, path in paths.items():
        try:
            with opened_inside(tops, path) as file:
                start, data = tail_of(file, _SEARCHED)
        except (OSError, ValueError):
            continue
        trace = last_traceback(lines([data])) if MARK in data else None
        if trace is not None:
            above = sum(map(len, data.split(b"\n", trace.first)[: trace.first])) + trace.first
            return _Traceback(stream_id, start + above, trace.lines)
    return None


def _piece(tops: Sequence[str], path: str, offset: int, seen: str) -> _Piece:
    """What the log gained after *offset*, where the text up to there is the one that was *seen*; else its end.

    At most _MOST bytes of it. Raises OSError and ValueError.
    """
    with opened_inside(tops, path) as file:
        found = os.fstat(file.fileno())
        same = 0 <= offset <= found.st_size and seen in {"", _identity(file, found, offset)}
        if same:
            start, data = offset, b"".join(blocks(file, offset, min(found.st_size, offset + _MOST)))
        else:
            start, data = tail_of(file, _MOST)
        tag = f"{found.st_mtime_ns:x}-{found.st_size:x}-{found.st_ino:x}-{start:x}-{len(data):x}"
        return _Piece(data, start, found.st_size, _identity(file, found, start + len(data)), tag)


def _identity(file: FileIO, found: os.stat_result, offset: int) -> str:
    """A word for the text of *file* up to *offset*: of another file, or when it was cut and written anew, another."""
    start = max(offset - _MARK, 0)
    mark = hashlib.blake2b(os.pread(file.fileno(), offset - start, start), digest_size=8).hexdigest()
    return f"{found.st_dev:x}-{found.st_ino:x}-{mark}"
