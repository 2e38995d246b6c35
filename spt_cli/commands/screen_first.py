"""The first frames of the screen, drawn while the library for the others is not imported yet: that takes 0.12 s."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TextIO

_ENTER = "\x1b[?1049h\x1b[?25l"  # the alternate screen, and no cursor
_LEAVE = "\x1b[?25h\x1b[?1049l"


@contextmanager
def entered(stdout: TextIO) -> Iterator[Callable[[Sequence[str]], None]]:
    """Within it *stdout* is on its alternate screen, and shows the lines that what comes back is called with.

    It is given back when something is raised within; else whoever draws from then on gives it back.
    """
    try:
        _write(stdout, _ENTER)  # within: a signal may come as soon as it is written
        yield lambda lines: _write(stdout, "\x1b[2J\x1b[H" + "\r\n".join(lines))
    except BaseException:
        with suppress(OSError):
            _write(stdout, _LEAVE)
        raise


def size(stdout: TextIO) -> tuple[int, int]:
    """Columns and lines of the terminal *stdout*; COLUMNS and LINES, or 80 and 24, where it does not say."""
    with suppress(OSError, ValueError):
        columns, lines = os.get_terminal_size(stdout.fileno())
        if columns and lines:
            return columns, lines
    columns, lines = shutil.get_terminal_size()
    return columns, lines


def _write(stdout: TextIO, text: str) -> None:
    stdout.buffer.write(text.encode(stdout.encoding, "replace"))
    stdout.buffer.flush()
