"""What happens to runs: a line an event on stdout, and each event to the command of --exec."""

from __future__ import annotations

import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from msgspec import Struct, structs

from spt_cli import errors
from spt_cli.choice.names import Names, in_one_line
from spt_cli.commands import trees
from spt_cli.commands.cursors import NOW, Cursors, recalled
from spt_cli.commands.hook import Hook
from spt_cli.commands.lasting import once
from spt_cli.commands.output import emit, emit_data, say
from spt_cli.errors import UsageError
from spt_cli.model import Run
from spt_cli.render import json
from spt_cli.render.happenings import Titled, line, row
from spt_cli.render.runs import View, column_of
from spt_cli.tree.live import Live
from spt_cli.tree.roots import Forest, Root
from spt_cli.watch.waiting import Until, met
from spt_cli.watch.watching import KINDS, Choice, Follower, Happening, chosen, same, wanted


class How(Struct, frozen=True):
    """What a watch was asked for."""

    roots: tuple[Root, ...]
    choice: Choice
    view: View  # of stdout, with the clock of the beginning
    form: str = "table"  # or ndjson
    columns: tuple[str, ...] = ()  # -c
    metric: str | None = None  # -m
    group_by: str | None = None
    kinds: frozenset[str] = frozenset(KINDS)  # --events
    command: str | None = None  # --exec
    cursor: str | None = None  # --from
    until: Until | None = None
    ends_at: float | None = None  # --timeout, on the monotonic clock
    interval: float = 2.0  # seconds
    quiet: bool = False
    strict: bool = False

    @property
    def left(self) -> float | None:
        """Seconds until --timeout; None without one."""
        return None if self.ends_at is None else max(0.0, self.ends_at - time.monotonic())


Event = tuple[Happening, str | None]  # with its cursor
Say = Callable[[str], object]


def stream(live: Live, how: How) -> int:
    """Writes what happens to the chosen runs until that is over, and returns the exit code.

    Raises BrokenPipeError soon after the reader of stdout went away, whether or not there is something to write.
    """
    unknown = once(say)
    events, end = _Events(how, say, unknown), awaited(how, unknown)
    hook = Hook(how.command, stdout=_stderr() if how.form == "ndjson" else None) if how.command is not None else None
    seen: Forest | None = None
    problems = 0
    while how.left != 0 and (forest := live.newer(seen, how.left)):
        _notice_that_the_reader_went_away()
        now, complete = time.time(), forest.progress.initial_done
        told = events.look(forest, now)
        _write(told, how, forest.runs, now, unknown if complete else _nothing)
        if hook:
            _hand_on(told, hook, how, now)
        if complete and len(forest.problems) != problems and not how.quiet:
            problems = len(forest.problems)
            trees.report(forest)
        if (code := end(forest)) is not None:
            return code
        seen = forest
    return errors.TIMED_OUT


def awaited(how: How, unknown: Say) -> Callable[[Forest], int | None]:
    """What tells of one Forest after another the exit code that its runs come to by --until; None: go on."""
    seen: Forest | None = None

    def end(forest: Forest) -> int | None:
        nonlocal seen
        before, goal = seen, how.until
        seen = forest
        if goal is None or not forest.progress.initial_done:
            return None
        timed = goal.timed or how.choice.timed
        if before and before.progress.initial_done and same(before.runs, forest.runs) and not timed:
            return None
        now, runs = time.time(), forest.runs.values()
        among = chosen(runs, how.choice.unordered, now=now, unknown=_nothing)
        result = met(goal, among, runs, now=now, unknown=unknown)
        if result is None:
            return None
        return trees.exit_code(forest.problems, strict=how.strict) if result else errors.FAILED

    return end


