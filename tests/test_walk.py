"""The walk: every folder once, by as many workers as the disk needs, and what a listing leaves out."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from spt_cli.tree.walk import Held, held, walk

CHILDREN = {"": ["a", "b", "c"], "a": ["a/x", "a/y"], "b": [], "a/x": ["a/x/1"]}


def _listed(folder: Path) -> Held:
    handle = os.open(folder, os.O_RDONLY)
    try:
        return held(handle)
    finally:
        os.close(handle)


def _workers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "spt-walk"]


def test_every_path_is_looked_at_once() -> None:
    seen: list[str] = []

    def look(path: str) -> list[str]:
        seen.append(path)
        return CHILDREN.get(path, [])

    list(walk([""], look))
    assert sorted(seen) == ["", "a", "a/x", "a/x/1", "a/y", "b", "c"]


def test_a_large_tree_loses_and_repeats_nothing() -> None:
    """Workers give each other paths all the time here: 11,111 folders of ten."""
    seen: list[str] = []

    def look(path: str) -> list[str]:
        seen.append(path)
        return [f"{path}/{number}" for number in range(10)] if path.count("/") < 4 else []

    list(walk([""], look))
    assert (len(seen), set(Counter(seen).values())) == (11_111, {1})


def test_nothing_to_look_at_is_done_at_once() -> None:
    assert list(walk([], pytest.fail)) == []


def test_two_workers_look_at_once_even_on_a_fast_disk() -> None:
    both = threading.Barrier(2)

    def look(path: str) -> list[str]:
        if path:
            both.wait(30)
        return [] if path else ["a", "b"]

    list(walk([""], look))


@pytest.mark.skipif(sys.platform != "linux", reason="no other system lets a thread choose its core")
def test_workers_stay_on_one_core_and_leave_the_asking_thread_alone() -> None:
    mine = os.sched_getaffinity(0)
    cores = []

    def look(path: str) -> list[str]:
        cores.append(os.sched_getaffinity(0))
        return [] if path else ["a", "b"]

    list(walk([""], look))
    assert [len(found) for found in cores] == [1, 1, 1]
    assert set.union(*cores) == cores[0] <= mine == os.sched_getaffinity(0)


def test_a_slow_disk_gets_sixty_four_workers_and_no_more() -> None:
    disk = threading.Event()  # never set: a look waits for it as for a round trip of 2 ms
    most = 0

    def look(path: str) -> list[str]:
        nonlocal most
        disk.wait(0.002)
        most = max(most, len(_workers()))
        return [] if path else [str(number) for number in range(1_000)]

    list(walk([""], look))
    assert most == 64


def test_a_sign_of_life_comes_while_a_look_takes_long() -> None:
    go = threading.Event()

    def look(path: str) -> list[str]:
        go.wait(30)
        return []

    signs = walk(["a"], look)
    next(signs)
    go.set()
    list(signs)


def test_an_exception_of_a_look_is_raised_where_the_walk_is_pulled() -> None:
    def look(path: str) -> list[str]:
        raise ZeroDivisionError(path)

    with pytest.raises(ZeroDivisionError, match="a"):
        list(walk(["a"], look))


def test_a_closed_walk_looks_at_nothing_more_and_leaves_no_thread() -> None:
    seen: list[str] = []
    go = threading.Event()

    def look(path: str) -> list[str]:
        seen.append(path)
        go.wait(30)
        return ["b"]

    signs = walk(["a"], look)
    next(signs)
    workers = _workers()
    signs.close()  # type: ignore[attr-defined]  # walk is a generator; its type promises an iterator only
    go.set()
    for worker in workers:
        worker.join(30)
    assert (seen, _workers()) == (["a"], [])


def test_walks_that_end_in_an_exception_leave_no_thread() -> None:
    """A worker hired while the team was told to stop must find that out by itself."""

    def look(path: str) -> list[str]:
        if path.endswith("9"):
            raise ZeroDivisionError
        return [f"{path}/{number}" for number in range(10)] if path.count("/") < 3 else []

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads take turns at every step
    try:
        for _ in range(200):
            with pytest.raises(ZeroDivisionError):
                list(walk(["1", "2", "3", "4"], look))
    finally:
        sys.setswitchinterval(usual)
    for worker in _workers():
        worker.join(5)
    assert _workers() == []


THREADS_ARE_SHORT = """
import os, resource, sys
from spt_cli import scan
os.setgid(54321)
os.setuid(54321)
resource.setrlimit(resource.RLIMIT_NPROC, (2, 2))  # this process and one thread
print(len(scan(sys.argv[1]).runs))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
def test_a_user_with_no_threads_left_gets_a_slower_scan() -> None:
    """Login nodes limit processes and threads of a user; a hire that fails is no reason to fail."""
    done = subprocess.run(
        [sys.executable, "-c", THREADS_ARE_SHORT, "/usr/share"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_listing_names_known_files_and_folders_in_order(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        (tmp_path / name).mkdir()
    for name in ("sidecar.json", "heartbeat", "weights.pt"):
        (tmp_path / name).touch()
    os.utime(tmp_path, ns=(5, 12_345))
    assert _listed(tmp_path) == Held(12_345, ("a", "b", "c"), frozenset({"sidecar.json", "heartbeat"}))


def test_a_linked_folder_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert _listed(tmp_path).folders == ("real",)


HEAVY = ["checkpoints", "media", "wandb", ".git", ".hydra", ".submitit", "hf_exports"]


@pytest.mark.parametrize("marker", ["sidecar.json", "run_meta.json"])
def test_heavy_folders_of_a_run_are_left_out(tmp_path: Path, marker: str) -> None:
    for name in [*HEAVY, "code"]:
        (tmp_path / name).mkdir()
    (tmp_path / marker).touch()
    assert _listed(tmp_path).folders == ("code",)


def test_heavy_names_outside_a_run_are_folders_as_any(tmp_path: Path) -> None:
    for name in HEAVY:
        (tmp_path / name).mkdir()
    assert _listed(tmp_path).folders == tuple(sorted(HEAVY))
