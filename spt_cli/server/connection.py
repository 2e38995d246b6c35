"""One HTTP connection: uvicorn's, which ends when its client takes too long or too many are open.

uvicorn waits without end for the rest of a request and for a reader that does not read. On a login node both are there
for whoever wants to keep others from the page.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from msgspec import Struct
from uvicorn.protocols.http.h11_impl import H11Protocol


class Patience(Struct, frozen=True):
    """What a client may take."""

    request: float = 15.0  # seconds for a whole request, its body too: the largest has 64 KiB
    reading: float = 30.0  # seconds in which a reader must read something, after what the kernel buffers
    idle: int = 15  # seconds between two requests
    connections: int = 4_096  # open at once: 15 KB each
    header_bytes: int = 72 << 10  # of a request line with its headers; the guard refuses what is over 64 KiB in words


class Connection(H11Protocol):
    """uvicorn's, with *patience*. *waiting* holds those, oldest first, from which no whole request has come yet."""

    def __init__(self, patience: Patience, waiting: dict[Connection, None], *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._patience = patience
        self._waiting = waiting
        self._request_timer: asyncio.TimerHandle | None = None
        self._reading_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Makes room when there are too many, at the cost of the one that has waited longest for its client.

        Who asks at once, as browsers do, gets an answer, however many connections somebody keeps open.
        """
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > self._patience.connections:
            oldest = next(iter(self._waiting))
            del self._waiting[oldest]  # it is lost later, and the next one made before that has to end another
            oldest.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Takes *data*, and the time until a request is whole."""
        if self._request_timer is None and self.conn.their_state is h11.IDLE:
            self._wait()
        super().data_received(data)
        if self.conn.their_state not in {h11.IDLE, h11.SEND_BODY}:
            self._waited()

    def on_response_complete(self) -> None:
        """An answered connection waits for its next request."""
        super().on_response_complete()
        if self.conn.their_state is h11.IDLE:
            self._waiting[self] = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the connection."""
        self._waited()
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """From now on the reader has *patience* to read."""
        super().pause_writing()
        if self._reading_timer is None:
            self._expect_reading()

    def resume_writing(self) -> None:
        """The reader reads."""
        super().resume_writing()
        if self._reading_timer is not None:
            self._reading_timer.cancel()
            self._reading_timer = None

    def _expect_reading(self) -> None:
        unread = self.transport.get_write_buffer_size()
        self._reading_timer = self.loop.call_later(self._patience.reading, self._check_reading, unread)

    def _check_reading(self, unread: int) -> None:
        if self.transport.get_write_buffer_size() < unread:  # slowly, but it reads
            self._expect_reading()
        else:
            self.transport.abort()

    def _wait(self) -> None:
        self._waiting[self] = None
        self._request_timer = self.loop.call_later(self._patience.request, self.transport.abort)

    def _waited(self) -> None:
        self._waiting.pop(self, None)
        if self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None
