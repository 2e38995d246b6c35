"""The terminal below the screen, by prompt_toolkit: its keys, what is drawn on it, and how it is given back.

Lines reach prompt_toolkit as fragments of our own making: none of its markup is ever read.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Protocol, TextIO

from prompt_toolkit.application import Application, run_in_terminal
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.data_structures import Size
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.input import Input, create_input, create_pipe_input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import (
    BufferControl,
    ConditionalContainer,
    FormattedTextControl,
    HSplit,
    Layout,
    VSplit,
    Window,
)
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output

from spt_cli.commands.screen_first import size

KEYS = {  # what a key means to the screen, by prompt_toolkit's names
    "up": ("up", "k"),
    "down": ("down", "j"),
    "pageup": ("pageup", "c-b"),
    "pagedown": ("pagedown", "c-f", " "),
    "home": ("home", "g"),
    "end": ("end", "G"),
    "left": ("left", "h", "s-tab"),
    "right": ("right", "l", "tab"),
    "enter": ("enter", "c-j"),  # a terminal that is not raw yet turns the one into the other
    "escape": ("escape",),
    "sort": ("s",),
    "turn": ("S",),
    "help": ("?",),
    "quit": ("q",),
}
_ESCAPE = 0.05  # s within which what follows an Esc belongs to it: a terminal sends keys as such sequences
_SGR = re.compile(r"\x1b\[([0-9;]*)m")
_STYLES = {"1": "bold", "2": "dim", "7": "reverse"} | {
    f"3{number}": f"ansi{name}"
    for number, name in enumerate(("black", "red", "green", "yellow", "blue", "magenta", "cyan"))
}


class Person(Protocol):
    """Who is told what happens at the terminal, in its event loop."""

    def frame(self, columns: int, lines: int) -> list[str]:
        """The lines to show now."""

    def press(self, key: str) -> None:
        """One of KEYS was pressed."""

    def interrupt(self) -> None:
        """Ctrl-C was pressed."""

    def may_filter(self) -> bool:
        """Whether a selection can be typed now."""

    def filter(self, text: str) -> bool:
        """A selection was typed; whether it could be read."""

    def unfilter(self) -> None:
        """The selection that was typed is to go."""

    @property
    def where(self) -> str:
        """The selection there is, to begin with."""


class Canvas:
    """A terminal that shows frames until `leave` or `fail`; to be used in one event loop."""

    def __init__(self, person: Person, keyboard: Input, stdout: TextIO, *, color: bool) -> None:
        self._person = person
        self._broken = False
        self._ready: tuple[Size, list[str]] | None = None  # a frame that is not drawn yet
        self._drawn: list[str] = []
        self._line = Buffer(multiline=False, accept_handler=self._accept)
        self._prompting = False
        control = FormattedTextControl(self._fragments, focusable=True, show_cursor=False)
        self._table = Window(control, always_hide_cursor=True)
        label = Window(FormattedTextControl([("bold", "where ")]), width=6, dont_extend_width=True)
        prompt = VSplit([label, Window(BufferControl(self._line))], height=1)
        shown = Condition(lambda: self._prompting)
        self.app: Application[int] = Application(
            layout=Layout(HSplit([self._table, ConditionalContainer(prompt, shown)]), focused_element=self._table),
            key_bindings=self._bindings(shown),
            full_screen=True,
            input=keyboard,
            output=_Output(stdout),
            color_depth=ColorDepth.DEPTH_4_BIT if color else ColorDepth.DEPTH_1_BIT,
            include_default_pygments_style=False,
            terminal_size_polling_interval=None,  # the terminal says when it changes
        )
        self.app.ttimeoutlen = _ESCAPE

    async def run(self) -> int:
        """Shows frames; the exit code that `leave` is given. EOFError when the terminal went away."""
        return await self.app.run_async(handle_sigint=False, set_exception_handler=False)

    def leave(self, code: int) -> None:
        """Ends `run`."""
        if self.app.future is not None and not self.app.future.done():
            self.app.exit(result=code)

    def fail(self, error: BaseException) -> None:
        """Lets `run` raise *error*."""
        self._broken = True
        if self.app.future is not None and not self.app.future.done():
            self.app.exit(exception=error)

    def refresh(self) -> None:
        """Draws, if the frame is another one than the last."""
        size = self._size()
        lines = self._person.frame(size.columns, size.rows)
        if lines != self._drawn:
            self._ready = size, lines
            self.app.invalidate()

    def stop(self) -> None:
        """Gives the terminal back and stops, as at Ctrl-Z, until somebody says `fg`."""

        def stopping() -> None:
            before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            os.kill(0, signal.SIGTSTP)
            signal.signal(signal.SIGTSTP, before)

        if self.app.context is not None:
            self.app.context.copy().run(run_in_terminal, stopping)

    def _size(self) -> Size:
        """Of the part of the terminal that frames are for."""
        rows, columns = self.app.output.get_size()
        return Size(max(rows - self._prompting, 0), columns)

    def _fragments(self) -> StyleAndTextTuples:
        if self._broken:
            return []
        size = self._size()
        ready, self._ready = self._ready, None
        lines = ready[1] if ready is not None and ready[0] == size else self._person.frame(size.columns, size.rows)
        self._drawn = lines
        fragments: StyleAndTextTuples = []
        for line in lines:
            fragments += [*_styled(line), ("", "\n")]
        return fragments[:-1]

    def _bindings(self, prompting: Condition) -> KeyBindings:
        bindings = KeyBindings()
        for meaning, keys in KEYS.items():
            for key in keys:
                bindings.add(key, filter=~prompting, eager=True)(self._pressed(meaning))
        bindings.add("c-c")(_done(self._person.interrupt))
        bindings.add("c-z")(_done(self.stop))
        bindings.add("c-l")(_done(self._anew))
        bindings.add("/", filter=~prompting)(_done(self._prompt))
        for key in ("escape", "c-g"):
            bindings.add(key, filter=prompting, eager=True)(_done(self._clear))
        return bindings

    def _pressed(self, meaning: str) -> Callable[[KeyPressEvent], None]:
        return _done(lambda: self._person.press(meaning))

    def _anew(self) -> None:
        self.app.renderer.clear()

    def _prompt(self) -> None:
        """Opens the line in which a selection is typed."""
        if self._person.may_filter():
            self._prompting = True
            self._line.document = Document(self._person.where)
            self.app.layout.focus(self._line)

    def _accept(self, line: Buffer) -> bool:
        """Whether the line keeps its text: it does, and stays, when that is no selection."""
        wrong = not self._person.filter(line.text)
        if not wrong:
            self._close()
        return wrong

    def _clear(self) -> None:
        self._person.unfilter()
        self._close()

    def _close(self) -> None:
        self._prompting = False
        self.app.layout.focus(self._table)


@contextmanager
def canvas(person: Person, stdout: TextIO, *, color: bool) -> Iterator[Canvas]:
    """A Canvas on *stdout*, with the keys of stdin; without any where that is no terminal."""
    if sys.stdin is not None and sys.stdin.isatty():
        yield Canvas(person, create_input(sys.stdin), stdout, color=color)
    else:
        with create_pipe_input() as silence:  # a closed one would end all: here nobody ever types
            yield Canvas(person, silence, stdout, color=color)


def _done(act: Callable[[], None]) -> Callable[[KeyPressEvent], None]:
    """*act* as prompt_toolkit calls it."""
    return lambda _: act()


class _Output(Vt100_Output):
    """On a terminal that is on its alternate screen already."""

    def __init__(self, stdout: TextIO) -> None:
        def measured() -> Size:
            columns, lines = size(stdout)
            return Size(lines, columns)

        super().__init__(stdout, measured, term=os.environ.get("TERM"), enable_bell=False, enable_cpr=False)
        self._entered = True

    def enter_alternate_screen(self) -> None:
        """Enters it, but not at first: some terminals would then go back to where the cursor is now."""
        if self._entered:
            self.cursor_goto(0, 0)
        else:
            super().enter_alternate_screen()
        self._entered = False


@lru_cache(maxsize=128)
def _styled(line: str) -> tuple[tuple[str, str], ...]:
    """A line painted by render.terminal as fragments: (style, text)."""
    text, *others = _SGR.split(line)
    fragments = [("", text)]
    for codes, more in zip(others[::2], others[1::2], strict=True):
        style = " ".join(_STYLES[code] for code in codes.split(";") if code in _STYLES)
        fragments.append((style, more))
    return tuple(fragment for fragment in fragments if fragment[1])
