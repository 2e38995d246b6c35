"""Server-sent events: what happens to the runs, told each client from where it is, as fast as it reads."""

from __future__ import annotations

import asyncio
import time

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from spt_cli.model import Progress
from spt_cli.server.feed import Feed

_JUST_NOW = 1.0  # seconds; who is woken without news, and was sent nothing just now, is sent a comment
_SCANNING = 0.2  # seconds between two looks while the first scan runs: five signs of progress a second
_GATHERING = 1.0  # seconds between two updates then: the peer's page fetches all runs after each
_HEADERS = {
    "content-type": "text/event-stream",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",  # nginx hands on what it gets
}


class Stream(Response):
    """The events since the *cursor* that a client has kept, or from now on without one ("").

    There is no queue: a client that reads slowly gets the net difference when it is ready for it. One that does not
    read at all is closed by its connection (spt_cli.server.connection).
    """

    def __init__(self, feed: Feed, cursor: str) -> None:
        super().__init__(None, 200, _HEADERS)
        del self.headers["content-length"]
        self._feed = feed
        self._cursor = cursor
        self._number = 0
        self._told: Progress | None = None
        self._updated = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers until the client is gone or the feed is closed."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            with self._feed.client() as told:
                gone = asyncio.ensure_future(_gone(receive, told))
                try:
                    await self._events(send, told, gone)
                finally:
                    gone.cancel()
        await send({"type": "http.response.body"})

    async def _events(self, send: Send, told: asyncio.Event, gone: asyncio.Future[None]) -> None:
        data, sent = self._beginning(), time.monotonic()
        while not gone.done() and not self._feed.closed:
            told.clear()
            data += self._news()
            if not data and time.monotonic() - sent > _JUST_NOW:
                data = b": still here\n\n"
            if data:
                await send({"type": "http.response.body", "body": data, "more_body": True})
                data, sent = b"", time.monotonic()
                if not self._feed.forest.progress.initial_done:
                    await asyncio.sleep(_SCANNING)
            await told.wait()

    def _beginning(self) -> bytes:
        """The first events: where the client is, and whether what it has is of any use."""
        journal = self._feed.journal
        place = journal.place(self._cursor) if self._cursor else journal.number
        self._number = journal.number if place is None else place
        ready = b"retry: 2000\n" + self._feed.event("ready", self._number, {})
        return ready if place is not None else ready + self._feed.event("resync", self._number, {})

    def _news(self) -> bytes:
        """All that the client has not been told yet and is to be told now."""
        feed, now = self._feed, time.monotonic()
        progress = feed.forest.progress
        data = b""
        if progress.initial_done or now - self._updated >= _GATHERING:
            data = feed.update(self._number)
            self._number, self._updated = feed.journal.number, now
        if self._told is None or (progress != self._told and not self._told.initial_done):
            data += feed.event("progress", self._number, progress)
            self._told = progress
        return data


async def _gone(receive: Receive, told: asyncio.Event) -> None:
    """Waits until the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    told.set()
