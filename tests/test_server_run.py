"""The server under an application: slow and many clients, the end, and what is told of errors."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
import time
from typing import TYPE_CHECKING

import pytest
from uvicorn.server import ServerState

from spt_cli.server.connection import Connection, Patience
from spt_cli.server.listening import listen
from spt_cli.server.run import configured, run
from tests.serving import Served, read_all, serving

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
HELLO = b"hello 0"


def answered(connection: socket.socket, request: str = GET) -> bytes:
    """The body of one short answer on a connection that stays open."""
    connection.sendall(request.encode())
    data = b""
    while not data.endswith(b"hello 0"):
        more = connection.recv(1 << 16)
        assert more, data
        data += more
    return data.rpartition(b"\r\n\r\n")[2]


def ended(server: Served, number: signal.Signals) -> tuple[int, bytes]:
    """The exit code and stderr after a signal."""
    os.kill(server.process.pid, number)
    assert server.process.stderr
    return server.process.wait(30), server.process.stderr.read()


def test_connections_are_kept_for_the_next_request() -> None:
    with serving() as server, server.connect() as connection:
        assert [answered(connection) for _ in range(3)] == [HELLO] * 3


def test_a_client_that_sends_nothing_is_cut_off() -> None:
    with serving(request=0.2) as server, server.connect() as connection:
        assert read_all(connection) == b""


def test_a_client_that_dribbles_its_headers_is_cut_off_however_often_it_sends() -> None:
    with serving(request=0.2) as server, server.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        connection.settimeout(0.02)
        with pytest.raises(OSError, match=r"reset|Broken pipe"):  # noqa: PT012 - it is one thing that ends
            while True:
                connection.sendall(b"x: y\r\n")
                try:
                    if connection.recv(1) == b"":
                        raise BrokenPipeError(32, "Broken pipe")
                except TimeoutError:
                    pass


def test_a_client_that_never_sends_the_body_it_announced_is_cut_off() -> None:
    with serving(request=0.2) as server:
        assert server.ask("PATCH / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{") == b""


def test_the_time_counts_for_each_request_anew() -> None:
    """A connection that asks in time may stay for longer than one request may take."""
    with serving(request=0.6, idle=30) as server, server.connect() as connection:
        began = time.monotonic()
        while time.monotonic() - began < 0.65:
            assert answered(connection) == HELLO
        connection.sendall(b"GET / HT")
        assert read_all(connection) == b""


def test_a_reader_that_does_not_read_is_cut_off() -> None:
    with serving(reading=0.2) as server, server.connect() as connection:
        connection.sendall(b"GET /flood HTTP/1.1\r\nHost: x\r\n\r\n")
        while server.connections():
            time.sleep(0.01)
        with server.connect() as another:
            assert answered(another) == HELLO


class SlowlyRead(asyncio.Transport):
    """A connection of which *unread* bytes are left each time that somebody asks."""

    def __init__(self, unread: list[int]) -> None:
        super().__init__()
        self.unread = unread
        self.aborted = asyncio.Event()

    def get_write_buffer_size(self) -> int:
        """The next of *unread*."""
        return self.unread.pop(0)

    def abort(self) -> None:
        """The end."""
        self.aborted.set()


def test_a_reader_that_is_slow_but_reads_is_not() -> None:
    """It is asked for again and again, until a time goes by in which nothing was read."""

    async def app(_scope: object, _receive: object, _send: object) -> None: ...

    async def read() -> list[int]:
        config = configured(app, Patience(reading=0))
        config.load()
        connection = Connection(Patience(reading=0), {}, config, ServerState(), {}, _loop=asyncio.get_running_loop())
        transport = SlowlyRead([100_000, *(size for size in (90_000, 80_000, 70_000) for _ in range(2)), 70_000, 1])
        connection.connection_made(transport)
        connection.pause_writing()
        await transport.aborted.wait()
        connection.connection_lost(ConnectionAbortedError())
        return transport.unread

    assert asyncio.run(read()) == [1]


def test_with_too_many_connections_those_that_ask_are_answered() -> None:
    """The ones that have waited longest for their client make room; an answer that is being sent never does."""
    with serving(connections=20) as server, server.stream() as stream:
        server.process.send_signal(signal.SIGSTOP)  # so that it accepts them all at once
        silent = [server.connect() for _ in range(60)]
        server.process.send_signal(signal.SIGCONT)
        with server.connect() as another:
            assert answered(another) == HELLO
        assert read_all(silent[0]) == b""
        assert server.connections() <= 21
        stream.setblocking(False)
        with pytest.raises(BlockingIOError):
            stream.recv(1)
        for connection in silent:
            connection.close()


def test_a_flood_of_headers_is_refused() -> None:
    with serving() as server:
        assert server.ask("GET / HTTP/1.1\r\n" + "x: y\r\n" * 15_000).startswith(b"HTTP/1.1 400 ")
        assert server.ask("GET /" + "x" * 80_000).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "request_", ["\x00\x01\x02\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"]
)
def test_what_is_no_http_is_refused_and_not_told(request_: str) -> None:
    with serving() as server:
        assert server.ask(request_).startswith(b"HTTP/1.1 400 ")
        assert ended(server, signal.SIGTERM) == (143, b"")


def test_no_server_and_no_version_is_named() -> None:
    with serving() as server:
        assert b"uvicorn" not in server.ask(LAST).lower()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("heeding", [(), ("--heeding",)])
def test_it_ends_soon_with_streams_open(number: signal.Signals, code: int, heeding: tuple[str, ...]) -> None:
    """Whether or not the application ends its streams by itself."""
    with serving(*heeding) as server, server.stream() as stream, server.connect() as idle, server.connect() as silent:
        assert answered(idle) == HELLO
        began = time.monotonic()
        assert ended(server, number) == (code, b"")
        assert time.monotonic() - began < 10  # below 1 on a free machine; patience alone would be 15
        assert (b"the end" in read_all(stream)) is bool(heeding)
        assert read_all(idle) == read_all(silent) == b""


def test_nohup_keeps_it_alive() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with serving(request=0.5) as server, server.connect() as silent:
            os.kill(server.process.pid, signal.SIGHUP)
            assert read_all(silent) == b""  # half a second later, in which it would have ended
            with server.connect() as connection:
                assert answered(connection) == HELLO
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_signal_before_there_is_a_loop_ends_it_as_one_later_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nothing half made: a coroutine that nobody awaits would be a warning, and so an error here."""

    class Late(asyncio.SelectorEventLoop):
        def __init__(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)
            super().__init__()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        """Begins and ends."""
        for _ in range(2 if scope["type"] == "lifespan" else 0):
            await send({"type": (await receive())["type"] + ".complete"})
            events.append("lifespan")

    events: list[str] = []
    monkeypatch.setattr(asyncio, "SelectorEventLoop", Late)
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as the commands do
    try:
        with pytest.raises(SystemExit) as end:
            run(app, listen("127.0.0.1", 0), stop=lambda: events.append("stop"))
    finally:
        signal.signal(signal.SIGTERM, before)
    gc.collect()
    assert (end.value.code, events) == (143, ["lifespan", "stop", "lifespan"])


def test_an_error_is_told_with_its_cause_and_place_on_one_line() -> None:
    with serving() as server:
        assert server.ask(LAST.replace("/ ", "/fail ", 1)).startswith(b"HTTP/1.1 500 ")
        code, said = ended(server, signal.SIGTERM)
    assert code == 143
    assert said.startswith(b"spt: a request failed: KeyError: 'no such thing' (serving.py line ")
    assert said.count(b"\n") == 1


def test_with_debug_it_is_told_with_its_traceback() -> None:
    with serving("--debug") as server:
        server.ask(LAST.replace("/ ", "/fail ", 1))
        assert b"Traceback (most recent call last):" in ended(server, signal.SIGTERM)[1]
