"""The screen of `spt watch` on a terminal, from its first frame until the terminal is given back."""

from __future__ import annotations

import errno
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from msgspec import Struct

from spt_cli import errors
from spt_cli.choice.selection import Selection
from spt_cli.choice.sorting import NEWEST_FIRST, Key
from spt_cli.commands.screen_desk import Desk
from spt_cli.commands.screen_first import entered, size
from spt_cli.commands.screen_reading import Asked, Found, Reading
from spt_cli.errors import SptError
from spt_cli.render.runs import View
from spt_cli.tree.live import Live
from spt_cli.tree.roots import Forest
from spt_cli.watch.scene import Wanted
from spt_cli.watch.watching import Choice

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from spt_cli.commands.screen_terminal import Canvas

_FIRST = 0.15  # s that the import of the library waits for the runs: with 1,000 on a local disk they are there
_TICK, _REST = 2.0, 15.0  # s after which ages are drawn anew though nothing came: while a run is alive, and else


class Shown(Struct, frozen=True):
    """What the screen was asked to show."""

    title: str  # the roots as they were typed
    view: View  # the terminal and the zone; the clock goes on by itself
    chosen: Selection = Selection()
    by: tuple[Key, ...] = NEWEST_FIRST
    columns: tuple[str, ...] = ()  # of -c; none: those that tell most
    metric: str | None = None  # of -m: drawn as a small curve
    group_by: str | None = None  # an hparam
    limit: int | None = None
    interval: float = 2.0  # of the looks, s
    until: Callable[[Forest], int | None] = lambda _: None  # told of each new Forest; an exit code ends the watching
    timeout: float | None = None  # s after which the watching ends with TIMED_OUT


def show(live: Live, shown: Shown) -> int:
    """Shows what *live* sees until a key, a signal, `until` or the timeout ends it; the exit code.

    130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP or when the terminal has gone. The terminal is then as it was
    before, also when this raises, which is a mistake of spt's. *live* is entered: its first scan goes on while the
    library of the screen is imported.
    """
    if sys.stdout is None:
        raise SptError("stdout is closed: there is nothing to draw on")
    screen = _Screen(live, shown)
    try:
        with _signals(screen.signalled):
            with entered(sys.stdout) as draw:
                screen.begin(draw, size(sys.stdout))
                from spt_cli.commands.screen_terminal import canvas

                drawn_on = canvas(screen, sys.stdout, color=shown.view.terminal.color)
            with drawn_on as terminal:
                return screen.run(terminal)
    except EOFError:
        return errors.HUNG_UP
    except OSError as error:
        if error.errno != errno.EIO:  # the other end of the terminal is closed
            raise
        return errors.HUNG_UP


