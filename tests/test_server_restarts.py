"""A server that is killed again and again while runs change and people edit: pages end as if freshly loaded."""

from __future__ import annotations

import random
import shutil
import socket
import threading
import time
from typing import Any

import httpx
import pytest

from spt_cli import scan
from tests.servers import LONG, Event, Server, parsed, spt_serve
from tests.trees import Tree

KILLS = 20
EDITED = "edited"  # the run that is edited


class Page(threading.Thread):
    """What a page does: it keeps rows by id, patches in what changed, and comes back from where it was.

    A *late* one comes back when the server has seen all runs: what it missed cannot be taken for what it is told.
    """

    def __init__(self, address: str, *, late: bool = False) -> None:
        super().__init__(daemon=True)
        self.rows: dict[str, dict[str, Any]] = {}
        self.cursor = ""  # of its rows
        self.epochs: set[str] = set()
        self.ended = False
        self._late = late
        self._client = httpx.Client(base_url=address, timeout=LONG, verify=False, trust_env=False)

    def run(self) -> None:
        """Follows until `ended`."""
        with self._client:
            while not self.ended:
                try:
                    while self._late and not self._client.get("/api/scan-status").json()["initial_done"]:
                        pass
                    headers = {"last-event-id": self.cursor} if self.cursor else {}
                    with self._client.stream("GET", "/api/stream", headers=headers) as answer:
                        for event in parsed(answer.iter_lines()):
                            self._take(event)
                except httpx.TransportError:
                    pass  # it comes back

    def _take(self, event: Event) -> None:
        self.epochs.add(event.id.partition("-")[0])
        if event.kind == "resync" or not self.cursor:
            answer = self._client.get("/api/runs")
            self.rows = {row["run_id"]: row for row in answer.json()}
            self.cursor = answer.headers["x-spt-cursor"]
        elif event.kind == "update":
            news = self._client.get("/api/runs", params={"since": self.cursor}).json()
            for run_id in news["removed"]:
                self.rows.pop(run_id, None)
            self.rows |= {row["run_id"]: row for row in news["changed"]}
            self.cursor = news["cursor"]


@pytest.mark.big
def test_pages_live_on_when_the_server_is_killed_during_writes(tree: Tree) -> None:
    """Twenty kills at moments that chance chooses, with writes while no server runs. No answered edit is lost."""
    chance = random.Random(7)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    tree.run(EDITED)
    pages = [Page(f"http://127.0.0.1:{port}", late=late) for late in (False, False, True)]
    answered = ""
    for kill in range(KILLS):
        with spt_serve(tree.root, port) as server:
            for page in pages:
                if not kill:
                    page.start()
            for change in range(chance.randrange(1, 15)):
                _write(tree, chance)
                notes = f"{kill}-{change}"
                status = server.patch({"run_id": EDITED, "notes": notes}).status_code
                assert status in {200, 404}  # 404: the first scan has not come to it yet
                answered = notes if status == 200 else answered
        _write(tree, chance)
    with spt_serve(tree.root, port) as server:
        _await_same(pages, server)  # and of the next server the moment has the same number
    _write(tree, chance)
    with spt_serve(tree.root, port) as server:
        _await_same(pages, server)
        for _ in range(10):
            _write(tree, chance)
        _await_same(pages, server)
        assert server.rows()[EDITED]["notes"] == answered
        for page in pages:
            page.ended = True
    assert all(len(page.epochs) > 1 for page in pages)


def _await_same(pages: list[Page], server: Server) -> None:
    """Returns when all pages show what a fresh load shows, and that is what is on the disk."""
    on_disk = {run_id: run.notes for run_id, run in scan(server.tree.root).runs.items()}
    until = time.monotonic() + LONG
    while any(page.rows != (fresh := server.rows()) for page in pages) or _notes(fresh) != on_disk:
        assert all(page.is_alive() for page in pages), "what a page died of stands above"
        assert time.monotonic() < until, [_differing(page.rows, fresh) for page in pages]


def _notes(rows: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {run_id: row["notes"] for run_id, row in rows.items()}


def _differing(rows: dict[str, Any], fresh: dict[str, Any]) -> set[str]:
    return {run_id for run_id in rows.keys() | fresh.keys() if rows.get(run_id) != fresh.get(run_id)}


def _write(tree: Tree, chance: random.Random) -> None:
    """What trainers do: a run begins, goes on or ends, or a person removes one."""
    run_id = f"r{chance.randrange(8)}"
    if chance.random() < 0.2:
        shutil.rmtree(tree.root / run_id, ignore_errors=True)
    else:
        tree.run(run_id, status=chance.choice(["running", "completed"]), notes=str(chance.random()))
