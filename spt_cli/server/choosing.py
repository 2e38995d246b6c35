"""Live runs of which only those are shown that a selection chooses."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import structs

from spt_cli.choice.selection import Selection
from spt_cli.tree.live import Live
from spt_cli.tree.roots import Forest, Root
from spt_cli.watch.watching import Choice, Follower


class Choosing(Live):
    """The runs below *roots* that *selection* chooses, archived ones too: the page leaves those out, or shows them.

    Names that no run has are told to *unknown* once all runs are seen, and then mean nothing. The ids of other runs
    are not found in `runs`, but `place` still knows them: this is a choice, no protection.
    """

    def __init__(
        self, roots: Sequence[Root], selection: Selection, *, unknown: Callable[[str], object], **named: Any
    ) -> None:
        super().__init__(roots, **named)
        choice = Choice(structs.replace(selection, archived=True), by=())
        self._follower = Follower(choice, unknown=unknown)
        self._last: tuple[Forest | None, Forest | None] = (None, None)  # whole, and as it is shown

    def newer(self, seen: Forest | None = None, timeout: float | None = None) -> Forest | None:
        """As Live's; to be called by one thread."""
        whole, shown = self._last
        new = super().newer(whole if seen is shown else None, timeout)
        if new is not None and new is not whole:
            self._follower.look(new.runs, now=time.time(), complete=new.progress.initial_done)
            self._last = new, structs.replace(new, runs=self._follower.told)
        return None if new is None else self._last[1]
