"""Both servers as processes of their own, and what asking them costs.

`python -m bench.serving ROOT` starts the peer's on a free port, which it prints.
"""

from __future__ import annotations

import json
import os
import random
import selectors
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any, NamedTuple

from bench import peer, trees
from bench.measure import Line, line, seconds

_RUNS = 10_000
_INTERVAL = 1.0  # seconds between two looks of either server
_TICK = os.sysconf("SC_CLK_TCK")
_HERE = Path(__file__).resolve().parent


def serve() -> Iterator[Line]:
    """Both servers, each in a process of its own, asked over HTTP; the seconds are those of the client."""
    yield from _runs()
    yield from _changes()
    yield from _row()
    yield from _events()


def _runs() -> Iterator[Line]:
    root = trees.runs(_RUNS)
    with serving("peer", root) as theirs:
        pairs = []
        for _ in range(7):
            with serving("spt", root) as ours:
                pairs.append((seconds(partial(ours.get, "/api/runs")), seconds(partial(theirs.get, "/api/runs"))))
        yield line(f"/api/runs, {_RUNS:,} runs, first", pairs, unit="s", against="peer", goal=0.2)
        with serving("spt", root) as ours:
            ours.get("/api/runs")
            pairs = []
            for _ in range(3):
                trees.runs(_RUNS)  # every live run gives a sign of life
                time.sleep(5)
                pairs.append((seconds(partial(ours.get, "/api/runs")), seconds(partial(theirs.get, "/api/runs"))))
        yield line(f"the same, {_RUNS // trees.LIVE} runs changed", pairs, unit="s", against="peer", goal=0.2)


def _changes(rounds: int = 20) -> Iterator[Line]:
    """Live runs change at any moment between two looks, and a page has their rows."""
    root = trees.runs(_RUNS)
    chance = random.Random(0)
    with serving("spt", root) as served, following(served) as news:
        rows = json.loads(every := served.get("/api/runs"))
        live = {row["run_id"]: Path(row["run_dir"], "sidecar.json") for row in rows if row["alive"]}
        time.sleep(2 * _INTERVAL)
        for count in (1, 100):
            delays, bytes_ = [], []
            for _ in range(rounds):
                time.sleep(chance.random() * _INTERVAL)
                changing = set(chance.sample(sorted(live), count))
                for run_id in changing:
                    _note(live[run_id], str(time.time()))  # never what it said before: that is no change
                began, size = time.perf_counter(), 0
                while changing:
                    changed, more = news()
                    changing, size = changing - changed, size + more
                delays.append((time.perf_counter() - began, _INTERVAL))
                bytes_.append((size / count, len(every) / len(rows)))
            what = f"{count} of {_RUNS:,} runs changed until their rows are there"
            yield line(what, delays, unit="s", against="interval", goal=1.2)
            yield line("the same, bytes for each of them", bytes_, unit="B", against="row", goal=1.5)


def _note(sidecar: Path, notes: str) -> None:
    """What the logger does, which puts a new file in the old one's place."""
    new = sidecar.with_name("sidecar.json.tmp")
    new.write_text(json.dumps(json.loads(sidecar.read_text()) | {"notes": notes}, indent=2))
    new.replace(sidecar)


def _row(rounds: int = 3) -> Iterator[Line]:
    """A row is appended to a run of which all 20 metrics are in view. CPU seconds of the servers."""
    spent: dict[str, list[tuple[float, float]]] = {}
    for who in ("spt", "peer"):
        folder = trees.BUILD / "served" / who / "r"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "sidecar.json").write_text('{"status": "running"}')
        (folder / "heartbeat").touch()
        shutil.copyfile(trees.metrics(), folder / "metrics.csv")
        with serving(who, folder.parent) as served:
            path = _drawn(served) if who == "spt" else "/api/metrics-stream?run_id=r"
            served.get(path)
            times = 10 if who == "spt" else 1
            spent[who] = [_appended(served, folder / "metrics.csv", path, times) for _ in range(rounds)]
    for place, (what, unit) in enumerate((("CPU", "s"), ("bytes", "B"))):
        pairs = [(ours[place], theirs[place]) for ours, theirs in zip(spent["spt"], spent["peer"], strict=True)]
        yield line(f"a row more of 100,000 x 20 under view, {what}", pairs, unit=unit, against="peer", goal=0.01)


def _drawn(served: Served) -> str:
    """What our page, which has drawn the curves, asks for when the run goes on: their ends."""
    path = "/api/curves?run_id=r" + "".join(f"&metric=group{number % 4}/metric{number}" for number in range(20))
    curve = json.loads(served.get(path))["curves"][0]
    return f"{path}&after={curve['start'][-1]}&width={curve['width']}"


def _appended(served: Served, path: Path, asked: str, times: int) -> tuple[float, float]:
    """CPU seconds and bytes for each of *times* rows that are appended to *path* and *asked* for; ticks have 10 ms."""
    before, bytes_ = served.cpu, 0
    for _ in range(times):
        with path.open("ab") as file:
            file.write(b"100,100000" + b",0.5" * 20 + b"\r\n")
        bytes_ += len(served.get(asked))
    return (served.cpu - before) / times, bytes_ / times


