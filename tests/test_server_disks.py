"""`spt serve` on a disk that hangs, made by a real FUSE file system: it begins, goes on for the others, and ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import httpx
import pytest

from tests.faulty_fs import FUSE, mounted
from tests.servers import LONG, spt_serve
from tests.trees import Tree

pytestmark = FUSE


@pytest.fixture
def far(tmp_path: Path) -> Tree:
    """What a network disk holds: the run `far`. It is to be mounted at `shown`, where a local disk has `near`."""
    for name in ("shown", "near"):
        (tmp_path / name).mkdir()
    Tree(tmp_path / "near").run("near")
    tree = Tree(tmp_path / "source")
    tree.root.mkdir()
    tree.run("far")
    tree.write("far/metrics.csv", "step,loss\n0,1\n")
    return tree


def test_while_the_first_scan_waits_for_a_disk_the_others_runs_are_there(far: Tree) -> None:
    top = far.root.parent
    rate = top / "rate"
    rate.write_text("2")
    with mounted(far.root, top / "shown", rate, 1), spt_serve(top / "near", 0, top / "shown") as server:
        try:
            server.until(lambda: "near/near" in server.rows())
            progress = server.get("/api/scan-status").json()
            assert (progress["phase"], progress["initial_done"]) == ("starting", False)
            with server.events() as events:
                assert [next(events).data, next(events).data] == [{}, progress]
            assert list(server.rows()) == ["near/near"]
        finally:
            rate.write_text("0")
        server.until(lambda: server.get("/api/scan-status").json()["initial_done"])
        assert sorted(server.rows()) == ["near/near", "shown/far"]


def test_it_answers_for_other_disks_and_ends_while_one_hangs(far: Tree) -> None:
    """Whoever waits for the disk is cut off in the end; a stream is told that it ends."""
    top = far.root.parent
    with mounted(far.root, top / "shown", top / "rate", 1) as disk, spt_serve(top / "near", 0, top / "shown") as server:
        server.until(lambda: len(server.rows()) == 2)
        answers: list[int] = []
        waiting = [Thread(target=_ask, args=(server.port, answers)) for _ in range(12)]
        with _stopped(disk.pid), server.events() as events:
            assert next(events).kind == "ready"
            for one in waiting:
                one.start()
            assert server.get("/api/metrics", run_id="near/near").json() == {"metrics": {}}
            assert len(server.rows()) == 2
            assert server.process
            server.process.terminate()
            assert server.process.wait(LONG) == 143
            assert {event.kind for event in events} <= {"progress", "update"}
            for one in waiting:
                one.join(LONG)
        assert 200 not in answers


@contextmanager
def _stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _ask(port: int, answers: list[int]) -> None:
    try:
        answer = httpx.get(f"http://127.0.0.1:{port}/api/metrics", params={"run_id": "shown/far"}, timeout=LONG)
        answers.append(answer.status_code)
    except httpx.TransportError:
        answers.append(0)
