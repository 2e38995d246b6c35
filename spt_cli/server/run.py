"""Serve an application on open sockets until a signal ends it, and tell what goes wrong."""

from __future__ import annotations

import asyncio
import logging
import resource
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

import uvicorn
from msgspec import structs

from spt_cli.server.connection import Connection, Patience
from spt_cli.server.prefix import below
from spt_cli.words.text import printable

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_GRACE = 0.3  # seconds for answers to end by themselves; all of an ending takes less than one
_RESERVED = 256  # open files that connections leave to the rest: walks, logs, media
_FILES = 65_536  # more are never asked for


def run(
    app: ASGIApp,
    sockets: Sequence[socket.socket],
    *,
    prefix: str = "",
    stop: Callable[[], object] = lambda: None,
    patience: Patience = Patience(),  # noqa: B008 - a value
    debug: bool = False,
) -> None:
    """Serves *app* on *sockets*, which listen already, until SIGINT, SIGTERM or SIGHUP; then raises that again.

    Behind a proxy it stands below the path *prefix*.
    *stop* is called, in the event loop, when the end begins: streams are to end. What has not ended 0.3 s later is cut
    off. Exceptions of *app* are told on stderr with their cause, with *debug* with all of the traceback. Nothing else
    is logged.
    """
    with _told(debug=debug):
        _Server(configured(below(prefix, app), patience), stop).run(list(sockets))


def configured(app: ASGIApp, patience: Patience = Patience()) -> uvicorn.Config:  # noqa: B008 - a value
    """How uvicorn serves *app*. Asks for as many open files as it can get: 1,024 are soon too few."""
    most = min(patience.connections, _files() - _RESERVED)
    waiting: dict[Connection, None] = {}
    protocol = partial(Connection, structs.replace(patience, connections=max(16, most)), waiting)
    return uvicorn.Config(
        app,
        http=protocol,  # type: ignore[arg-type]  # it is called, no more
        loop="asyncio",
        ws="none",
        interface="asgi3",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=patience.idle,
        timeout_graceful_shutdown=_GRACE,  # type: ignore[arg-type]  # goes to asyncio.wait_for as it is
        h11_max_incomplete_event_size=patience.header_bytes,
    )


class _Server(uvicorn.Server):
    """uvicorn's, which says when it begins to end."""

    def __init__(self, config: uvicorn.Config, stop: Callable[[], object]) -> None:
        super().__init__(config)
        self._stop = stop

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Signals are for the server from here on: one that came while the loop is made would leave it half made."""
        with super().capture_signals(), self._hangups():
            super().run(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: `run` does it."""
        yield

    @contextmanager
    def _hangups(self) -> Iterator[None]:
        """A terminal that goes away ends the server as SIGTERM does, unless nohup says that it shall not."""
        before = signal.getsignal(signal.SIGHUP)
        in_main = threading.current_thread() is threading.main_thread()
        if not in_main or before == signal.SIG_IGN:
            yield
            return
        signal.signal(signal.SIGHUP, self.handle_exit)
        try:
            yield
        finally:
            signal.signal(signal.SIGHUP, before)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stop()
        await super().shutdown(sockets)


def _files() -> int:
    """How many files this process may open from now on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _FILES if soft == resource.RLIM_INFINITY else soft


@contextmanager
def _told(*, debug: bool) -> Iterator[None]:
    """Within it what is logged as an error is told on stderr."""
    handler = _Telling(debug=debug)
    logger = logging.getLogger()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


class _Telling(logging.Handler):
    """Tells errors on one line with their cause and its place; with *debug* the traceback."""

    def __init__(self, *, debug: bool) -> None:
        super().__init__(logging.ERROR)
        self._debug = debug

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        message = record.getMessage().strip()
        if "Traceback (most recent call last)" in message and not self._debug:  # of the beginning or the end of an app
            message = message.splitlines()[-1]
        if isinstance(error, asyncio.CancelledError) or message.startswith("Cancel ") or "CancelledError" in message:
            return  # what the end of the server cuts off
        message = message.replace("Exception in ASGI application", "a request failed:")
        parts = [" ".join(message.split())]
        if error is not None:
            parts.append(f"{type(error).__name__}: {error}")
            if error.__traceback__ is not None:
                place = traceback.extract_tb(error.__traceback__)[-1]
                parts.append(f"({place.filename.rpartition('/')[2]} line {place.lineno})")
        with suppress(OSError, ValueError):
            print("spt:", printable(" ".join(parts)), file=sys.stderr, flush=True)
            if self._debug and error is not None:
                traceback.print_exception(error)
