"""Blocking work beside the event loop: a few threads for each disk, and one turn for all who ask for the same thing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Hashable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

from spt_cli.errors import SptError

_Result = TypeVar("_Result")


class BusyError(SptError):
    """A disk did not answer in time."""


class Workers:
    """At most *threads* threads for each place, a disk or whatever may hang by itself.

    What hangs in one place keeps nobody else waiting: neither the event loop, nor other places, nor the end of the
    process, since the threads are daemons.
    """

    def __init__(self, threads: int = 8, patience: float = 30.0) -> None:
        self._threads = threads
        self._patience = patience  # seconds
        self._teams: dict[str, _Team] = {}

    async def do(self, place: str, work: Callable[[], _Result]) -> _Result:
        """What *work* returns or raises, done by a thread of *place*. BusyError when that takes too long.

        To be awaited in the one event loop.
        """
        team = self._teams.get(place)
        if team is None:
            team = self._teams[place] = _Team(self._threads)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(team.submit(work)), self._patience)
        except TimeoutError as error:  # what has not begun is cancelled
            raise BusyError(f"{place or 'this machine'} did not answer within {self._patience:g} s") from error


class Turns:
    """Makes calls of one key one after the other, one for all who ask while it waits for its turn.

    One that has begun is not shared: it may have looked at a file before the asker was told that it has changed.
    """

    def __init__(self) -> None:
        self._waiting: dict[Hashable, asyncio.Task[Any]] = {}
        self._running: dict[Hashable, asyncio.Task[Any]] = {}

    async def take(self, key: Hashable, work: Callable[[], Awaitable[_Result]]) -> _Result:
        """What *work* returns or raises, or the work of who asked before for *key* and is still waiting."""
        task = self._waiting.get(key)
        if task is None:
            task = self._waiting[key] = asyncio.ensure_future(self._turn(key, work))
        result: _Result = await asyncio.shield(task)
        return result

    async def _turn(self, key: Hashable, work: Callable[[], Awaitable[_Result]]) -> _Result:
        if before := self._running.get(key):
            await asyncio.wait([before])
        own = self._running[key] = self._waiting.pop(key)
        try:
            return await work()
        finally:
            if self._running.get(key) is own:
                del self._running[key]


class _Team:
    """Daemon threads that take work from one queue; started as they are needed."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._started = 0

    def submit(self, work: Callable[[], _Result]) -> Future[_Result]:
        future: Future[_Result] = Future()
        self._queue.put((future, work))
        if not self._idle.acquire(blocking=False) and self._started < self._most:
            self._started += 1
            threading.Thread(target=self._run, name="spt-serve", daemon=True).start()
        return future

    def _run(self) -> None:
        while True:
            future, work = self._queue.get()
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except BaseException as error:  # noqa: BLE001 - raised again where the result is awaited
                    future.set_exception(error)
            del future, work
            self._idle.release()