@contextmanager
def in_background(live: Live, how: How) -> Iterator[Hook]:
    """Within it what happens is handed to the command of --exec, if there is one, by a thread; who waits sees failures.

    Nothing that the command writes is shown.
    """
    hook = Hook(how.command or "", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    broken: list[Exception] = []

    def follow() -> None:
        try:
            events = _Events(how, _nothing, _nothing)
            seen: Forest | None = None
            while forest := live.newer(seen):
                now = time.time()
                for event in _handed_on(events.look(forest, now), now):
                    hook.call(event)
                seen = forest
        except Exception as error:  # noqa: BLE001 - raised again below, in the thread that somebody sees
            broken.append(error)

    if how.command is not None:
        threading.Thread(target=follow, name="spt-exec", daemon=True).start()
    try:
        yield hook
    finally:
        hook.stop()
    if broken:
        raise broken[0]


class _Events:
    """What happens to the chosen runs, with cursors where somebody gets them."""

    def __init__(self, how: How, tell: Say, unknown: Say) -> None:
        before = recalled(how.cursor, how.roots, tell) if how.cursor and how.cursor != NOW else None
        self._how = how
        self._follower = Follower(how.choice, before, unknown=unknown)
        self._cursors = None
        if how.form == "ndjson" or how.command is not None:
            self._cursors = Cursors(how.roots, before or {}, tell, resumed=how.cursor if before else None)

    def look(self, forest: Forest, now: float) -> list[Event]:
        """What happened, as far as it was asked for."""
        before = self._follower.told
        happened = self._follower.look(forest.runs, now=now, complete=forest.progress.initial_done)
        cursors: Sequence[str | None] = [None] * len(happened)
        if self._cursors:
            cursors = self._cursors.of(happened, before, now=now)
        first = self._follower.first
        if first and self._how.cursor == NOW:
            return []
        asked = [wanted(each, self._how.kinds, first=first) for each in happened]
        return [(each, cursor) for each, cursor in zip(asked, cursors, strict=True) if each]


def _write(told: Sequence[Event], how: How, runs: Mapping[str, Run], now: float, unknown: Say) -> None:
    if how.form == "ndjson":
        emit_data(_objects(told, now))
        return
    shown = [happened for happened, _ in told if not happened.beats]
    if shown:
        view, columns = structs.replace(how.view, now=now), _titled(how, runs, unknown)
        emit(line(happened, view, columns) for happened in shown)


def _titled(how: How, runs: Mapping[str, Run], unknown: Say) -> list[Titled]:
    """The columns that were asked for, as far as *runs* have them now."""
    names = Names(runs.values())
    found: list[Titled] = []
    for title in how.columns or ([how.metric] if how.metric else []):
        try:
            found.append((title, column_of(title, names)))
        except UsageError as error:
            unknown(in_one_line(error))
            found.append((title, None))
    return found


def _hand_on(told: Sequence[Event], hook: Hook, how: How, now: float) -> None:
    for event in _handed_on(told, now):
        if failure := hook.call(event, timeout=how.left):
            say(f"spt: --exec: {failure} ({hook.failures:,} of {hook.calls:,} failed so far)")
        if how.left == 0:
            return


def _handed_on(told: Sequence[Event], now: float) -> Iterator[bytes]:
    """For each event that a command gets the line on its stdin; a mere sign of life is not worth a process."""
    return _objects([event for event in told if not event[0].beats], now)


def _objects(told: Sequence[Event], now: float) -> Iterator[bytes]:
    return json.lines(row(happened, cursor=cursor, now=now) for happened, cursor in told)


def _notice_that_the_reader_went_away() -> None:
    """BrokenPipeError when nobody reads stdout any more: on a quiet tree no write would find out."""
    poller = select.poll()
    try:
        poller.register(sys.stdout.fileno(), 0)
    except (AttributeError, OSError, ValueError):  # closed, or no file behind it
        return
    if any(event & (select.POLLERR | select.POLLHUP) for _, event in poller.poll(0)):
        raise BrokenPipeError


def _stderr() -> int:
    """Where a command's output goes when stdout is data."""
    try:
        return sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):  # closed, or no file behind it
        return subprocess.DEVNULL


def _nothing(_message: str) -> None:
    """Nobody is told."""
