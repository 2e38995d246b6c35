"""Servers for tests, with how to ask them: ours in a thread, the peer's own in a process of its own.

`python -m tests.servers ROOT` starts the peer's on a free port, which it prints.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import pytest
import uvicorn

from spt_cli.server.app import Options, app
from spt_cli.server.connection import Connection, Patience
from spt_cli.server.listening import listen
from spt_cli.tree.live import Live
from spt_cli.tree.roots import resolve
from tests.shell import PROGRAM, environment
from tests.trees import Tree

INTERVAL = 0.05  # seconds between two looks of either server
LONG = 30.0  # seconds that no test waits
PATIENCE = 60.0  # seconds that even a loaded machine does not need
_CLIENT = httpx.Client(timeout=LONG, verify=False, trust_env=False)  # one for all: making one takes 50 ms


class Server(NamedTuple):
    """A server over a tree that the test goes on building."""

    port: int
    tree: Tree
    is_peer: bool = False
    process: subprocess.Popen[bytes] | None = None  # when it has one of its own

    def get(self, path: str, /, *, headers: dict[str, str] | None = None, **query: Any) -> httpx.Response:
        """The answer to a GET; a list as a value of *query* stands for several."""
        return self.ask("GET", path + queried(query), headers=headers)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer to any request."""
        answer = _CLIENT.request(method, f"http://127.0.0.1:{self.port}{path}", **options)
        _CLIENT.cookies.clear()  # of which browsers keep one store for all ports, too
        return answer

    def patch(self, body: object, **headers: str) -> httpx.Response:
        """The answer to an edit; *headers* with `_` for `-`."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("PATCH", "/api/run-meta", content=content, headers={"content-type": "application/json"} | named)

    def rows(self) -> dict[str, dict[str, Any]]:
        """The rows of /api/runs by id."""
        return {row["run_id"]: row for row in self.get("/api/runs").json()}

    def run(self, run_id: str, /, **sidecar: Any) -> Path:
        """A new run in the tree, once the server knows it."""
        folder = self.tree.run(run_id, **sidecar)
        self.until(lambda: run_id in self.rows())
        return folder

    def until(self, holds: Callable[[], object]) -> None:
        """Returns as soon as *holds* is true; the server is asked at each event of its stream.

        AssertionError after PATIENCE: signs of life come for ever.
        """
        if not holds():
            end = time.monotonic() + PATIENCE
            with self.events() as events:
                while not holds():
                    assert time.monotonic() < end, f"still not so after {PATIENCE} s"
                    next(events)

    @contextmanager
    def events(self, query: str = "", /, **headers: str) -> Iterator[Iterator[Event]]:
        """The events of /api/stream, from now on or from where *query* or *headers* (`_` for `-`) say."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with _CLIENT.stream("GET", f"http://127.0.0.1:{self.port}/api/stream{query}", headers=named) as answer:
            yield parsed(answer.iter_lines())

    def raw(self, request: bytes) -> bytes:
        """All that comes in answer to bytes that no client library would send."""
        with self.connect() as connection:
            connection.sendall(request)
            return all_of(connection)

    def connect(self) -> socket.socket:
        """A connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=LONG)


class Event(NamedTuple):
    """A server-sent event."""

    kind: str
    data: Any
    id: str = ""


def parsed(lines: Iterator[str]) -> Iterator[Event]:
    """The events in the lines of a stream; comments are left out."""
    fields: dict[str, str] = {}
    for line in lines:
        if not line and "data" in fields:
            yield Event(fields["event"], json.loads(fields["data"]), fields.get("id", ""))
            fields = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value


def queried(query: Mapping[str, Any]) -> str:
    """*query* as it stands in an address; lone surrogates are bytes that are not UTF-8."""
    pairs = [(name, one) for name, value in query.items() for one in (value if isinstance(value, list) else [value])]
    words = [f"{name.rstrip('_')}={quote(str(value), safe='', errors='surrogateescape')}" for name, value in pairs]
    return "?" + "&".join(words) if words else ""


def answered(connection: socket.socket) -> tuple[int, bytes]:
    """Status and body of the next answer on a connection that stays."""
    answer = HTTPResponse(connection)
    answer.begin()
    return answer.status, answer.read()


def all_of(connection: socket.socket) -> bytes:
    """What comes until the other end closes."""
    data = b""
    try:
        while more := connection.recv(1 << 16):
            data += more
    except ConnectionResetError:  # it had not read all that was sent
        pass
    return data


@contextmanager
def ours(
    roots: Sequence[Path], *, patience: Patience | None = None, sweep: float = 0, buffer: int = 0, **options: Any
) -> Iterator[Server]:
    """Our server over *roots*, on a free port; the kernel keeps *buffer* bytes for a client that does not read."""
    found, problems = resolve([str(root) for root in roots])
    assert not problems
    with Live(found, interval=INTERVAL, sweep=sweep) as live:
        application = app(live, Options(**options))
        (listening,) = listen("127.0.0.1", 0)
        if buffer:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
        patience = patience or Patience()
        config = uvicorn.Config(
            application,
            http=partial(Connection, patience, {}),  # type: ignore[arg-type] # it is called, no more
            lifespan="on",
            log_config=None,
            access_log=False,
            ws="none",
            timeout_graceful_shutdown=1,
            h11_max_incomplete_event_size=patience.header_bytes,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            yield Server(listening.getsockname()[1], Tree(roots[0]))
        finally:
            application.state.close()
            server.should_exit = True
            thread.join(LONG)


@contextmanager
def spt_serve(root: Path, port: int = 0, *more: Path) -> Iterator[Server]:
    """The command over *root* and *more*, in a process of its own, once it listens; killed in the end."""
    command = [*PROGRAM, "serve", *map(str, (root, *more)), "--no-token", "--port", str(port), "--interval", "0.1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment({})) as process:
        try:
            assert process.stdout
            address = process.stdout.readline().decode()
            yield Server(int(address.strip().rstrip("/").rpartition(":")[2]), Tree(root), process=process)
        finally:
            process.kill()


@contextmanager
def peers(root: Path) -> Iterator[Server]:
    """The peer's server over *root*; the test is skipped where the peer cannot be had."""
    peers_folder()
    command = [sys.executable, "-m", "tests.servers", str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment({"PYTHONPATH": "."})) as process:
        try:
            assert process.stdout
            yield Server(int(process.stdout.readline()), Tree(root), is_peer=True)
        finally:
            process.kill()


def peers_folder() -> Path:
    """Where the peer's source is; the test is skipped where it cannot be had."""
    from bench.peer import folder

    try:
        return folder()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("stable-pretraining cannot be downloaded")


def _serve_peer(root: str) -> None:
    from bench.peer import scanner

    watching = scanner(root)
    watching.poll_interval = INTERVAL
    from stable_pretraining.web import server  # type: ignore[import-not-found] # there once scanner() ran

    handler = type("Handler", (server._Handler,), {"scanner": watching})
    serving = server._Server(("127.0.0.1", 0), handler)
    print(serving.server_port, flush=True)
    watching.start()
    serving.serve_forever()


if __name__ == "__main__":
    _serve_peer(sys.argv[1])
