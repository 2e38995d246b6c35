"""Cursors of what a watch tells, so that `--from` can go on from one; without a place to keep them there are none."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from spt_cli.errors import NotFoundError
from spt_cli.files.caches import cache_folder
from spt_cli.model import Run
from spt_cli.tree.roots import Root
from spt_cli.watch.history import Journal, recall
from spt_cli.watch.watching import Happening

Say = Callable[[str], object]

NOW = "now"  # for --from: what is there when the watch begins is not told


class Cursors:
    """Gives cursors to what is told of *roots*, after the runs in *told*, which the cursor *resumed* stands for."""

    def __init__(self, roots: Sequence[Root], told: Mapping[str, Run], tell: Say, *, resumed: str | None) -> None:
        self._journal: Journal | None = None
        self._tell = tell
        folder = cache_folder("watch")
        if folder is None:
            self._none("there is no cache folder that can be written")
            return
        try:
            self._journal = Journal(folder, _named(roots), told, now=time.time(), resumed=resumed)
        except OSError as error:
            self._none(error.strerror)

    def of(self, happened: Sequence[Happening], told: Mapping[str, Run], *, now: float) -> Sequence[str | None]:
        """A cursor for each of what *happened* to the runs that were *told*; None from the first failure on."""
        if self._journal:
            try:
                self._journal.live(now)
                if happened:
                    return self._journal.append(happened, told)
            except OSError as error:
                self._journal = None
                self._none(error.strerror)
        return [None] * len(happened)

    def _none(self, why: str | None) -> None:
        self._tell(f"spt: from here on events have no cursor: {why or 'their journal cannot be written'}")


def recalled(cursor: str, roots: Sequence[Root], tell: Say) -> dict[str, Run]:
    """The chosen runs as they were told up to *cursor*. When nobody knows, that is said, and it is none."""
    folder = cache_folder("watch")
    try:
        if folder:
            return recall(folder, cursor, _named(roots))
        why = f"the cursor {cursor} cannot be looked up: there is no cache folder"
    except NotFoundError as error:
        why = str(error)
    tell(f"spt: {why}; all runs are told anew")
    return {}


def _named(roots: Sequence[Root]) -> list[tuple[str, str]]:
    """Roots as far as ids and what is below them depend on it: the label of a single one is in no id."""
    return [(root.label if len(roots) > 1 else "", root.path) for root in roots]
