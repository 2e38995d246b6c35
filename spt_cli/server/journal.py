"""Which runs changed since when: numbered as they are seen, kept by run, so that nobody's place in it costs memory."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from itertools import takewhile

from msgspec import Struct

from spt_cli.model import Snapshot
from spt_cli.tree.roots import Forest


class News(Struct, frozen=True):
    """What happened between two moments. A run that was changed and changed back is among the changed."""

    changed: tuple[str, ...] = ()  # shown ids, the oldest change first
    removed: tuple[str, ...] = ()  # same


def news(old: Forest | None, new: Forest) -> News:
    """What differs: rows, and the metrics and media behind them, of which a row says little."""
    known = old.runs if old else {}
    changed = {run_id for run_id, run in new.runs.items() if run is not (before := known.get(run_id)) and run != before}
    if old:
        changed.update(new.runs.keys() & set(_behind(old, new)))  # a Forest may show but a choice of its runs
    return News(tuple(sorted(changed)), tuple(sorted(known.keys() - new.runs.keys())))


class Journal:
    """For each run the number of the change that it was last part of.

    Numbers grow by one with each change, from 0, when nothing was seen yet. Together with the *epoch*, a word that no
    other process has, they name a moment: `since` gives what happened after it, whatever came between.
    """

    def __init__(self, remember: int = 100_000) -> None:
        self.epoch = secrets.token_hex(6)
        self.number = 0
        self._remember = remember  # removals; who has missed the oldest of more must begin anew
        self._changed: dict[str, int] = {}  # the latest change last
        self._removed: dict[str, int] = {}  # same
        self._forgotten = 0  # the number of the latest removal that is not remembered any more

    def add(self, news: News) -> None:
        """*news* happened now."""
        if not news.changed and not news.removed:
            return
        self.number += 1
        for run_ids, target, other in (
            (news.changed, self._changed, self._removed),
            (news.removed, self._removed, self._changed),
        ):
            for run_id in run_ids:
                other.pop(run_id, None)
                target.pop(run_id, None)  # so that it moves to the end
                target[run_id] = self.number
        while len(self._removed) > self._remember:
            self._forgotten = self._removed.pop(next(iter(self._removed)))

    def since(self, number: int) -> News:
        """What happened after the moment *number*, one that `place` gave. The cost follows what it was."""
        return News(_after(number, self._changed), _after(number, self._removed))

    def cursor(self, number: int) -> str:
        """The moment *number* as clients keep it."""
        return f"{self.epoch}-{number}"

    def place(self, cursor: str) -> int | None:
        """The number of a *cursor*; None when it is of another epoch, too old for `since`, or none of ours."""
        epoch, _, digits = cursor.rpartition("-")
        if epoch != self.epoch or not re.fullmatch("[0-9]{1,18}", digits):
            return None
        number = int(digits)
        return number if self._forgotten <= number <= self.number else None


def _behind(old: Forest, new: Forest) -> Iterator[str]:
    """Ids, as shown, of runs that both have, with another metrics.csv or media.jsonl."""
    for root, before, now in zip(new.roots, old.snapshots, new.snapshots, strict=True):
        for run_id in _rewritten(before, now):
            yield run_id if len(new.roots) == 1 else f"{root.label}/{run_id}"


def _rewritten(old: Snapshot, new: Snapshot) -> Iterator[str]:
    if old is new:
        return
    for path, folder in new.folders.items():
        known = old.folders.get(path)
        if folder is not known and known is not None and folder.run is not None:
            before, now = known.stamps, folder.stamps
            if (before.metrics, before.media) != (now.metrics, now.media):
                yield folder.run.run_id


def _after(number: int, numbers: dict[str, int]) -> tuple[str, ...]:
    """Those that come after *number*, found from the end."""
    later: Iterable[tuple[str, int]] = takewhile(lambda item: item[1] > number, reversed(numbers.items()))
    return tuple(run_id for run_id, _ in later)[::-1]
