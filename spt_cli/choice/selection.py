"""Which runs a command is about: -w with its short forms `--state --tag --alive --since --before --archived`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from difflib import get_close_matches

from msgspec import Struct

from spt_cli.choice.names import Names, in_one_line
from spt_cli.choice.where import STATES, Where, parse
from spt_cli.errors import UsageError
from spt_cli.model import Run
from spt_cli.words.durations import moment


class Selection(Struct, frozen=True):
    """Conditions that a run must meet, all of them. The empty one chooses every run that is not archived."""

    where: Where | None = None
    states: tuple[str, ...] = ()  # one of these
    tags: tuple[str, ...] = ()  # all of these
    alive: bool = False  # only those with a fresh heartbeat
    since: str | None = None  # created at this moment or later
    before: str | None = None  # created before this moment
    archived: bool = False  # archived runs too


def selection(
    where: str | None = None,
    *,
    states: Sequence[str] = (),
    tags: Sequence[str] = (),
    alive: bool = False,
    since: str | None = None,
    before: str | None = None,
    archived: bool = False,
) -> Selection:
    """The Selection of these options, as they were typed. UsageError for what can never be understood.

    Archived runs are left out unless *archived* or *where* names `archived`.
    """
    read = parse(where) if where is not None else None
    for text in (since, before):
        if text is not None:
            moment(text, now=0.0)
    archived = archived or (read is not None and read.mentions("archived"))
    return Selection(read, tuple(states), tuple(tags), alive, since, before, archived)


def select(
    runs: Collection[Run],
    chosen: Selection,
    *,
    now: float,
    unknown: Callable[[str], object] | None = None,
    names: Names | None = None,
) -> list[Run]:
    """Those of *runs*, in their order, that *chosen* is met by at the clock *now* (s since 1970).

    Names mean what they do in *names*, by default those of *runs*; unknown ones are treated as by `Where.bind`, and so
    is a state that is neither one of ours nor any run's.
    """
    _check_states(runs, chosen.states, unknown)
    tests = [_plainly(chosen, now)]
    if chosen.where:
        tests.append(chosen.where.bind(Names(runs) if names is None else names, now=now, unknown=unknown))
    return [run for run in runs if all(holds(run) for holds in tests)]


def _plainly(chosen: Selection, now: float) -> Callable[[Run], bool]:
    """The short forms, as one test."""
    states, tags = frozenset(chosen.states), frozenset(chosen.tags)
    since = moment(chosen.since, now) if chosen.since is not None else None
    before = moment(chosen.before, now) if chosen.before is not None else None

    def holds(run: Run) -> bool:
        return (
            (chosen.archived or not run.archived)
            and (not states or run.state in states)
            and tags.issubset(run.tags)
            and (run.alive or not chosen.alive)
            and (since is None or (run.created_at is not None and run.created_at >= since))
            and (before is None or (run.created_at is not None and run.created_at < before))
        )

    return holds


def _check_states(runs: Collection[Run], states: Sequence[str], unknown: Callable[[str], object] | None) -> None:
    """UsageError, or a word to *unknown*, for a state that is neither one of ours nor any run's."""
    known = STATES.union(run.state for run in runs) if states else STATES
    for state in states:
        if runs and state not in known:
            close = get_close_matches(state, sorted(known), n=1, cutoff=0.5) or sorted(STATES)
            error = UsageError(f"no run is {state}", hint=f"did you mean {' or '.join(close)}?")
            if unknown is None:
                raise error
            unknown(in_one_line(error))
