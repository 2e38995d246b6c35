"""The application: every route of the page and its API, behind the guard."""

from __future__ import annotations

import mimetypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import blake2b
from io import FileIO
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from spt_cli.files.inside import opened_inside
from spt_cli.server import routes_curves, routes_data, routes_logs, routes_runs
from spt_cli.server.answers import File, Packed
from spt_cli.server.guard import Guard, refusal
from spt_cli.server.service import Options, Service
from spt_cli.server.work import BusyError
from spt_cli.tree.live import Live

__all__ = ["Options", "app"]

_KEPT = "private, max-age=31536000, immutable"  # of what another name would stand for if it were another


def app(live: Live, options: Options) -> Starlette:
    """What answers for the runs of *live*, which has been entered.

    `app.state.close()` ends all streams; without it a server waits for them at its end.
    """
    service = Service(live, options)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        service.feed.start()
        yield
        service.feed.close()

    made = Starlette(
        routes=[
            *_pages(service),
            *routes_runs.routes(service),
            *routes_curves.routes(service),
            *routes_data.routes(service),
            *routes_logs.routes(service),
        ],
        middleware=[Middleware(Guard, hosts=options.hosts, token=options.token)],
        exception_handlers={
            HTTPException: _refused,
            BusyError: _busy,
            ClientDisconnect: _left,
            Exception: _failed,
        },
        lifespan=lifespan,
    )
    made.router.redirect_slashes = False
    made.state.close = service.feed.close
    return made


def _pages(service: Service) -> list[Route]:
    """What a browser opens."""
    kept: list[Packed] = []  # the page as it was last
    files: dict[str, Packed] = {}

    async def page(request: Request) -> Response:
        body = await service.compute(service.options.page)
        if not kept or kept[0].body != body:
            kept[:] = [Packed(body)]
        headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": service.options.policy}
        return await service.answer(request, kept[0], blake2b(body, digest_size=12).hexdigest(), headers)

    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        headers = {"content-type": _type(name)}
        made = await service.compute(service.options.files)
        if name in made:
            packed = files.setdefault(name, Packed(made[name]))
            return await service.answer(request, packed, name, headers | {"cache-control": _KEPT})
        file = await service.compute(lambda: _asset(service.options.assets, name))
        return File(request, file, service.compute, headers)

    async def icon(request: Request) -> Response:  # noqa: ARG001 - Starlette's signature
        return Response(status_code=204)

    return [
        Route("/", page),
        Route("/index.html", page),
        Route("/assets/{name:path}", asset),
        Route("/favicon.ico", icon),
    ]


def _type(name: str) -> str:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def _asset(folder: Path | None, name: str) -> FileIO:
    """The file *name* of the folder. 404 if it is none of its own."""
    try:
        if folder is not None:
            top = str(folder.resolve())
            return opened_inside([top], f"{top}/{name}")
    except (OSError, ValueError):
        pass
    raise HTTPException(404, "no such file")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = refusal(request.scope, error.status_code, error.detail)
    answer.headers.update(error.headers or {})
    return answer


async def _busy(request: Request, error: Exception) -> Response:
    return refusal(request.scope, 503, str(error))


async def _left(request: Request, error: Exception) -> Response:  # noqa: ARG001 - nobody reads the answer
    return Response(status_code=400)


async def _failed(request: Request, error: Exception) -> Response:  # noqa: ARG001 - the log has the cause
    return refusal(request.scope, 500, "a mistake of spt: the cause stands where `spt serve` was started")
