"""A pseudo-terminal with a program on it: what it shows, what is typed, and how it is left."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

from tests.shell import environment

LONG = 20.0  # seconds after which something is wrong
_IN_CONTROL = (
    "import os, sys, fcntl, termios; fcntl.ioctl(1, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
)


class OnTerminal:
    """A program whose terminal is ours, of so many columns and lines."""

    def __init__(
        self,
        *words: str | Path,
        columns: int = 80,
        lines: int = 24,
        env: Mapping[str, str] | None = None,
        keyboard: bool = True,
    ) -> None:
        self._ours, self._theirs = os.openpty()
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._open = True
        self.sent = b""  # all that the program wrote
        self.resize(columns, lines)
        self.modes = self._modes()  # before the program came
        given = environment({"TERM": "xterm-256color", "PYTHONUNBUFFERED": "1"} | dict(env or {}))
        self._process = subprocess.Popen(
            [sys.executable, "-c", _IN_CONTROL, *map(str, words)],
            stdin=self._theirs if keyboard else subprocess.DEVNULL,
            stdout=self._theirs,
            stderr=self._theirs,
            env=given,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        if self._open:
            os.close(self._ours)
            os.close(self._theirs)

    @property
    def lines(self) -> list[str]:
        """What the terminal shows."""
        return [line.rstrip() for line in self._screen.display]

    def until(self, shown: str | Callable[[list[str]], object]) -> list[str]:
        """The lines once they hold what is to be *shown*, a text or a condition."""
        holds = shown if callable(shown) else lambda lines: any(shown in line for line in lines)
        end = time.monotonic() + LONG
        while not holds(self.lines):
            if not self._read(end):
                raise AssertionError("\n".join(["it shows", *self.lines]))
        return self.lines

    def until_written(self, pattern: bytes) -> None:
        """Waits until the program wrote something like *pattern*."""
        end = time.monotonic() + LONG
        while not re.search(pattern, self.sent):
            assert self._read(end), self.sent[-2000:]

    def types(self, text: str) -> None:
        """Presses keys."""
        os.write(self._ours, text.encode())

    def resize(self, columns: int, lines: int) -> None:
        """Makes the terminal larger or smaller."""
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._screen.resize(lines, columns)
        self._screen.reset()

    def signals(self, number: signal.Signals) -> None:
        """Sends the program a signal."""
        self._process.send_signal(number)

    def hangs_up(self) -> int:
        """Closes the terminal; the exit code of the program."""
        os.close(self._theirs)
        os.close(self._ours)
        self._open = False
        return self._process.wait(LONG)

    def ends(self) -> int:
        """The exit code of the program, once it has ended and all it wrote was read."""
        end = time.monotonic() + LONG
        while self._process.poll() is None:
            assert time.monotonic() < end, "it does not end"
            self._read(time.monotonic() + 0.1)
        while self._read(time.monotonic()):
            pass
        return self._process.returncode

    def is_as_before(self) -> None:
        """Asserts that the terminal has its modes, its main screen, its cursor and its keys back."""
        assert self._modes() == self.modes
        for mode, back in ((b"1049", b"l"), (b"25", b"h"), (b"2004", b"l"), (b"7", b"h")):
            switched = re.findall(rb"\x1b\[\?" + mode + rb"([hl])", self.sent)
            assert switched[-1:] in ([back], []), mode
        assert self.sent.count(b"\x1b[?1049h") == self.sent.count(b"\x1b[?1049l")

    def _modes(self) -> list[object]:
        return list(termios.tcgetattr(self._theirs))

    def _read(self, end: float) -> bool:
        """Takes in what the program wrote until *end*; whether there was anything."""
        ready, _, _ = select.select([self._ours], [], [], max(end - time.monotonic(), 0))
        if not ready:
            return False
        data = os.read(self._ours, 65536)
        self.sent += data
        self._stream.feed(data)
        return True