def _events(count: int = 1_000) -> Iterator[Line]:
    root = trees.runs(100)
    with ExitStack() as stack:
        ours, theirs = (stack.enter_context(serving(who, root)) for who in ("spt", "peer"))
        before = ours.memory, theirs.memory
        edit_ours, edit_theirs = (stack.enter_context(crowd(served, count)) for served in (ours, theirs))
        run_id = json.loads(ours.get("/api/runs"))[1]["run_id"]
        pairs = [(edit_ours(run_id), edit_theirs(run_id)) for _ in range(9)]
        name = f"an edit told to the last of {count:,} clients"
        yield line(name, pairs, unit="s", against="peer", goal=0.5)
        grown = (ours.memory - before[0]) / 1e6, (theirs.memory - before[1]) / 1e6
        yield line(f"memory for {count:,} clients", [grown], unit="MB", against="peer", goal=1.0)


class Served(NamedTuple):
    """A server that has seen all runs."""

    pid: int
    port: int

    def get(self, path: str) -> bytes:
        """The body of an answer, of which it is certain that it is one."""
        return self._ask("GET", path)

    def patch(self, **body: Any) -> bytes:
        """The answer to an edit."""
        return self._ask("PATCH", "/api/run-meta", json.dumps(body), {"Content-Type": "application/json"})

    @property
    def cpu(self) -> float:
        """Seconds of processor time that it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    @property
    def memory(self) -> int:
        """Bytes of it in memory."""
        return int(Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1]) * 4096

    def _ask(self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> bytes:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:200]!r}")
        return data


@contextmanager
def serving(who: str, root: Path) -> Iterator[Served]:
    """The server of *who* (spt or peer) over *root*, looking once a second, after its first scan."""
    spt = ["-m", "spt_cli", "serve", str(root), "--no-token", "--port", "0", "--interval", "1s", "--quiet"]
    command = spt if who == "spt" else ["-m", "bench.serving", str(root)]
    with subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, cwd=_HERE.parent) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().strip().rstrip(b"/").rpartition(b":")[2])
            served = Served(process.pid, port)
            while not json.loads(served.get("/api/scan-status"))["initial_done"]:
                time.sleep(0.1)
            yield served
        finally:
            process.kill()


@contextmanager
def following(served: Served) -> Iterator[Callable[[], tuple[set[str], int]]]:
    """A page. What is yielded waits for the next change, fetches its rows, and returns their ids and all the bytes."""
    connection = HTTPConnection("127.0.0.1", served.port, timeout=60)
    connection.request("GET", "/api/stream")
    with closing(connection), connection.getresponse() as stream:
        cursor = json.loads(served.get("/api/runs?since=" + _id(_event(stream))))["cursor"]

        def news() -> tuple[set[str], int]:
            nonlocal cursor
            event = _event(stream)
            size = len(event)
            while b"event: update" not in event:
                event = _event(stream)
                size += len(event)
            answer = served.get(f"/api/runs?since={cursor}")
            found = json.loads(answer)
            cursor = found["cursor"]
            return {row["run_id"] for row in found["changed"]}, size + len(answer)

        yield news


def _event(stream: HTTPResponse) -> bytes:
    """The lines of the next event."""
    return b"".join(iter(stream.readline, b"\n"))


def _id(event: bytes) -> str:
    """The place of an event, from which a page goes on."""
    return next(line[4:].decode() for line in event.splitlines() if line.startswith(b"id: "))


@contextmanager
def crowd(served: Served, count: int) -> Iterator[Callable[[str], float]]:
    """*count* clients of the server's events; what is yielded edits a run, and says when the last of them was told."""
    with ExitStack() as stack:
        sockets = selectors.DefaultSelector()
        stack.callback(sockets.close)
        for _ in range(count):  # one after the other: the peer's queue of new connections holds five
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=60))
            connection.sendall(b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            data = b""
            while b"event: ready" not in data:
                data += connection.recv(4096)
            connection.settimeout(0)
            sockets.register(connection, selectors.EVENT_READ)

        def edited(run_id: str) -> float:
            told = 0
            began = time.perf_counter()
            edit = threading.Thread(target=served.patch, kwargs={"run_id": run_id, "notes": str(began)})
            edit.start()
            while told < count:
                for key, _ in sockets.select(60):
                    told += key.fileobj.recv(65536).count(b"event: update")  # type: ignore[union-attr] # a socket
            took = time.perf_counter() - began
            edit.join()
            return took

        yield edited


def _serve_peer(root: str) -> None:
    watching = peer.scanner(root)
    from stable_pretraining.web import server  # type: ignore[import-not-found] # there once scanner() ran

    handler = type("Handler", (server._Handler,), {"scanner": watching})  # noqa: SLF001 - as its serve() does
    serving = server._Server(("127.0.0.1", 0), handler)  # noqa: SLF001 - same
    print(serving.server_port, flush=True)
    watching.start()
    serving.serve_forever()


if __name__ == "__main__":
    _serve_peer(sys.argv[1])