class _Screen:
    """Keys, looks and what is read beside them; all but `run` and `signalled` happens in one event loop."""

    def __init__(self, live: Live, shown: Shown) -> None:
        self._live, self._shown = live, shown
        choice = Choice(shown.chosen, shown.by, shown.limit)
        self._desk = Desk(Wanted(choice, shown.columns, shown.metric, shown.group_by), shown.title, shown.interval)
        self._reading = Reading(self._done, self._broken)
        self._canvas: Canvas | None = None
        self._loop: AbstractEventLoop | None = None
        self._newest: Forest | None = None  # that was not looked at yet
        self._forest: Forest | None = None  # that was looked at last
        self._code: int | None = None  # what the look that was last came to
        self._drawn = 0.0  # when a frame was made, our clock
        self._stopping = False  # Ctrl-Z came before there was a loop
        self._ending = False

    def begin(self, draw: Callable[[Sequence[str]], None], room: tuple[int, int]) -> None:
        """Draws the first frames: at once, and with the runs there are when few are to be found."""
        draw(self.frame(*room))
        forest = self._live.newer(None, _FIRST)
        if forest is not None:
            self._look(forest)
            draw(self.frame(*room))

    def run(self, canvas: Canvas) -> int:
        """Shows the screen on *canvas*; the exit code."""
        import asyncio

        return asyncio.run(self._watch(canvas))

    def signalled(self, number: int) -> None:
        """What a signal does: it ends the screen, or stops the program for a while."""
        if number == signal.SIGTSTP:
            self._stopping = self._canvas is None or not self._post(self._canvas.stop)
            return
        if self._ending or not self._post(self._leave, 128 + number):
            raise SystemExit(128 + number)  # there is no screen yet, or it does not end
        self._ending = True

    def frame(self, columns: int, lines: int) -> list[str]:
        """The lines to show now."""
        self._drawn = time.monotonic()
        view = View(self._shown.view.terminal, time.time(), self._shown.view.utc)
        return self._desk.frame(view, columns, lines, self._drawn)

    def press(self, key: str) -> None:
        """One of KEYS was pressed."""
        self._desk.press(key, now=time.time())
        if self._desk.leaving:
            self._leave(0)
        self._ask()

    def interrupt(self) -> None:
        """Ctrl-C was pressed."""
        self._leave(errors.INTERRUPTED)

    def may_filter(self) -> bool:
        """Whether a selection can be typed now."""
        return self._desk.on_table

    def filter(self, text: str) -> bool:
        """A selection was typed; whether it could be read."""
        read = self._desk.filter(text, now=time.time())
        self._ask()
        return read

    def unfilter(self) -> None:
        """The selection that was typed is to go."""
        self._desk.unfilter(now=time.time())
        self._ask()

    @property
    def where(self) -> str:
        """The selection there is."""
        return self._desk.where

    async def _watch(self, canvas: Canvas) -> int:
        import asyncio

        self._canvas = canvas
        self._loop = loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._mistaken)
        threading.Thread(target=self._follow, args=(self._forest,), name="spt-follow", daemon=True).start()
        self._reading.start()
        if self._code is not None:  # of the first look, when there was no loop yet
            loop.call_soon(self._leave, self._code)
        if self._stopping:
            loop.call_soon(canvas.stop)
        loop.call_soon(self._ask)
        loop.call_later(_TICK, self._tick)
        if self._shown.timeout is not None:
            loop.call_later(self._shown.timeout, self._leave, errors.TIMED_OUT)
        return await canvas.run()

    def _follow(self, seen: Forest | None) -> None:
        """Tells the loop of each Forest after *seen*, until that is over; in a thread of its own."""
        try:
            while True:
                seen = self._newest = self._live.newer(seen)
                if not self._post(self._news):
                    return
        except BaseException as error:  # noqa: BLE001 - shown once the terminal is given back
            self._post(self._fail, error)

    def _news(self) -> None:
        forest, self._newest = self._newest, None
        if forest is not None and self._look(forest):
            self._draw()
            self._ask()

    def _look(self, forest: Forest) -> bool:
        """Takes *forest*; whether there is anything new in it."""
        self._forest = forest
        changed = self._desk.look(forest, now=time.time(), clock=time.monotonic())
        self._code = self._shown.until(forest)
        if self._code is not None:
            self._post(self._leave, self._code)
        return changed

    def _tick(self) -> None:
        """Draws ages anew, and changes that were shown for long enough."""
        assert self._loop is not None
        clock = time.monotonic()
        if clock - self._drawn > (_TICK if self._desk.restless(clock) else _REST) - 0.5:
            self._desk.board.tick(clock)
            self._draw()
        self._loop.call_later(_TICK, self._tick)

    def _draw(self) -> None:
        if self._canvas is not None:
            self._canvas.refresh()

    def _ask(self) -> None:
        """Has read what the screen shows, once all runs were found: reading would keep the scan waiting."""
        desk, forest = self._desk, self._forest
        if forest is None or not forest.progress.initial_done:
            return
        close = None
        if desk.close is not None and desk.close.run_id in forest.runs:
            root, run = forest.place(desk.close.run_id)
            close = run, root.path
        alive = [run for run in forest.runs.values() if run.alive]
        self._reading.ask(Asked(desk.visible, alive, desk.board.scene.curve_of, close))

    def _read(self, asked: Asked, found: Found) -> None:
        if self._desk.read(asked, found, clock=time.monotonic()):
            self._draw()

    def _done(self, asked: Asked, found: Found) -> None:
        """What was read, told by the thread that read it."""
        self._post(self._read, asked, found)

    def _broken(self, error: BaseException) -> None:
        """What that thread died of."""
        self._post(self._fail, error)

    def _fail(self, error: BaseException) -> None:
        if self._canvas is not None:
            self._canvas.fail(error)

    def _mistaken(self, _: AbstractEventLoop, context: dict[str, object]) -> None:
        """Something raised in the loop that nobody waits for."""
        error = context.get("exception")
        self._fail(error if isinstance(error, BaseException) else RuntimeError(str(context.get("message"))))

    def _leave(self, code: int) -> None:
        if self._canvas is not None:
            self._canvas.leave(code)

    def _post(self, act: Callable[..., object], *arguments: object) -> bool:
        """Has the loop do something; False when there is none (any more). Any thread may call it."""
        try:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(act, *arguments)
                return True
        except RuntimeError:  # it is closed
            pass
        return False


@contextmanager
def _signals(told: Callable[[int], object]) -> Iterator[None]:
    """Within it *told* is called with the number of each signal that ends or stops a program, unless it is ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handler(number: int, _: FrameType | None) -> None:
        told(number)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP)
    before = {number: signal.getsignal(number) for number in numbers}
    kept = {number: known for number, known in before.items() if known not in (signal.SIG_IGN, None)}
    try:
        for number in kept:
            signal.signal(number, handler)
        yield
    finally:
        for number, known in kept.items():
            signal.signal(number, known)
