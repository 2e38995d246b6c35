"""Curves of runs over HTTP, and what is exactly known of them; while a run goes on just what was added."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from spt_cli.metrics.curves import Axis
from spt_cli.metrics.reduce import Reduced
from spt_cli.render.json import encode
from spt_cli.server.answers import Packed
from spt_cli.server.caching import Points
from spt_cli.server.pointjson import Ask, Facts, charts_json, facts, facts_json, reduced
from spt_cli.server.service import Service, all_of, number, one
from spt_cli.server.tails import Tail, tails_json

_Result = TypeVar("_Result")

_MOST_BUCKETS = 10_000


def routes(service: Service) -> list[Route]:
    """The routes of this module."""

    async def curves(request: Request) -> Response:
        ask, tail = _asked(request), _tail(request)
        names = tuple(dict.fromkeys(all_of(request, "metric")))
        if not names:
            raise HTTPException(400, "missing metric")
        work = partial(reduced, names=names, ask=ask)
        runs, unknown = await _each(service, request, work, (names, ask))
        return await service.answer(request, await service.compute(lambda: _charts(names, runs, unknown, ask, tail)))

    async def known(request: Request) -> Response:
        epochs = bool(all_of(request, "epochs"))
        found: Mapping[str, Facts]
        found, unknown = await _each(service, request, facts, "facts")
        told = await service.compute(lambda: encode({"runs": facts_json(found, epochs=epochs), "unknown": unknown}))
        return await service.answer(request, Packed(told))

    return [Route("/api/curves", curves), Route("/api/facts", known)]


async def _each(
    service: Service, request: Request, work: Callable[[Points], _Result], what: Hashable
) -> tuple[dict[str, _Result], list[str]]:
    """What *work* makes of each run that is asked for, and the ids of those that are not there or cannot be read.

    404 if that is all of them.
    """
    one(request, "run_id")
    places, unknown = {}, []
    for run_id in dict.fromkeys(all_of(request, "run_id")):
        try:
            places[run_id] = service.place(run_id)
        except HTTPException:
            unknown.append(run_id)
    if not places:
        raise HTTPException(404, "run not found")
    made = await asyncio.gather(
        *(service.points(root, run, work, what) for root, run in places.values()), return_exceptions=True
    )
    found: dict[str, _Result] = {}
    for run_id, result in zip(places, made, strict=True):
        if not isinstance(result, BaseException):
            found[run_id] = result
        elif isinstance(result, HTTPException) and len(places) > 1:
            unknown.append(run_id)
        else:
            raise result
    return found, unknown


def _asked(request: Request) -> Ask:
    buckets, x = number(request, "buckets", 200), next(iter(all_of(request, "x")), "step")
    if not 2 <= buckets <= _MOST_BUCKETS:
        raise HTTPException(400, f"buckets is a number from 2 to {_MOST_BUCKETS:,}")
    if x not in ("step", "epoch"):
        raise HTTPException(400, "x is step or epoch")
    axis: Axis = "step" if x == "step" else "epoch"
    return Ask(int(buckets), axis, number(request, "from", -math.inf), number(request, "to", math.inf))


def _tail(request: Request) -> Tail | None:
    """The end that is asked for; None for all of the curves."""
    if not all_of(request, "after"):
        return None
    tail = Tail(number(request, "after", 0.0), number(request, "width", 0.0))
    if tail.width < 0 or (tail.width and math.frexp(tail.width)[0] != 0.5):
        raise HTTPException(400, "width is that of an answer: a power of two, or 0")
    return tail


def _charts(
    names: Sequence[str],
    runs: Mapping[str, Mapping[str, Reduced]],
    unknown: list[str],
    ask: Ask,
    tail: Tail | None,
) -> Packed:
    """`{"curves": [one for each metric], "unknown": [ids]}`."""
    curves = tails_json(names, runs, tail) if tail else charts_json(names, runs, ask.buckets)
    return Packed(encode({"curves": curves, "unknown": unknown}))
