"""What all routes share: the options, the runs, the caches, and how a request is read and answered."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from spt_cli.model import Run
from spt_cli.server.answers import JSON, Packed, answer
from spt_cli.server.caching import Metrics, Points
from spt_cli.server.feed import Feed
from spt_cli.server.rows import Rows
from spt_cli.server.work import Turns, Workers
from spt_cli.tree.live import Live
from spt_cli.tree.roots import Root

_Result = TypeVar("_Result")

_QUERY = "spt.query"  # where a request keeps its parameters
PAGE = (  # the policy of a page that brings no inline scripts or styles of its own
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


def _no_page() -> bytes:
    return b"<!doctype html><title>spt</title><p>This server has an API and no page.\n"


class Options(Struct, frozen=True, kw_only=True):
    """How the runs are served."""

    page: Callable[[], bytes] = _no_page  # what `/` answers; may read files
    policy: str = PAGE  # its Content-Security-Policy
    files: Callable[[], Mapping[str, bytes]] = dict  # what /assets/ has, by names that stand for just that
    assets: Path | None = None  # the folder of whatever else /assets/ has
    token: str | None = None  # None: whoever reaches the server may ask
    hosts: tuple[str, ...] = ()  # names by which it is reached, beside those of loopback; "*" for any
    logs_from: tuple[str, ...] = ()  # folders, absolute and resolved, whose logs are served too
    read_only: bool = False  # no edits
    cache_bytes: int = 256 << 20  # parsed metrics in memory


class Service:
    """One server's state. It belongs to the event loop."""

    def __init__(self, live: Live, options: Options) -> None:
        self.live = live
        self.options = options
        self.feed = Feed(live)
        self.workers = Workers()
        self.turns = Turns()
        self.metrics = Metrics(options.cache_bytes)
        self.rows = Rows()

    def run(self, request: Request) -> tuple[str, Root, Run]:
        """The run that a request is about: its shown id, its root, and the run under its own id. 400 or 404 else."""
        run_id = one(request, "run_id")
        return run_id, *self.place(run_id)

    def place(self, run_id: str) -> tuple[Root, Run]:
        """The root of the run that is shown as *run_id*, and the run under its own id. 404 if there is none."""
        try:
            return self.feed.forest.place(run_id)
        except KeyError as error:
            raise HTTPException(404, "run not found") from error

    async def compute(self, work: Callable[[], _Result]) -> _Result:
        """What *work* returns, which waits for no disk, made beside the event loop."""
        return await self.workers.do("", work)

    async def points(self, root: Root, run: Run, work: Callable[[Points], _Result], what: Hashable) -> _Result:
        """What *work*, of which *what* is the name, makes of the points of *run*. 404 where they cannot be read."""
        path = file_of(run, "metrics.csv")

        async def used() -> _Result:
            return await self.workers.do(root.path, lambda: self.metrics.use(path, work, live=run.live))

        try:
            return await self.turns.take((path, run.live, what), used)
        except OSError as error:
            raise unreadable("metrics.csv", error) from error

    async def answer(
        self, request: Request, packed: Packed, tag: str = "", headers: Mapping[str, str] | None = None
    ) -> Response:
        """*packed*, JSON if *headers* name no other type."""
        return await answer(request, packed, self._zipped, tag=tag, headers={"content-type": JSON, **(headers or {})})

    async def _zipped(self, packed: Packed) -> bytes:
        if packed.gzipped is not None:
            return packed.gzipped
        return await self.turns.take(("gzip", id(packed)), lambda: self.compute(packed.zipped))


def all_of(request: Request, name: str) -> list[str]:
    """Every value of a query parameter but blank ones. A byte that is not UTF-8 is a lone surrogate, as in ids."""
    known: dict[str, list[str]] | None = request.scope.get(_QUERY)
    if known is None:  # read once: 1,000 ids of runs take 8 ms
        known = request.scope[_QUERY] = {}
        query = request.scope["query_string"].decode("utf-8", "surrogateescape")
        for key, value in parse_qsl(query, errors="surrogateescape"):
            known.setdefault(key, []).append(value)
    return known.get(name, [])


def one(request: Request, name: str) -> str:
    """The first value of a query parameter. 400 without one."""
    found = all_of(request, name)
    if not found:
        raise HTTPException(400, f"missing {name}")
    return found[0]


def number(request: Request, name: str, default: float) -> float:
    """A query parameter as a finite number. 400 if it is none."""
    try:
        value = float(next(iter(all_of(request, name)), default))
    except ValueError:
        value = math.nan
    if math.isnan(value) or (math.isinf(value) and value != default):
        raise HTTPException(400, f"{name} is no number")
    return value


def file_of(run: Run, name: str) -> str:
    """Path of a file in the folder of *run*."""
    return os.path.join(run.run_dir, name)


def unreadable(name: str, error: OSError) -> HTTPException:
    """404 that says why a file of a run cannot be read."""
    return HTTPException(404, f"{name} cannot be read: {(error.strerror or str(error)).lower()}")
