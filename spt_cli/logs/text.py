"""What a log says, for people: lines whose progress bars are collapsed, without what acts on a terminal; matches."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator

from msgspec import Struct

MAX_LINE = 1 << 20  # bytes of one line that are ever held: a 50 GB file need not have a newline


class LineBuffer:
    r"""Bytes of a log in, lines out, whatever the blocks they come in.

    A line is what a terminal would be left with: of `10%\r20%\r` the last state that is not empty. Of a state longer
    than *max_line* bytes the beginning is kept, and the line says how much was left out.
    """

    def __init__(self, max_line: int = MAX_LINE) -> None:
        self._max_line = max_line
        self._state = bytearray()  # since the last \r or \n
        self._dropped = 0  # bytes of that state beyond max_line
        self._before = b""  # the last state that was not empty and ended in \r

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that *data* ends, without their newlines."""
        *ended, rest = data.split(b"\n")
        lines = []
        for piece in ended:
            self._add(piece)
            lines.append(self.pending)
            self._state.clear()
            self._dropped, self._before = 0, b""
        self._add(rest)
        return lines

    @property
    def pending(self) -> bytes:
        """The line that has no newline yet, as it stands: a progress bar's present state."""
        if not self._state:
            return self._before
        left_out = f"[… {self._dropped:,} bytes left out]".encode() if self._dropped else b""
        return bytes(self._state) + left_out

    def _add(self, piece: bytes) -> None:
        end = piece.rfind(b"\r")
        if end >= 0:
            first, _, others = piece[:end].partition(b"\r")
            self._extend(first)
            for state in (others.rstrip(b"\r").rpartition(b"\r")[2], b""):
                self._before = self.pending
                self._state.clear()
                self._dropped = 0
                self._extend(state)
        self._extend(piece[end + 1 :])

    def _extend(self, state: bytes) -> None:
        room = max(self._max_line - len(self._state), 0)
        self._state += state[:room]
        self._dropped += max(len(state) - room, 0)


def lines(chunks: Iterable[bytes], max_line: int = MAX_LINE) -> Iterator[bytes]:
    """The lines in *chunks* of a log, as LineBuffer has them; the last one need not have its newline."""
    buffer = LineBuffer(max_line)
    for chunk in chunks:
        yield from buffer.feed(chunk)
    if buffer.pending:
        yield buffer.pending


def clean(text: bytes, *, colours: bool = False) -> str:
    """*text* decoded as UTF-8 with replacement, without control characters but line feeds and tabs.

    Escape sequences go as a whole, with the titles, links and clipboards they carry, also when they have no end.
    With *colours* those that only set colours and weights stay, and are reset at the end.
    """
    decoded = text.decode(errors="replace")
    if decoded.isascii() and decoded.isprintable():
        return decoded
    if not colours:
        return _ACTING.sub("", decoded)
    kept = _ACTING.sub(lambda match: match["colours"] or "", decoded)
    return kept + "\x1b[0m" if "\x1b" in kept and not kept.endswith("\x1b[0m") else kept


class Match(Struct, frozen=True):
    """A line that matches, or one near it."""

    number: int  # of the line, from 1; where it jumps, lines were passed over
    line: bytes
    hit: bool  # False: context


def grep(lines: Iterable[bytes], pattern: re.Pattern[str], context: int = 0) -> Iterator[Match]:
    """The *lines* in whose clean text *pattern* is found, with *context* lines before and after each."""
    before: deque[Match] = deque(maxlen=context)
    after = 0
    for number, line in enumerate(lines, 1):
        if pattern.search(clean(line)):
            yield from before
            before.clear()
            yield Match(number, line, hit=True)
            after = context
        elif after > 0:
            yield Match(number, line, hit=False)
            after -= 1
        else:
            before.append(Match(number, line, hit=False))


# ECMA-48 5.3 to 5.6 and 8.3. A sequence that breaks off, at the end or at a control character, goes as far as it got.
# Marks of direction and line separators reorder or split what is shown (CVE-2021-42574).
_ACTING = re.compile(
    r"""
    (?P<colours> \x1b\[ [0-9;:]* m )
    | (?: \x1b\[ | \x9b ) [0-?]* [\ -/]* [@-~]?                                     # CSI
    | (?: \x1b[\]PX^_] | [\x90\x98\x9d-\x9f] ) [^\x07\x1b\x9c\n]* (?: \x07 | \x1b\\ | \x9c )?  # OSC DCS SOS PM APC
    | \x1b [\ -/]* [0-~]?                                                           # all others
    | [\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]
    """,
    re.VERBOSE,
)
