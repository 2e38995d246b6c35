"""Events for clients that read slowly, never, or in great numbers: bounded memory, and no final state is lost."""

from __future__ import annotations

import asyncio
import resource
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from http.client import HTTPResponse
from pathlib import Path

import pytest
from starlette.types import Message

from spt_cli.server import feed, stream
from spt_cli.server.connection import Patience
from spt_cli.server.feed import Feed
from spt_cli.server.stream import Stream
from spt_cli.tree.live import Live
from spt_cli.tree.roots import resolve
from tests.servers import LONG, Event, Server, all_of, ours, parsed, spt_serve
from tests.trees import Tree

ASK = b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"
SMALL = 4_096  # bytes that a socket is to buffer
WIDE = 40  # runs with long ids: an update that names all of them has 30 KB


@pytest.fixture
def wide(tree: Tree) -> Tree:
    """A tree of WIDE runs with long ids."""
    for run_id in wide_ids():
        tree.run(run_id)
    return tree


def wide_ids() -> list[str]:
    return ["/".join(["x" * 200] * 3 + [f"{number:0100}"]) for number in range(WIDE)]


def change_all(tree: Tree, notes: str) -> None:
    for run_id in wide_ids():
        tree.run(run_id, notes=notes)


def lazy(server: Server) -> socket.socket:
    """A client that asked for events and reads none yet; its kernel takes little for it."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    connection.settimeout(LONG)
    connection.connect(("127.0.0.1", server.port))
    connection.sendall(ASK)
    return connection


def lines_of(connection: socket.socket) -> Iterator[str]:
    """The lines of the events that come on a connection."""
    answer = HTTPResponse(connection)
    answer.begin()
    while line := answer.readline():
        yield line.decode().rstrip("\n")


def all_known(server: Server, notes: str) -> bool:
    return all(row["notes"] == notes for row in server.rows().values())


def test_a_client_that_reads_late_gets_the_net_difference_and_nothing_twice(wide: Tree) -> None:
    """Of twenty changes of everything it is sent what fits into its buffers, and then the last state at once."""
    with ours([wide.root], buffer=SMALL) as server:
        server.until(lambda: len(server.rows()) == WIDE)
        with lazy(server) as late:
            for number in range(20):
                change_all(wide, str(number))
                server.until(partial(all_known, server, str(number)))
            shutil.rmtree(wide.root / ("x" * 200))
            server.until(lambda: not server.rows())
            last = server.get("/api/runs").headers["x-spt-cursor"]
            told: list[Event] = []
            for event in parsed(lines_of(late)):
                told.append(event)
                if event.id == last:
                    break
    assert (told[-1].data["changed"], sorted(told[-1].data["removed"])) == ([], wide_ids())
    assert len(told) < 15


def test_a_client_that_never_reads_is_closed_and_the_others_go_on(wide: Tree) -> None:
    with ours([wide.root], buffer=SMALL, patience=Patience(reading=0.2)) as server, server.events() as others:
        server.until(lambda: len(server.rows()) == WIDE)
        with lazy(server) as never:
            number = 0
            while is_kept(server, never):
                number += 1
                change_all(wide, str(number))
                next(event for event in others if event.kind == "update")
            sent = all_of(never)
        server.until(lambda: all_known(server, str(number)))
    assert 0 < len(sent) < 300_000


def is_kept(server: Server, connection: socket.socket) -> bool:
    """Whether the server still has its end of *connection*: proc(5), /proc/net/tcp."""
    ends = [f"0100007F:{port:04X}" for port in (server.port, connection.getsockname()[1])]
    fields = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()]
    return any(row[1:4] == [*ends, "01"] for row in fields)


def test_a_quiet_stream_shows_that_it_lives(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "QUIET", 0.02)
    monkeypatch.setattr(stream, "_JUST_NOW", 0.01)
    with ours([tree.root]) as server, server.connect() as connection:
        connection.sendall(ASK)
        comments = (line for line in lines_of(connection) if line.startswith(":"))
        assert [next(comments) for _ in range(3)] == [": still here"] * 3


def test_a_stream_ends_properly_with_its_server(tree: Tree) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(ours([tree.root]))
        with server.events() as events:
            assert next(events).kind == "ready"
            stack.close()
            assert [event.kind for event in events] == ["progress"]


def test_who_leaves_is_forgotten(tree: Tree) -> None:
    """Else each page that was ever open would be told what happens, for ever."""
    roots, _ = resolve([str(tree.root)])
    empty = Feed(Live(roots))
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(asyncio.wait_for(Stream(empty, "")({"type": "http", "method": "GET"}, receive, send), LONG))
    assert empty._clients == set()
    assert sent[-1] == {"type": "http.response.body"}


@pytest.mark.big
def test_a_thousand_clients_all_come_to_the_final_state(tree: Tree) -> None:
    for run_id in NAMES:
        tree.run(run_id)
    with ours([tree.root]) as server:
        server.until(lambda: len(server.rows()) == len(NAMES))
        assert asyncio.run(asyncio.wait_for(crowd(server, 1_000), 120)) == [final(server)] * 1_000


@pytest.mark.big
def test_ten_thousand_connections_keep_nobody_from_an_answer(tree: Tree) -> None:
    """They ask for nothing, and make room for one that does."""
    tree.run("r")
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < 10_100:
        pytest.skip("needs 10,100 open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(files, 10_100), most))
    with spt_serve(tree.root) as server, ExitStack() as stack:
        server.until(lambda: "r" in server.rows())
        for _ in range(10_000):
            stack.enter_context(server.connect())
        assert list(server.rows()) == ["r"]
        with server.events() as events:
            tree.run("new")
            assert next(event for event in events if event.kind == "update").data["changed"] == ["new"]


NAMES = [f"r{number}" for number in range(20)]


def final(server: Server) -> str:
    cursor: str = server.get("/api/runs").headers["x-spt-cursor"]
    return cursor


async def crowd(server: Server, count: int) -> list[str]:
    """The moments at which *count* clients are in the end, of a tree that changes while they listen."""
    at = [""] * count
    told = asyncio.Condition()

    async def listen(place: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(ASK)
        try:
            while line := await reader.readline():
                if line.startswith(b"id: "):
                    async with told:
                        at[place] = line[4:].decode().strip()
                        told.notify_all()
        finally:
            writer.close()

    listening = [asyncio.ensure_future(listen(place)) for place in range(count)]
    async with told:
        await told.wait_for(lambda: all(at))
    for notes in ("a", "b", "c"):
        for run_id in NAMES:
            server.tree.run(run_id, notes=notes)
        while any(row["notes"] != notes for row in (await asyncio.to_thread(server.rows)).values()):
            await asyncio.sleep(0)
    last = await asyncio.to_thread(final, server)
    async with told:
        await told.wait_for(lambda: all(cursor == last for cursor in at))
    for client in listening:
        client.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    return at
