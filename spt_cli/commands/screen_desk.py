"""What a person does at the screen of `spt watch`: keys and looks in, frames out; nothing here knows of a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from spt_cli.choice.selection import Selection
from spt_cli.choice.sorting import Key
from spt_cli.choice.telling import lower_is_better
from spt_cli.choice.where import parse
from spt_cli.commands.screen_reading import Asked, Found
from spt_cli.errors import UsageError
from spt_cli.model import Run
from spt_cli.render.runs import View
from spt_cli.render.screen import Bar, Place, frame, moved, page, pointed_at, settled
from spt_cli.render.screen_cells import Look
from spt_cli.render.screen_pages import furthest, help_page, paged, run_page
from spt_cli.tree.roots import Forest
from spt_cli.watch.board import Board
from spt_cli.watch.scene import Details, Wanted
from spt_cli.words.text import one_line

_METRICS = 4  # that `s` leads through
_SILENT = 30.0  # s without a look after which that is said


class Desk:
    """The screen, whoever draws it. Clocks are arguments: *now* in s since 1970, *clock* our own that only goes on."""

    def __init__(self, wanted: Wanted, title: str, interval: float) -> None:
        self.board = Board(wanted)
        self.leaving = False  # somebody wants to leave
        self.close: Run | None = None  # the run that is looked at closely
        self.details: Details | None = None  # what was read of it
        self._title, self._interval = title, interval
        self._first = wanted.choice
        self._help = False
        self._place = Place()
        self._scroll = 0
        self._metric = 0  # the place of that whose curve is drawn
        self._message = ""
        self._columns, self._lines = 80, 24
        self._body: Sequence[str] = ()  # of the page that was drawn last

    def look(self, forest: Forest, *, now: float, clock: float) -> bool:
        """Takes the newest *forest*; whether there is anything new in it."""
        changed = self.board.look(forest, now=now, clock=clock)
        if self.close is not None:
            self.close = forest.runs.get(self.close.run_id, self.close)
        return changed

    def read(self, asked: Asked, found: Found, *, clock: float) -> bool:
        """Takes what was read; whether that is to be shown before anything else happens: something is there now."""
        before, details = self.board.scene, self.details
        self.board.tell(found.told, found.curves, clock=clock)
        if self.close is not None and asked.close is not None and asked.close[0].run_dir == self.close.run_dir:
            self.details = found.details
        more = self.board.scene.going.keys() - before.going.keys() or found.curves.keys() - before.curves.keys()
        return bool(more) or self.details is not details

    def restless(self, clock: float) -> bool:
        """Whether what is shown may change though nothing comes: ages, and changes that are shown for a moment."""
        marks = self.board.scene.marks
        moment = 2 * self._interval + 1
        marked = (marks.get(run.run_id) for run in self.visible)
        recent = any(mark is not None and clock - mark.at < moment for mark in marked)
        return recent or self.close is not None or any(run.alive for run in self.visible)

    @property
    def on_table(self) -> bool:
        """Whether the table is shown, and no other page."""
        return not self._help and self.close is None

    def frame(self, view: View, columns: int, lines: int, clock: float) -> list[str]:
        """The *lines* lines of *columns* columns to show now."""
        self._columns, self._lines = columns, lines
        view = structs.replace(view, terminal=structs.replace(view.terminal, width=columns))
        look = Look(self.board.scene, view, clock, 2 * self._interval)
        if self._help or self.close is not None:
            self._body = self._page(look, lines)
            self._scroll = min(self._scroll, furthest(self._body, lines))
            title = "keys" if self._help or self.close is None else self.close.run_id
            return paged(self._body, self._scroll, lines, title, view.terminal)
        self._place = settled(self._place, look.scene, lines)
        up, down = ("↑", "↓") if view.terminal.unicode else ("up", "down")
        by = ", ".join(f"{key.name} {down if key.descending else up}" for key in self.board.wanted.choice.by)
        silent = clock - look.scene.looked
        silent = silent if look.scene.looked and silent > max(_SILENT, 3 * self._interval) else 0.0
        return frame(look, self._place, Bar(self._title, by, self.where, self._message, silent), lines)

    @property
    def visible(self) -> list[Run]:
        """The runs of the table that are on the screen."""
        top = self._place.top
        return [line for line in self.board.scene.lines[top : top + page(self._lines)] if isinstance(line, Run)]

    @property
    def where(self) -> str:
        """The selection as it was typed."""
        where = self.board.wanted.choice.selection.where
        return where.source.decode() if where is not None else ""

    def press(self, key: str, *, now: float) -> None:
        """Does what *key* means: `up down pageup pagedown home end left right enter escape`, `sort`, `turn`, ..."""
        self._message = ""
        if self._help or self.close is not None:
            self._press_on_page(key)
        elif key in _WAYS:
            self._move(key)
        elif key == "enter":
            self.close = pointed_at(self._place, self.board.scene)
            self.details, self._scroll, self._metric = None, 0, 0
        elif key == "help":
            self._help, self._scroll = True, 0
        elif key in ("sort", "turn"):
            self._sort(key, now)
        elif key == "escape" and self.board.wanted.choice.selection != self._first.selection:
            self._choose(self._first.selection, now)
        if key == "quit":
            self.leaving = True

    def filter(self, text: str, *, now: float) -> bool:
        """Chooses by *text*, "" for all runs; whether it could be read. If not, that is said, and nothing changes."""
        before = self._first.selection
        try:
            where = parse(text) if text.strip() else None
            if where is not None:
                where.bind(self.board.scene.names, now=now)
        except UsageError as error:
            self._message = _said(error)
            return False
        archived = before.archived or (where is not None and where.mentions("archived"))
        self._message = ""
        self._choose(structs.replace(before, where=where, archived=archived), now)
        return True

    def unfilter(self, *, now: float) -> None:
        """Chooses as at the beginning."""
        self._message = ""
        self._choose(self._first.selection, now)

    def _page(self, look: Look, lines: int) -> list[str]:
        if self._help or self.close is None:
            return help_page(look.view.terminal)
        return run_page(look, self.close, self.details, self._metric, lines)

    def _press_on_page(self, key: str) -> None:
        if key in _WAYS:
            self._scroll = max(self._scroll + _steps(key, max(self._lines - 3, 1)), 0)  # how far it goes, frame knows
        elif key in ("left", "right"):
            self._metric += 1 if key == "right" else -1
        elif key == "escape":
            if not self._help:
                self.close = None
            self._help, self._scroll = False, 0
        elif key == "help":
            self._help, self._scroll = True, 0

    def _move(self, key: str) -> None:
        """To another run; the first one is whichever comes first, also later on."""
        place = moved(self._place, self.board.scene, self._lines, _steps(key, page(self._lines)))
        self._place = Place() if key == "home" else place

    def _sort(self, key: str, now: float) -> None:
        """Sorts by the next of the first keys, the metrics and some fields, or the other way around."""
        choice = self.board.wanted.choice
        if key == "turn":
            by = tuple(structs.replace(each, descending=not each.descending) for each in choice.by[:1]) + choice.by[1:]
        else:
            metrics = [
                Key(name, "summary", descending=not lower_is_better(name))
                for name in self.board.scene.metrics[:_METRICS]
            ]
            asked = {each.name for each in self._first.by}
            every = [self._first.by, *((each,) for each in (*metrics, *_FIELDS) if each.name not in asked)]
            names = [[one.name for one in each] for each in every]
            here = [one.name for one in choice.by]
            by = every[(names.index(here) + 1) % len(every) if here in names else 0]
        self._choose(choice.selection, now, by)

    def _choose(self, selection: Selection, now: float, by: tuple[Key, ...] | None = None) -> None:
        choice = structs.replace(self.board.wanted.choice, selection=selection)
        self.board.choose(structs.replace(choice, by=by) if by is not None else choice, now=now)


_WAYS = frozenset({"up", "down", "pageup", "pagedown", "home", "end"})
_FIELDS = (Key("created", descending=True), Key("duration", descending=True), Key("state"), Key("run_id"))
_FAR = 1 << 30  # lines


def _steps(key: str, whole: int) -> int:
    """How many lines down a key leads, where a page has *whole* ones."""
    return {"up": -1, "down": 1, "pageup": -whole, "pagedown": whole, "home": -_FAR, "end": _FAR}[key]


def _said(error: UsageError) -> str:
    """A mistake in a selection, in one line: what is wrong, and what to write instead."""
    advice = [line for line in (error.hint or "").split("\n") if line.strip("^ ")]
    return one_line("; ".join([str(error), *advice[-1:]]))
