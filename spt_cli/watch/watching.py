"""What a watch is about: which runs, and what happened to them from one look to the next."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from msgspec import Struct, structs

from spt_cli.choice.names import LENGTHS, MOMENTS, Names
from spt_cli.choice.selection import Selection, select
from spt_cli.choice.sorting import NEWEST_FIRST, Key, ordered
from spt_cli.model import Change, Run, Values
from spt_cli.tree.changes import ENDS, between

KINDS = ("added", "changed", "finished", "failed", "stale", "removed")
_BEATS = frozenset({"heartbeat_at", "metrics_size"})


class Choice(Struct, frozen=True):
    """Which runs, in which order, how many of them. Without keys they are in the order of their ids."""

    selection: Selection = Selection()
    by: tuple[Key, ...] = NEWEST_FIRST
    limit: int | None = None

    @property
    def timed(self) -> bool:
        """Whether other runs can be chosen while none of them changes: ages grow."""
        named = self.selection.where is not None and any(map(self.selection.where.mentions, MOMENTS | LENGTHS))
        ranked = self.limit is not None and any(key.name in LENGTHS for key in self.by)
        return named or ranked or self.selection.since is not None or self.selection.before is not None

    @property
    def unordered(self) -> Choice:
        """The same runs in the order that costs least."""
        return self if self.limit is not None else structs.replace(self, by=())


class Happening(Struct, frozen=True):
    """What happened to one chosen run."""

    kind: str  # one of KINDS
    run: Run  # as it is now; of one that was removed, as it was last seen
    fields: tuple[str, ...] = ()  # as of a Change; none for added and removed
    nan: tuple[str, ...] = ()  # metrics of the summary that are NaN or infinite and were not before

    @property
    def beats(self) -> bool:
        """Whether all that changed is a sign of life: a later heartbeat, more bytes of metrics."""
        return self.kind == "changed" and _BEATS.issuperset(self.fields)


def chosen(
    runs: Collection[Run], choice: Choice, *, now: float, unknown: Callable[[str], object] | None = None
) -> list[Run]:
    """Those of *runs*, which are all there are, that *choice* means at the clock *now* (s since 1970), in its order.

    Unknown names are treated as by `Where.bind`.
    """
    found = select(runs, choice.selection, now=now, unknown=unknown)
    return ordered(found, choice.by, names=Names(runs), now=now, unknown=unknown)[: choice.limit]


def same(seen: Mapping[str, Run], runs: Mapping[str, Run]) -> bool:
    """Whether *runs* are the very same objects as *seen*: then nothing happened. Costs about 30 ns a run."""
    return len(seen) == len(runs) and all(seen.get(run_id) is run for run_id, run in runs.items())


def happenings(told: Mapping[str, Run], now: Mapping[str, Run], runs: Mapping[str, Run]) -> Iterator[Happening]:
    """What happened from *told*, the chosen runs of the last look, to *now*, the chosen ones of *runs*; sorted by id.

    A newly chosen run was added, one that is not chosen any more was removed; when it has ended or turned stale,
    so that `-w 'state == "running"'` drops it, that comes first. Folded over *told* they give *now*.
    """
    for change in between(told, now):
        before = told.get(change.run_id)
        if change.run is not None:
            yield _happening(change, before)
        elif before is not None:
            last = runs.get(change.run_id, before)
            for end in between({change.run_id: before}, {change.run_id: last}):
                if end.kind in ENDS.values():
                    yield _happening(end, before)
            yield Happening("removed", last)


def fold(told: Mapping[str, Run], happened: Iterable[Happening]) -> dict[str, Run]:
    """The chosen runs after what *happened* to those in *told*."""
    runs = dict(told)
    for each in happened:
        if each.kind == "removed":
            runs.pop(each.run.run_id, None)
        else:
            runs[each.run.run_id] = each.run
    return runs


def wanted(happened: Happening, kinds: Collection[str], *, first: bool) -> Happening | None:
    """*happened* when it is of one of these *kinds*, else None; *first*: it was there when the watch began.

    Who does not ask for `added` still hears of a run that is over when it is first seen: it ended between two looks.
    """
    if happened.kind in kinds:
        return happened
    end = ENDS.get(happened.run.state)
    if happened.kind == "added" and not first and end in kinds:
        return structs.replace(happened, kind=end)
    return None


class Follower:
    """Tells what happens to the runs of a *choice*, look by look.

    Given *told*, the chosen runs as an earlier watch told them, it begins with what has happened since, once all runs
    are seen; else with all that are there, added as they are found. *unknown* is told of names that no run has.
    """

    def __init__(
        self, choice: Choice, told: Mapping[str, Run] | None = None, *, unknown: Callable[[str], object]
    ) -> None:
        self.told = dict(told or {})  # the chosen runs of the last look, by id
        self.first = told is None  # what the last look gave was there when the watch began
        self._choice, self._unknown = choice.unordered, unknown
        self._resumed = told is not None
        self._seen: Mapping[str, Run] | None = None

    def look(self, runs: Mapping[str, Run], *, now: float, complete: bool = True) -> list[Happening]:
        """What happened until *now* (s since 1970), when these are the *runs*, all of them if *complete*."""
        if self._resumed and not complete:
            return []
        if self._seen is not None:
            self.first = False
            if same(self._seen, runs) and not self._choice.timed:
                return []
        unknown = self._unknown if complete and runs else _nothing
        found = {run.run_id: run for run in chosen(runs.values(), self._choice, now=now, unknown=unknown)}
        happened = list(happenings(self.told, found, runs))
        self.told = found
        self._seen = runs if complete else None
        return happened


def _nothing(_message: str) -> None:
    """While not all runs are seen, or there are none, a name that none has is no mistake."""


def _happening(change: Change, before: Run | None) -> Happening:
    assert change.run is not None
    bad = _not_finite(change.run.summary)
    if bad and before is not None:
        known = _not_finite(before.summary)
        bad = tuple(name for name in bad if name not in known)
    return Happening(change.kind, change.run, change.fields, bad)


def _not_finite(summary: Values) -> tuple[str, ...]:
    """Metrics that are NaN or infinite. Only what holds a word for it is decoded; `1e999` stands in no sidecar."""
    if b"NaN" not in summary.raw and b"Infinity" not in summary.raw:
        return ()
    return tuple(
        name for name, value in summary.decode().items() if isinstance(value, float) and not math.isfinite(value)
    )
