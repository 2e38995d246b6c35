"""The newest Forest within the event loop, and what led to it: one thread follows Live for all who wait here."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from spt_cli.model import Progress
from spt_cli.render.json import encode
from spt_cli.server.journal import Journal, News, news
from spt_cli.tree.live import Live
from spt_cli.tree.roots import Forest

_LOG = logging.getLogger(__name__)
_NOTHING_YET = Forest((), (), {}, (), (), Progress("starting", initial_done=False))
_LOOK = 0.5  # seconds after which the thread sees that it is to end
QUIET = 15.0  # seconds after which clients are woken though nothing happened, to show that their connections live


class Feed:
    """The runs as they are now. It belongs to the event loop, but for the thread that follows Live.

    For a client it holds nothing but the number of what it was told last: the bytes of a difference are made once for
    all who are at the same number.
    """

    def __init__(self, live: Live) -> None:
        self.journal = Journal()
        self.closed = False
        self._live = live
        self._forest = _NOTHING_YET
        self._error: BaseException | None = None
        self._clients: set[asyncio.Event] = set()  # told when there can be something to tell
        self._patient: set[asyncio.Event] = set()  # told of each look at the disk
        self._updates: dict[int, bytes] = {}

    @property
    def forest(self) -> Forest:
        """The newest Forest, that of `journal.number`. Raises what the looking died of: a mistake of spt's."""
        if self._error:
            raise RuntimeError("the runs are not looked at any more") from self._error
        return self._forest

    def start(self) -> None:
        """Follow Live from now on."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._follow, args=(loop,), name="spt-feed", daemon=True).start()
        self._tick(loop)

    def close(self) -> None:
        """End the thread, and tell all clients that they are to end."""
        self.closed = True
        _tell(self._clients)

    @contextmanager
    def client(self) -> Iterator[asyncio.Event]:
        """Within it, the event that is set whenever there can be something to tell, at least every QUIET seconds."""
        told = asyncio.Event()
        self._clients.add(told)
        try:
            yield told
        finally:
            self._clients.discard(told)

    async def until(self, holds: Callable[[Forest], bool], timeout: float) -> bool:
        """Whether a Forest for which *holds* is there, or came within *timeout* seconds."""
        told = asyncio.Event()
        self._patient.add(told)
        try:
            async with asyncio.timeout(timeout):
                while not holds(self.forest):
                    await told.wait()
                    told.clear()
        except TimeoutError:
            return False
        finally:
            self._patient.discard(told)
        return True

    def update(self, number: int) -> bytes:
        """The event that tells all that happened after *number*; none when nothing did."""
        if number == self.journal.number:
            return b""
        if number not in self._updates:
            known = self.journal.place(self.journal.cursor(number)) is not None
            kind, data = ("update", self.journal.since(number)) if known else ("resync", {})
            self._updates[number] = self.event(kind, self.journal.number, data)
        return self._updates[number]

    def event(self, kind: str, number: int, data: object) -> bytes:
        """An event that leaves its client at *number*."""
        return b"event: %s\nid: %s\ndata: %s\n\n" % (kind.encode(), self.journal.cursor(number).encode(), encode(data))

    def _follow(self, loop: asyncio.AbstractEventLoop) -> None:
        seen: Forest | None = None
        try:
            while not self.closed:
                forest = self._live.newer(seen, _LOOK)
                if forest is not None:
                    loop.call_soon_threadsafe(self._publish, forest, news(seen, forest))
                    seen = forest
        except BaseException as error:  # noqa: BLE001 - raised again in forest, where somebody looks
            if loop.is_closed():
                return
            _LOG.exception("the runs are not looked at any more")
            self._error = error
            with suppress(RuntimeError):  # the loop closed just now
                loop.call_soon_threadsafe(self._tell_all)

    def _tell_all(self) -> None:
        _tell(self._clients)
        _tell(self._patient)

    def _publish(self, forest: Forest, found: News) -> None:
        tell = found != News() or forest.progress != self._forest.progress or not forest.progress.initial_done
        self._forest = forest
        if found != News():
            self.journal.add(found)
            self._updates.clear()
        _tell(self._patient)
        if tell:
            _tell(self._clients)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wakes all clients, now and then: one timer for all of them."""
        _tell(self._clients)
        loop.call_later(QUIET, self._tick, loop)


def _tell(waiting: set[asyncio.Event]) -> None:
    for told in waiting:
        told.set()
