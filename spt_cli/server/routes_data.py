"""What a run logged over HTTP: metrics as they stand, images and videos."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import AsyncIterator, Mapping
from functools import partial
from io import FileIO
from typing import TypeVar
from urllib.parse import quote

from msgspec import structs
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from spt_cli.errors import NotFoundError
from spt_cli.files.inside import opened_inside
from spt_cli.media import media_file, read_media
from spt_cli.metrics.reading import metric_chunks
from spt_cli.model import Run, Series
from spt_cli.render.json import encode
from spt_cli.server.answers import PIECE, File, Packed
from spt_cli.server.pointjson import metrics_json
from spt_cli.server.service import Service, file_of, one, unreadable

_Result = TypeVar("_Result")

_MOST_BUCKETS = 10_000
# Types that a browser shows without running anything of theirs; all others, svg and html among them, it is to save.
_HARMLESS = {
    ".png": "image/png",
    ".apng": "image/apng",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".bmp": "image/bmp",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".webm": "video/webm",
    ".ogv": "video/ogg",
    ".mov": "video/quicktime",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".flac": "audio/flac",
}
_OF_VIDEOS = ("fps", "format")
_SANDBOX = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"


def routes(service: Service) -> list[Route]:
    """The routes of this module."""

    async def metrics(request: Request) -> Response:
        _, root, run = service.run(request)
        packed, tag = await service.points(root, run, lambda points: (points.packed(_document), points.tag), "json")
        return await service.answer(request, packed, tag)

    async def metrics_stream(request: Request) -> Response:
        _, root, run = service.run(request)
        points = await service.points(root, run, lambda points: points.all, "all")
        headers = {"content-type": "application/x-ndjson; charset=utf-8", "cache-control": "no-store"}
        return StreamingResponse(_lines(service, points), headers=headers | {"x-accel-buffering": "no"})

    async def media(request: Request) -> Response:
        _, root, run = service.run(request)
        packed, tag = await service.workers.do(root.path, lambda: _events(run))
        return await service.answer(request, packed, tag)

    async def media_bytes(request: Request) -> Response:
        _, root, run = service.run(request)
        path = one(request, "path")
        file = await service.workers.do(root.path, lambda: _opened(run, path))
        return File(request, file, lambda read: service.workers.do(root.path, read), _shown(path))

    return [
        Route("/api/metrics", metrics),
        Route("/api/metrics-stream", metrics_stream),
        Route("/api/media", media),
        Route("/api/media-file", media_bytes),
    ]


def _document(metrics: Mapping[str, Series]) -> bytes:
    return b'{"metrics":%s}' % metrics_json(metrics)


async def _lines(service: Service, metrics: Mapping[str, Series]) -> AsyncIterator[memoryview]:
    """A line each 5,000 rows, the last one `{"done": true}`; in small pieces."""
    for place, chunk in enumerate(metric_chunks(metrics)):
        line = await service.compute(partial(_line, place, chunk))
        for start in range(0, len(line), PIECE):
            yield line[start : start + PIECE]
    yield memoryview(b'{"done":true}\n')


def _line(place: int, chunk: Mapping[str, Series]) -> memoryview:
    return memoryview(b'{"chunk":%d,"metrics":%s}\n' % (place, metrics_json(chunk)))


def _events(run: Run) -> tuple[Packed, str]:
    """`{"events": [...]}` in the peer's words, and what tells it from others. 404 where they cannot be read.

    A picture has no fps and no format.
    """
    path, tag = file_of(run, "media.jsonl"), ""
    try:
        status = os.stat(path)  # before it is read: what grows meanwhile is asked for again
        tag = f"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}"
        found = read_media(path).events
    except FileNotFoundError:
        found = ()
    except OSError as error:
        raise unreadable("media.jsonl", error) from error
    events = [
        {name: value for name, value in structs.asdict(event).items() if name not in _OF_VIDEOS or value is not None}
        for event in found
    ]
    return Packed(encode({"events": events})), tag


def _opened(run: Run, path: str) -> FileIO:
    """The file that an event's path means. 404 if that is none inside the run's media folder."""
    try:
        found = media_file(run.run_dir, path)
        return opened_inside([os.path.join(os.path.realpath(run.run_dir), "media")], str(found))
    except (NotFoundError, OSError, ValueError) as error:
        raise HTTPException(404, "no such media file") from error


def _shown(path: str) -> dict[str, str]:
    """Headers by the name of a file: what can run something is saved by the browser, and never runs as our page."""
    name = path.rpartition("/")[2]
    kind = _HARMLESS.get(os.path.splitext(name)[1].lower())
    headers = {"content-type": kind or mimetypes.guess_type(name)[0] or "application/octet-stream"}
    headers["content-security-policy"] = _SANDBOX
    if kind is None:
        quoted = quote(name.encode("utf-8", "surrogateescape"), safe="")
        headers["content-disposition"] = f"attachment; filename*=UTF-8''{quoted}"
    return headers
