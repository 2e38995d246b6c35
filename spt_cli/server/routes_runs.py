"""Runs over HTTP: their rows, how far the scan is, what happens to them, and people's edits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from spt_cli.errors import NotFoundError, SptError, UsageError
from spt_cli.server.answers import Packed, json_answer
from spt_cli.server.guard import MAX_BODY
from spt_cli.server.service import Service, all_of
from spt_cli.server.stream import Stream
from spt_cli.server.work import BusyError
from spt_cli.tree.editable import checked
from spt_cli.tree.edits import ConflictError, edit
from spt_cli.tree.roots import Forest, Root

_PATIENCE = 10.0  # seconds for a body to come, and for a Snapshot to hold an edit that is on the disk already


def routes(service: Service) -> list[Route]:
    """The routes of this module."""
    feed = service.feed

    async def runs(request: Request) -> Response:
        """Every row; with `?since=` those that changed since that moment."""
        if since := all_of(request, "since"):
            return await _since(service, request, since[0])
        packed, number = await service.turns.take("runs", lambda: _all(service))
        cursor = feed.journal.cursor(number)
        return await service.answer(request, packed, cursor, {"x-spt-cursor": cursor})

    async def scan_status(request: Request) -> Response:  # noqa: ARG001 - Starlette's signature
        return json_answer(feed.forest.progress)

    async def stream(request: Request) -> Response:
        cursor = request.headers.get("last-event-id") or "".join(all_of(request, "since")[:1])
        return Stream(feed, cursor)

    async def run_meta(request: Request) -> Response:
        return await _edited(service, request)

    return [
        Route("/api/runs", runs),
        Route("/api/scan-status", scan_status),
        Route("/api/stream", stream),
        Route("/api/run-meta", run_meta, methods=["PATCH"]),
    ]


async def _all(service: Service) -> tuple[Packed, int]:
    """Every row, and the number of the moment that they are of."""
    forest, number = service.feed.forest, service.feed.journal.number
    return await service.compute(lambda: service.rows.all(forest.runs, number)), number


async def _since(service: Service, request: Request, since: str) -> Response:
    journal = service.feed.journal
    place = journal.place(since)
    if place is None:
        raise HTTPException(410, "that moment is not known any more: fetch all runs")
    forest, number = service.feed.forest, journal.number
    cursor, news = journal.cursor(number), journal.since(place)

    async def made() -> Packed:
        return Packed(await service.compute(lambda: service.rows.some(forest.runs, news, cursor)))

    packed = await service.turns.take(("since", place, number), made)
    return await service.answer(request, packed, f"{cursor}-{place}", {"x-spt-cursor": cursor})


async def _edited(service: Service, request: Request) -> Response:
    """Stores an edit, and answers once it shows in `/api/runs`."""
    if service.options.read_only:
        raise HTTPException(403, "this server was started with --read-only")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "the body has to be application/json")
    run_id, changes = _asked(await _body(request))
    root, run = service.place(run_id)
    folder = run.run_dir[len(root.path) :].strip("/")
    expected = request.headers.get("if-match", "*").strip().removeprefix("W/").strip('"')
    seen = None if expected == "*" else expected
    try:
        stamp = await service.workers.do(root.path, lambda: edit(run.run_dir, changes, expected=seen))
    except BusyError:
        raise
    except ConflictError as error:
        service.live.look(root, folder)  # of an ended run it is not its turn, and what is there now is what is wanted
        return json_answer({"error": str(error), "current": error.current}, 409)
    except UsageError as error:
        raise HTTPException(400, str(error)) from error
    except NotFoundError as error:
        service.live.look(root, folder)
        raise HTTPException(404, "run not found") from error
    except SptError as error:
        raise HTTPException(500, f"{error}: {error.hint}" if error.hint else str(error)) from error
    service.live.look(root, folder)
    await service.feed.until(lambda forest: _holds(forest, root, folder, stamp.mtime_ns), _PATIENCE)
    return json_answer({"ok": True})


def _asked(body: bytes) -> tuple[str, Mapping[str, Any]]:
    """The run and the changes that *body* names. 400 if it names none."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "invalid JSON") from error
    if not isinstance(asked, dict):
        raise HTTPException(400, "body must be a JSON object")
    run_id = asked.pop("run_id", None)
    if not run_id or not isinstance(run_id, str):
        raise HTTPException(400, "missing run_id")
    try:
        return run_id, checked(asked)
    except UsageError as error:
        raise HTTPException(400, str(error)) from error


async def _body(request: Request) -> bytes:
    """The body. 413 when it goes on after MAX_BODY bytes, 408 when it does not come."""
    body = b""
    try:
        async with asyncio.timeout(_PATIENCE):
            async for piece in request.stream():
                body += piece
                if len(body) > MAX_BODY:
                    raise HTTPException(413, f"a body takes up to {MAX_BODY:,} bytes")
    except TimeoutError as error:
        raise HTTPException(408, "the body did not come") from error
    return body


def _holds(forest: Forest, root: Root, folder: str, edited_ns: int) -> bool:
    """Whether *forest* knows the annotations in *folder* that were written at *edited_ns*, or later ones."""
    known = forest.snapshots[forest.roots.index(root)].folders.get(folder)
    return known is None or known.stamps.annotations.mtime_ns >= edited_ns
