"""A small application on the real server, in a process of its own, as `python -m tests.serving '{"request": 0.3}'`."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from tests.shell import environment


class Served(NamedTuple):
    """A server that listens."""

    process: subprocess.Popen[bytes]
    port: int

    def connect(self) -> socket.socket:
        """A connection to it that gives up after 30 s of silence."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def connections(self) -> int:
        """How many connections the server has open, itself not counted."""
        listed = Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]
        mine = f":{self.port:04X}"
        return sum(fields[1].endswith(mine) and fields[3] == "01" for fields in map(str.split, listed))

    def stream(self) -> socket.socket:
        """A connection that gets events without end, and has got the first."""
        connection = self.connect()
        connection.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        data = b""
        while b"there" not in data:
            more = connection.recv(1 << 16)
            assert more, data
            data += more
        return connection

    def ask(self, request: str) -> bytes:
        """All that it answers to the bytes of *request*."""
        with self.connect() as connection:
            connection.sendall(request.encode())
            return read_all(connection)


def read_all(connection: socket.socket) -> bytes:
    """What comes until the other end closes."""
    data = b""
    with suppress(ConnectionResetError):
        while more := connection.recv(1 << 16):
            data += more
    return data


@contextmanager
def serving(*options: str, **patience: Any) -> Iterator[Served]:
    """The server below, which is killed in the end if it still runs."""
    command = [sys.executable, "-m", "tests.serving", json.dumps(patience), *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment({"PYTHONPATH": "."})
    ) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            assert line, process.stderr.read().decode() if process.stderr else ""
            yield Served(process, int(line))
        finally:
            process.kill()


def main(patience: str, *options: str) -> None:
    """Serves until a signal; prints the port."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse, Response, StreamingResponse
    from starlette.routing import Route

    from spt_cli.server.connection import Patience
    from spt_cli.server.listening import listen
    from spt_cli.server.run import run

    stopping: list[bool] = []

    async def hello(request: Request) -> Response:
        return PlainTextResponse(f"hello {len(await request.body())}")

    async def fail(_: Request) -> Response:
        raise KeyError("no such thing")

    async def stream(request: Request) -> Response:
        async def events() -> AsyncIterator[bytes]:
            yield b": there\n\n"
            while not (stopping and "--heeding" in options):
                await asyncio.sleep(0.01)
            yield b": the end\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    async def flood(_: Request) -> Response:
        async def floods() -> AsyncIterator[bytes]:
            while True:
                await asyncio.sleep(0)  # to a client that is gone everything is sent at once
                yield bytes(1 << 16)

        return StreamingResponse(floods())

    app = Starlette(
        routes=[
            Route("/", hello, methods=["GET", "PATCH"]),
            Route("/fail", fail),
            Route("/stream", stream),
            Route("/flood", flood),
        ]
    )
    sockets = listen("127.0.0.1", 0)
    print(sockets[0].getsockname()[1], flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as the commands do
    with suppress(KeyboardInterrupt):
        debug = "--debug" in options
        run(app, sockets, stop=lambda: stopping.append(True), patience=Patience(**json.loads(patience)), debug=debug)
    sys.exit(130)


if __name__ == "__main__":
    main(*sys.argv[1:])
