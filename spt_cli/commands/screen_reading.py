"""Reads beside the screen, in a thread of its own: a disk that hangs keeps nobody from pressing keys."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from spt_cli.metrics.pace import Told
from spt_cli.metrics.tails import Tail, standing
from spt_cli.model import Run
from spt_cli.watch.scene import Details

if TYPE_CHECKING:
    from spt_cli.watch.details import Reader

_KEPT = 256  # runs whose tails are kept: those that were on the screen last


class Asked(Struct, frozen=True):
    """What the screen needs to know."""

    visible: Sequence[Run] = ()  # the runs on the screen
    live: Sequence[Run] = ()  # all runs that are alive
    metric: str | None = None  # to draw small curves of
    close: tuple[Run, str] | None = None  # the run that is looked at closely, under its own id, and its root


class Found(Struct, frozen=True):
    """What was read."""

    told: Mapping[str, Told]  # of runs that changed, by run id
    curves: Mapping[str, Sequence[float]]  # all that are known
    details: Details | None = None


class Reading:
    """Reads what was asked for last, in its own thread, and calls *done* with it; *failed* is a mistake of spt's."""

    def __init__(self, done: Callable[[Asked, Found], object], failed: Callable[[Exception], object]) -> None:
        self._done, self._failed = done, failed
        self._changed = threading.Condition()
        self._asked: Asked | None = None
        self._metric: str | None = None
        self._tails: dict[str, tuple[Run, Tail]] = {}  # with the run as it was then; those looked at last are last
        self._curves: dict[str, Sequence[float]] = {}  # of these
        self._stood: dict[str, Run] = {}  # runs as they were when their summary was read
        self._close: tuple[str, Reader] | None = None

    def start(self) -> None:
        """Begins."""
        threading.Thread(target=self._run, name="spt-read", daemon=True).start()

    def ask(self, asked: Asked) -> None:
        """Reads this next, instead of what was asked for before."""
        with self._changed:
            self._asked = asked
            self._changed.notify()

    def look(self, asked: Asked) -> Found:
        """Reads what changed of what is *asked*; other than the run that is looked at closely, until there is more."""
        details = self._closely(asked.close)
        if asked.metric != self._metric:
            self._metric, self._tails, self._curves = asked.metric, {}, {}
        told = {}
        for run in asked.visible:
            if self._asked is None and (run.live or self._metric is not None):
                known = self._tail(run).told
                if known is not None and run.live:
                    stood = standing(run)  # its rows are those of this process; a requeue need not show in the steps
                    told[run.run_id] = structs.replace(known, rows=stood.rows) if stood is not None else known
        self._stood = {run.run_id: run for run in asked.live if self._stood.get(run.run_id) is run}
        for run in asked.live:
            if self._asked is None and run.run_id not in self._stood:
                self._stood[run.run_id] = run
                found = standing(run) if run.run_id not in told else None
                if found is not None:
                    told[run.run_id] = found
        return Found(told, dict(self._curves), details)

    def _run(self) -> None:
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._asked is not None)
                    asked, self._asked = self._asked, None
                assert asked is not None
                self._done(asked, self.look(asked))
        except Exception as error:  # noqa: BLE001 - raised again by the thread that somebody sees
            self._failed(error)

    def _tail(self, run: Run) -> Tail:
        """The tail of *run*, read on when the run is not the same any more."""
        before, tail = self._tails.pop(run.run_id, (None, Tail(self._metric)))
        if before is not run and tail.look(run):
            self._curves[run.run_id] = tail.curve.means if tail.curve is not None else ()
        self._tails[run.run_id] = run, tail
        for run_id in list(self._tails)[:-_KEPT]:
            del self._tails[run_id]
            self._curves.pop(run_id, None)
        return tail

    def _closely(self, close: tuple[Run, str] | None) -> Details | None:
        if close is None:
            self._close = None
            return None
        from spt_cli.watch.details import Reader

        run, root = close
        if self._close is None or self._close[0] != run.run_dir:
            self._close = run.run_dir, Reader()
        return self._close[1].look(run, root, clock=time.monotonic())
