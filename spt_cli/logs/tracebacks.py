"""The last Python traceback of a log, whole: chained, grouped, boxed by rich, prefixed by a launcher or interleaved."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum, auto

from msgspec import Struct

from spt_cli.logs.text import clean


class Trace(Struct, frozen=True):
    """A traceback in a log."""

    first: int  # the line at which it begins, from 0
    lines: tuple[str, ...]  # clean, without the prefix they share


def last_traceback(lines: Iterable[bytes]) -> Trace | None:
    """The traceback that begins last, chained ones included; None where there is none.

    A prefix such as `[rank0]: ` may stand before each line; lines with another one belong to another traceback.
    A message may have several lines: it ends at an empty one or where a log record begins.
    """
    under_way: dict[str, _Traceback] = {}  # by prefix, in the order in which they began
    last: _Traceback | None = None
    for number, line in enumerate(lines):
        if not under_way and MARK not in line:
            continue
        text = clean(line).rstrip()
        owner, rest = _owner(text, under_way)
        head = _HEAD.match(text) if MARK in line else None
        if head is not None and owner is not None and not owner.holds(rest) and _prefix(head)[0] != owner.prefix:
            owner = None  # another begins between the lines of this one
        if owner is not None and owner.take(rest):
            if owner.frames and (last is None or owner.number >= last.number):
                last = owner
            continue
        if owner is not None:
            del under_way[owner.prefix]
        if head is not None:
            _begin(_Traceback(head, number), under_way)
    return Trace(last.number, tuple(last.lines)) if last else None


MARK = b"(most recent call last)"  # without it there is none
_HEAD = re.compile(
    r"(?P<prefix>.*?)(?P<head>(?:  \+ Exception Group Traceback|Traceback|╭─* Traceback) \(most recent call last\).*)"
)
_CHAIN = re.compile(
    r"During handling of the above exception, another exception occurred:"
    r"|The above exception was the direct cause of the following exception:"
)
_BODIES = {
    "T": re.compile(r"[ \t]+\S"),
    "+": re.compile(r"[ \t]*[|+]"),
    "╭": re.compile(r"[│╰]"),
}
_RECORD = re.compile(r"\[|\d{2,4}[-:/]\d\d|(?:TRACE|DEBUG|INFO|WARNING|ERROR|CRITICAL|srun|slurmstepd|submitit)\b")
_EXCEPTION = re.compile(r"(?:(?:[A-Za-z_<][\w<>]*\.)*_*[A-Z]\w*|(?:[A-Za-z_<][\w<>]*\.)+\w+)(?::.*)?$")
_CLOCK = re.compile(r"(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?")

_MAX_UNDER_WAY = 64  # tracebacks at once: a line is compared with the prefix of each
_MAX_LINES = 10_000  # of one traceback
_MAX_STRAYS = 20  # lines of other writers between its frames, and lines of a message after its first


class _State(Enum):
    FRAMES = auto()  # indented lines, then the exception
    MESSAGE = auto()  # the rest of a message of several lines
    AFTER = auto()  # lines that belong to it only if another traceback is chained to it
    CHAIN = auto()  # "During handling": the next traceback must follow


class _Traceback:
    """One traceback, chained ones included, as it is read line by line."""

    def __init__(self, head: re.Match[str], number: int) -> None:
        self.number = number  # of the line at which it begins
        self.prefix, self.clocks = _prefix(head)
        self.lines: list[str] = []
        self.frames = False  # it has at least one line below its head
        self._loose: list[str] = []  # lines since the message ended
        self._strays = 0
        self._head(head)

    @property
    def complete(self) -> bool:
        """Whether its exception has been read."""
        return self._state is not _State.FRAMES

    def holds(self, text: str) -> bool:
        """Whether *text* stands between head and exception, be it the head of an exception in a group."""
        return self._state is _State.FRAMES and self._body.match(text) is not None

    def take(self, text: str) -> bool:
        """Whether it goes on with the line *text*, given without prefix, or ended before it."""
        if len(self.lines) + len(self._loose) > _MAX_LINES or self._strays > _MAX_STRAYS:
            return False
        if self._state is _State.FRAMES:
            return self._frame(text)
        if self._state is _State.CHAIN:
            head = _HEAD.match(text)
            if head:
                self._head(head)
            elif not text:
                self.lines.append(text)
            return head is not None or not text
        return self._message(text)

    def _head(self, head: re.Match[str]) -> None:
        self._state = _State.FRAMES
        self._body = _BODIES[head["head"].lstrip()[0]]
        self.lines.append(head["head"].rstrip())

    def _frame(self, text: str) -> bool:
        if self._body.match(text):
            self.frames = True
            self.lines.append(text)
        elif self._body is _BODIES["+"]:  # the exceptions stand inside the group
            self._state = _State.AFTER
            return self._message(text)
        elif _HEAD.match(text):
            return False
        elif _EXCEPTION.match(text) and not _RECORD.match(text):
            self._state, self._strays = _State.MESSAGE, 0
            self.lines.append(text)
        else:
            self._strays += 1
        return True

    def _message(self, text: str) -> bool:
        if _CHAIN.match(text):
            self.lines += [*self._loose, text]
            self._state, self._strays = _State.CHAIN, 0
            self._loose.clear()
            return True
        if _HEAD.match(text):
            return False
        self._strays += 1
        if self._state is _State.MESSAGE and text and not _RECORD.match(text):
            self.lines.append(text)
        else:
            self._state = _State.AFTER
            self._loose.append(text)
        return True


def _prefix(head: re.Match[str]) -> tuple[str, int]:
    """What stands before a head, with `#` for each time of day, and how many these are."""
    return _CLOCK.subn("#", head["prefix"])


def _owner(text: str, under_way: dict[str, _Traceback]) -> tuple[_Traceback | None, str]:
    """The traceback that the line goes on with by its prefix, the longest that fits, and the line without it."""
    timeless = {0: text}  # by how many times of day are taken out of it: seldom more than one
    for each in sorted(under_way.values(), key=lambda each: -len(each.prefix)):
        if each.clocks not in timeless:
            timeless[each.clocks] = _CLOCK.sub("#", text, count=each.clocks)
        line = timeless[each.clocks]
        if line.startswith(each.prefix) or line == each.prefix.rstrip():
            return each, line[len(each.prefix) :]
    newest = next(reversed(under_way.values()), None)
    if newest is not None and len(newest.lines) == 1 and text.startswith("  File "):
        del under_way[newest.prefix]  # what stands before the head is a message, not a prefix of each line
        newest.prefix, newest.clocks = "", 0
        under_way[""] = newest
        return newest, text
    return None, text


def _begin(traceback: _Traceback, under_way: dict[str, _Traceback]) -> None:
    """Adds *traceback*; one without prefix whose frames are complete ends here, its lines cannot be told apart."""
    bare = under_way.get("")
    if bare is not None and bare.complete:
        del under_way[""]
    while len(under_way) >= _MAX_UNDER_WAY:
        del under_way[next(iter(under_way))]
    under_way[traceback.prefix] = traceback
