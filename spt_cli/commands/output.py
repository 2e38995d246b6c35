"""Writing: data to stdout, talk to stderr."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable
from contextlib import suppress

from spt_cli.errors import SptError
from spt_cli.words.text import printable

_CHUNK = 1 << 16  # bytes gathered before a write: rows are small, and a reader that went away is noticed soon


def emit(pieces: Iterable[str | bytes]) -> None:
    """Writes *pieces*, made for people and already harmless, to stdout.

    Raises BrokenPipeError when the reader has gone, SptError when there is no stdout or no room behind it.
    """
    if sys.stdout is None:
        raise SptError("stdout is closed: there is nowhere to write to")
    shown = sys.stdout.isatty()
    encoding, errors = (sys.stdout.encoding, "backslashreplace") if shown else ("utf-8", "surrogateescape")
    try:
        sys.stdout.flush()
        gathered: list[bytes] = []
        size = 0
        for piece in pieces:
            data = piece.encode(encoding, errors) if isinstance(piece, str) else piece
            gathered.append(data)
            size += len(data)
            if size >= _CHUNK:
                _write(b"".join(gathered))
                gathered, size = [], 0
        _write(b"".join(gathered))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SptError(f"stdout cannot be written: {error.strerror}") from error


def emit_data(pieces: Iterable[str | bytes]) -> None:
    """Writes *pieces* of data to stdout: in a pipe byte for byte, on a terminal with control characters made visible.

    A file name that is not UTF-8 goes through a pipe as the bytes it has.
    """
    emit(map(_visible, pieces) if sys.stdout and sys.stdout.isatty() else pieces)


def say(*lines: str) -> None:
    """Tells *lines* on stderr, each harmless and on one line. That nobody listens is no error."""
    if sys.stderr is None:  # closed; print() would take stdout instead
        return
    with suppress(OSError):
        print(*map(printable, lines), sep="\n", file=sys.stderr, flush=True)


def _write(data: bytes) -> None:
    """All of *data* to stdout: under PYTHONUNBUFFERED, as in containers, one write may take a part and say no more."""
    rest = memoryview(data)
    while rest:
        taken = sys.stdout.buffer.write(rest)
        if taken is None:  # not buffered, and it would block
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        rest = rest[taken:]


def _visible(piece: str | bytes) -> str:
    return printable(piece.decode("utf-8", "surrogateescape") if isinstance(piece, bytes) else piece, lines=True)
