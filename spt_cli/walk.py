"""Look at the folders of a tree: worker threads over one stack, each listing a folder and reading its run at once."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator

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

_LOCAL = 1  # workers on a local disk: a stat takes 2 µs, and a second thread only takes turns at Python's lock
_REMOTE = 32  # round trips in flight on a network disk
_SLOW = (
    0.0006  # mean seconds for a folder, about three operations, above which a scan waits for a disk and not for Python
)
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


_SHARED: dict[frozenset[str], frozenset[str]] = {}  # at most 2**6 sets of names serve all folders


def walk(start: list[str], look: Callable[[str], list[str]]) -> Iterator[None]:
    """Calls *look* for each path of *start* and for each path that *look* returns, until none is left.

    *look* runs in worker threads: one where opens are quick, up to 32 where they wait for a network. Yields about
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
    """Workers over one stack of paths. They grow in number while paths wait and looking at one is slow."""

    def __init__(self, start: list[str], look: Callable[[str], list[str]]) -> None:
        self.look = look
        self.stack = list(reversed(start))
        self.open = len(start)  # paths on the stack or in hand
        self.changed = threading.Condition()
        self.workers = 0
        self.looks = 0
        self.spent = 0.0  # seconds in all looks
        self.error: BaseException | None = None
        self.stopped = False
        with self.changed:
            self._hire(min(_LOCAL, len(start)))

    def wait(self, seconds: float) -> bool:
        """Whether all is done, after *seconds* at most."""
        with self.changed:
            return self.changed.wait_for(lambda: not self.open or self.stopped, seconds)

    def stop(self) -> None:
        with self.changed:
            self.stopped = True
            self.changed.notify_all()

    def _hire(self, count: int) -> None:
        for _ in range(count):
            self.workers += 1
            threading.Thread(target=self._work, name="spt-walk", daemon=True).start()

    def _work(self) -> None:
        while (path := self._next()) is not None:
            began = time.perf_counter()
            try:
                found = self.look(path)
            except BaseException as error:  # noqa: BLE001 - raised again in walk, by the thread that asked
                self.error = error
                self.stop()
                return
            self._done(found, time.perf_counter() - began)

    def _next(self) -> str | None:
        with self.changed:
            while not self.stack and self.open and not self.stopped:
                self.changed.wait()
            return None if self.stopped or not self.open else self.stack.pop()

    def _done(self, found: list[str], seconds: float) -> None:
        with self.changed:
            self.stack.extend(reversed(found))
            self.open += len(found) - 1
            self.looks += 1
            self.spent += seconds
            if self.stack and self.workers < _REMOTE and self.looks > 3 and self.spent / self.looks > _SLOW:
                self._hire(1)
            if not self.open:
                self.changed.notify_all()
            elif len(found) > 1:
                self.changed.notify(len(found) - 1)
