"""Look at the folders of a tree: worker threads over one stack, each listing a folder and reading its run at once."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import SimpleQueue

from msgspec import Struct

SIDECAR, ANNOTATIONS, METRICS, MEDIA, HEARTBEAT = (
    "sidecar.json",
    "annotations.json",
    "metrics.csv",
    "media.jsonl",
    "heartbeat",
)
META = "run_meta.json"
FILES = frozenset({SIDECAR, ANNOTATIONS, METRICS, MEDIA, HEARTBEAT, META})
HEAVY = frozenset(
    {"checkpoints", "media", "wandb", ".git", ".hydra", ".submitit", "hf_exports"}
)  # never runs, may be huge

_LOCAL = 2  # workers on a local disk: as quick as one when its cache answers, twice as quick when it has to read
_REMOTE = 64  # round trips in flight on a network disk; an NFS client keeps that many by itself
_SLOW = 0.0006  # mean seconds for a folder, about three operations, above which a scan waits for the disk
_TICK = 0.2  # seconds between two signs of life while a walk runs


class Held(Struct, frozen=True):
    """What a folder held when it was listed."""

    mtime_ns: int  # the folder's, taken before it was read
    folders: tuple[str, ...]  # names of subfolders, sorted; links to folders are none
    files: frozenset[str]  # those of FILES that are there, of any type


def held(folder: int) -> Held:
    """What the open folder *folder* (a file descriptor) holds. Raises OSError, also when it fails half-way.

    Below a run the HEAVY folders are left out: they hold no runs and may hold 100,000 files.
    """
    mtime_ns = os.fstat(folder).st_mtime_ns
    folders, files = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if name in FILES:
                files.append(name)
            elif entry.is_dir(follow_symlinks=False):
                folders.append(name)
    if SIDECAR in files or META in files:
        folders = [name for name in folders if name not in HEAVY]
    known = frozenset(files)
    return Held(mtime_ns, tuple(sorted(folders)), _SHARED.setdefault(known, known))


def comes_to(folder: str, top: str) -> bool:
    """Whether a walk from *top* comes to *folder*, which lies below it: what `held` leaves out is not on the way."""
    above = top
    for name in folder[len(top) :].strip("/").split("/"):
        if name in HEAVY and any(os.path.lexists(os.path.join(above, mark)) for mark in (SIDECAR, META)):
            return False
        above = os.path.join(above, name)
    return True


_SHARED: dict[frozenset[str], frozenset[str]] = {}  # at most 2**6 sets of names serve all folders


def walk(start: list[str], look: Callable[[str], list[str]]) -> Iterator[None]:
    """Calls *look* for each path of *start* and for each path that *look* returns, until none is left.

    *look* runs in worker threads: two where opens are quick, up to 64 where they wait for a network. Yields about
    every 0.2 s, so that whoever pulls can show what there is so far. An exception in *look* ends the walk and is raised
    here. Closing the generator stops the workers after the folder in hand.
    """
    team = _Team(start, look)
    try:
        while not team.wait(_TICK):
            yield
    finally:
        team.stop()
    if team.error:
        raise team.error


class _Team:
    """Workers, each with a stack of paths of its own. They share only when one is idle, so a busy one never waits.

    The team grows while paths are left and looking at one takes longer than Python needs for it.
    """

    def __init__(self, start: list[str], look: Callable[[str], list[str]]) -> None:
        self.look = look
        self.shares: SimpleQueue[list[str] | None] = SimpleQueue()
        self.lock = threading.Lock()
        self.workers = 0
        self.most = _REMOTE  # workers this user may have
        self.idle = 0  # workers waiting for a share that nobody has given yet
        self.looks = 0
        self.spent = 0.0  # seconds in all looks
        self.finished = threading.Event()
        self.stopped = False
        self.error: BaseException | None = None
        self.core = _a_core()
        self._hire(start[::-1])

    def wait(self, seconds: float) -> bool:
        """Whether all is done, after *seconds* at most."""
        return self.finished.wait(seconds)

    def stop(self) -> None:
        """Let every worker go after the path in hand."""
        with self.lock:
            self.stopped = True
            self.finished.set()
            for _ in range(self.workers):
                self.shares.put(None)

    def _hire(self, mine: list[str]) -> None:
        with self.lock:
            self.workers += 1
        threading.Thread(target=self._work, args=(mine,), name="spt-walk", daemon=True).start()

    def _work(self, mine: list[str]) -> None:
        _stay_on(self.core)
        share: list[str] | None = mine
        while share is not None:
            try:
                self._look_at(share)
            except BaseException as error:  # noqa: BLE001 - raised again in walk, by the thread that asked
                self.error = error
                self.stop()
            share = self._next_share()

    def _look_at(self, mine: list[str]) -> None:
        while mine and not self.stopped:
            began = time.perf_counter()
            mine.extend(reversed(self.look(mine.pop())))
            self.looks += 1  # not under the lock: a lost count changes a mean by nothing
            self.spent += time.perf_counter() - began
            if len(mine) > 1 and (self.idle or self._too_few()):
                self._share(mine)

    def _too_few(self) -> bool:
        slow = self.looks > 3 and self.spent / self.looks > _SLOW
        return self.workers < min(_REMOTE if slow else _LOCAL, self.most)

    def _share(self, mine: list[str]) -> None:
        """Give the lower half of *mine*, the paths nearer to the root, to an idle worker or to a new one."""
        half = mine[: len(mine) // 2]
        del mine[: len(half)]  # before giving: the taker changes the list at once
        with self.lock:
            given = self.idle > 0
            if given:
                self.idle -= 1  # on behalf of the one that takes it: idle == workers means that nothing is on its way
                self.shares.put(half)
        if given:
            return
        try:
            self._hire(half)
        except RuntimeError:  # this user's limit of threads (`ulimit -u` of a login node): go on with those there are
            with self.lock:
                self.workers -= 1
                self.most = self.workers
            mine[:0] = half

    def _next_share(self) -> list[str] | None:
        with self.lock:
            if self.stopped:  # who was hired meanwhile was not counted when everybody was let go
                return None
            self.idle += 1
            done = self.idle == self.workers
        if done:
            self.stop()
        return self.shares.get()


def _a_core() -> int | None:
    """One of the cores this process may use, another one from walk to walk; None where that cannot be chosen."""
    if sys.platform != "linux":
        return None
    cores = sorted(os.sched_getaffinity(0))
    return cores[time.monotonic_ns() % len(cores)]


def _stay_on(core: int | None) -> None:
    """Keeps the calling thread on *core*.

    One worker at a time can run Python anyway, and handing that right to a worker on another core wakes the core too:
    64 workers took 4.0 s and 6 s of processor time for 10,000 runs at 1 ms an operation, on one core 1.4 s and 1.3 s.
    """
    if core is not None and sys.platform == "linux":
        with suppress(OSError):  # a container may forbid it, and a core may have gone
            os.sched_setaffinity(0, {core})
