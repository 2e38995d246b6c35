"""Watch a root: snapshots without end, and the newest of them shared between threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from spt_cli.errors import SptError
from spt_cli.model import Problem, Progress, Snapshot
from spt_cli.tree.snapshot import scanning


def poll(
    root: str | Path,
    *,
    interval: float = 2.0,
    stale_after: float = 180.0,
    sweep: float = 30.0,
    clock: Callable[[], float] = time.time,
    wait: Callable[[float], Collection[str] | None] = time.sleep,
) -> Iterator[Snapshot]:
    """Snapshots of *root* for ever, one every *interval* seconds; close the generator to stop.

    While the first scan runs, partial ones come about every 0.2 s (`progress.initial_done` is False). Nothing that
    happens to the tree ends it: a root that is not there is a Problem and is looked for again.
    *wait* is called between two scans with the seconds left; `Latest.pause` there lets another thread wake the poller.
    It returns the folders, as paths below the root, that the next scan is to look at whatever their turn.
    """
    last: Snapshot | None = None
    also: Collection[str] = ()
    while True:
        began = time.monotonic()
        try:
            for snapshot in scanning(root, last, now=clock(), stale_after=stale_after, sweep=sweep, also=also):
                yield snapshot
            last = snapshot
        except SptError as error:  # only a first scan of a root that is not there raises
            progress = Progress("starting", initial_done=False)
            yield Snapshot(str(root), problems=(Problem(str(root), str(error)),), progress=progress, taken_at=clock())
        also = wait(max(0.0, interval - (time.monotonic() - began))) or ()


class Latest:
    """The newest Snapshot, set by one thread and awaited by others; the only mutable object that threads share.

    Those of several roots may share one *changed*, so that a thread can wait for any of them.
    """

    def __init__(self, changed: threading.Condition | None = None) -> None:
        self._snapshot: Snapshot | None = None
        self._changed = changed or threading.Condition()
        self._woken = False
        self._also: set[str] = set()

    def get(self) -> Snapshot | None:
        """The newest Snapshot; None before the first."""
        return self._snapshot

    def set(self, snapshot: Snapshot) -> None:
        """Make *snapshot* the newest and tell all who wait."""
        with self._changed:
            self._snapshot = snapshot
            self._changed.notify_all()

    def newer(self, seen: Snapshot | None, timeout: float | None = None) -> Snapshot | None:
        """The newest Snapshot as soon as it is another than *seen*; None when *timeout* seconds passed without one."""
        with self._changed:
            self._changed.wait_for(lambda: self._snapshot is not None and self._snapshot is not seen, timeout)
            return None if self._snapshot is seen else self._snapshot

    def wake(self, *also: str) -> None:
        """End the poller's pause now, or the next one at once when it is not pausing.

        The scan that follows looks at the folders *also*, paths below the root, whatever their turn.
        """
        with self._changed:
            self._woken = True
            self._also.update(also)
            self._changed.notify_all()

    def pause(self, seconds: float) -> Collection[str]:
        """Wait *seconds*, or until `wake`, and return the folders that it was given: poll's *wait*."""
        with self._changed:
            self._changed.wait_for(lambda: self._woken, seconds)
            self._woken = False
            also, self._also = self._also, set()
            return also
