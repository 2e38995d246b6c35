"""Several roots, live: a thread polls each of them, and whoever looks gets the newest Forest."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from spt_cli.model import Change, Progress, Snapshot
from spt_cli.tree.changes import between
from spt_cli.tree.polling import Latest, poll
from spt_cli.tree.roots import Forest, Root, join


class Live:
    """The runs below *roots*, kept up to date within a `with` block; any number of threads may look.

    A root on a disk that hangs keeps nobody from seeing the others.
    """

    def __init__(
        self, roots: Sequence[Root], *, interval: float = 2.0, stale_after: float = 180.0, sweep: float = 30.0
    ) -> None:
        self._roots = tuple(roots)
        self._interval, self._stale_after, self._sweep = interval, stale_after, sweep
        self._changed = threading.Condition()
        self._latest = [Latest(self._changed) for _ in roots]
        self._forest = join(self._roots, [_unseen(root) for root in roots])
        self._stopped = False
        self._error: BaseException | None = None

    def __enter__(self) -> Self:
        for root, latest in zip(self._roots, self._latest, strict=True):
            threading.Thread(target=self._poll, args=(root, latest), name="spt-poll", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped = True
        self.wake()

    def newer(self, seen: Forest | None = None, timeout: float | None = None) -> Forest | None:
        """The newest Forest as soon as it is another than *seen*; None when *timeout* seconds passed without one.

        None also when the `with` block has ended: whoever waits is let go.
        What a polling thread died of is raised here: it is a mistake of spt's, since nothing that a tree does ends one.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._error or self._stopped or self._news() or self._is_news(seen), timeout)
            if self._error:
                raise self._error
            if snapshots := self._news():
                self._forest = join(self._roots, snapshots, self._forest)
            return self._forest if self._is_news(seen) else None

    def wake(self) -> None:
        """Look at all roots now."""
        for latest in self._latest:
            latest.wake()

    def look(self, root: Root, folder: str) -> None:
        """Look at *folder* now, a path below *root*, whatever its turn: ended runs are looked at in slices."""
        self._latest[self._roots.index(root)].wake(folder)

    def _news(self) -> list[Snapshot]:
        """The newest Snapshot of each root when any is not in the Forest yet, else none."""
        newest = [latest.get() or old for latest, old in zip(self._latest, self._forest.snapshots, strict=True)]
        fresh = any(new is not old for new, old in zip(newest, self._forest.snapshots, strict=True))
        return newest if fresh else []

    def _is_news(self, seen: Forest | None) -> bool:
        return self._forest is not seen and any(latest.get() for latest in self._latest)

    def _poll(self, root: Root, latest: Latest) -> None:
        looks = poll(
            root.path,
            interval=self._interval,
            stale_after=self._stale_after,
            sweep=self._sweep,
            wait=latest.pause,
        )
        try:
            for snapshot in looks:
                latest.set(snapshot)
                if self._stopped:
                    return
        except BaseException as error:  # noqa: BLE001 - raised again in newer, by the thread that looks
            with self._changed:
                self._error = error
                self._changed.notify_all()


def _unseen(root: Root) -> Snapshot:
    return Snapshot(root.path, progress=Progress("starting", initial_done=False))


def changes(seen: Forest | None, forest: Forest) -> tuple[Change, ...]:
    """What happened to the runs from *seen* (None: no runs) to *forest*, by shown id."""
    return between(seen.runs if seen else {}, forest.runs)
