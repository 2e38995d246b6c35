"""The lines of logs that `spt logs` prints: the last ones, those that match, those that come, tracebacks."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from spt_cli.choice.choose import Chosen
from spt_cli.commands.output import emit, say
from spt_cli.errors import NotFoundError, SptError
from spt_cli.exported.reading import Exported
from spt_cli.logs.files import Logs, chunks, find_logs, last_lines
from spt_cli.logs.following import follow
from spt_cli.logs.text import LineBuffer, clean, grep, lines
from spt_cli.logs.tracebacks import last_traceback
from spt_cli.logs.wanted import Wanted, wanted
from spt_cli.model import LogStream, Problem
from spt_cli.render import logs as render
from spt_cli.render.runs import View
from spt_cli.render.terminal import Terminal
from spt_cli.words.text import clip, printable

_SEARCHED = 64 << 20  # bytes at the end of a log in which a traceback is looked for
_REFRESH = 2.0  # seconds after which following looks for new files


class How(Struct, frozen=True):
    """How lines are shown."""

    view: View
    count: int | None  # the last ones of each stream; None: all
    pattern: re.Pattern[str] | None
    context: int
    raw: bool


class Desk:
    """The streams that were asked for, of several runs, and what went wrong with any of them."""

    def __init__(self, runs: Sequence[Chosen], want: Wanted | None, *, quiet: bool = False) -> None:
        self.runs = runs
        self.want = want  # None: all of them
        self.quiet = quiet
        self.problems: list[Problem] = []
        self.unread = 0
        self.all: list[render.Named] = []  # every stream of the runs
        self.lacking: list[NotFoundError] = []  # of the runs that have none
        self.texts: dict[render.Named, bytes] = {}  # of the streams that stand in a report
        self.logs = self.find()
        if runs and not self.logs:
            raise self.lacking[0]

    def find(self) -> list[render.Named]:
        """The streams that are there now."""
        self.all = []
        self.lacking = []
        found: list[render.Named] = []
        for one in self.runs:
            logs = find_logs(one.run, one.root) if one.report is None else self._reported(one, one.report)
            for problem in logs.problems:
                self.trouble(problem)
            self.all += [(one.shown, stream) for stream in logs.streams]
            try:
                found += [(one.shown, stream) for stream in self._wanted(one, logs)]
            except NotFoundError as error:
                self.lacking.append(error)
        return found

    def blocks(self, log: render.Named, count: int | None = None, max_bytes: int | None = None) -> Iterable[bytes]:
        """The bytes of *log*; only the last *count* lines, or the last *max_bytes*, where that is given."""
        if log in self.texts:
            text = self.texts[log]
            lines_ = text.splitlines(keepends=True)
            return lines_ if count is None else lines_[max(len(lines_) - count, 0) :]
        return chunks(log[1].path, max_bytes) if count is None else last_lines(log[1].path, count)

    def trouble(self, problem: Problem) -> None:
        """Notes *problem*, and tells it on stderr the first time."""
        if all(known.message != problem.message or known.path != problem.path for known in self.problems):
            self.problems.append(problem)
            say(f"spt: {problem.path}: {problem.message}")

    @contextmanager
    def reading(self, log: render.Named) -> Iterator[None]:
        """Within it, an OSError is a problem of *log* and not of the others."""
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            self.unread += 1
            self.trouble(Problem(str(log[1].path), error.strerror or "cannot be read", log[0]))

    def say(self, text: str) -> None:
        """Tells *text*, which is no error."""
        if not self.quiet:
            say(f"spt: {text}")

    def tell_lacking(self) -> None:
        """Names the runs without streams."""
        for lack in self.lacking:
            self.say(str(lack))

    def finish(self) -> None:
        """Tells what there is to tell in the end. SptError when none of the streams could be read."""
        self.tell_lacking()
        if self.unread and self.unread >= len(self.logs):
            raise SptError("no log could be read")

    def _reported(self, one: Chosen, report: Exported) -> Logs:
        """The logs of a run that stands in *report*; what is there of their texts is kept."""
        streams = {
            LogStream(log.name, log.kind, log.rank, log.size, log.stream_id, Path(report.path), "report"): log.text
            for log in report.logs(one.run.run_id)
        }
        for stream, text in streams.items():
            self.texts[one.shown, stream] = f"{text}\n".encode("utf-8", "replace")
        return Logs(tuple(streams))

    def _wanted(self, one: Chosen, logs: Logs) -> Sequence[LogStream]:
        if not logs.streams:
            looked = "\n".join(f"  {printable(str(path))}" for path in logs.looked)
            raise NotFoundError(f"no logs of {one.shown}", hint=f"looked for\n{looked}" if looked else None)
        if self.want is None:
            return logs.streams
        try:
            return wanted(logs.streams, self.want, failed=one.run.state == "failed")
        except NotFoundError as error:
            raise NotFoundError(f"{one.shown}: {error}", hint=error.hint) from error


def print_lines(desk: Desk, how: How) -> None:
    """Prints the streams one after the other."""
    for log, prefix in zip(desk.logs, render.prefixes(desk.logs, how.view.terminal), strict=True):
        with desk.reading(log):
            blocks = desk.blocks(log, None if how.pattern else how.count)
            emit(blocks if how.raw else _shown(blocks, prefix, how))


def print_tracebacks(desk: Desk, view: View) -> None:
    """Prints the last traceback of each stream that was asked for, else that of each run, wherever it stands."""
    anywhere = desk.want == Wanted()
    logs = [*desk.logs, *(log for log in reversed(desk.all) if log not in desk.logs)] if anywhere else desk.logs
    done: set[str] = set()
    for shown, stream in logs:
        if anywhere and shown in done:
            continue
        with desk.reading((shown, stream)):
            trace = last_traceback(lines(desk.blocks((shown, stream), max_bytes=_SEARCHED)))
            if trace:
                title = f"{shown}: {stream.name}" if len(desk.runs) > 1 or not anywhere else ""
                heading = [view.terminal.paint(printable(title), "bold") + "\n"] if title else []
                emit([*heading, *(view.terminal.shown(line) + "\n" for line in trace.lines)])
                done.add(shown)
    if not done:
        desk.say("no traceback found")


def print_following(desk: Desk, how: How) -> None:
    """Prints the streams, and what they gain, until it is interrupted. New streams join in."""
    terminal = how.view.terminal
    named: dict[Path, tuple[str, str]] = {}  # path -> prefix, name
    buffers: dict[Path, LineBuffer] = {}
    looked = -_REFRESH
    desk.tell_lacking()

    def paths() -> list[Path]:
        nonlocal looked
        if time.monotonic() - looked > _REFRESH:
            looked = time.monotonic()
            logs = desk.find()
            for (_, stream), prefix in zip(logs, render.prefixes(logs, terminal), strict=True):
                named[stream.path] = prefix, stream.name
        return list(named)

    for piece in follow(paths, last=how.count):
        prefix, name = named[piece.path]
        if how.raw:
            emit([piece.data])
            continue
        if piece.fresh:
            desk.say(f"{name} begins anew")
            buffers.pop(piece.path, None)
        buffer = buffers.setdefault(piece.path, LineBuffer())
        found = (line for line in buffer.feed(piece.data) if not how.pattern or how.pattern.search(clean(line)))
        emit(_over_status(found, buffer, prefix, how, alone=len(named) == 1))


def _over_status(lines_: Iterable[bytes], buffer: LineBuffer, prefix: str, how: How, *, alone: bool) -> Iterator[str]:
    """Lines to print; on a terminal that shows one stream, the progress bar under way stands below them."""
    terminal = how.view.terminal
    live = alone and terminal.width is not None and terminal.color and not how.pattern
    if live:
        yield "\r\x1b[K"
    for line in lines_:
        yield _line(line, prefix, terminal)
    if live:
        yield clip(terminal.shown(clean(buffer.pending)), (terminal.width or 1) - 1)


def _shown(blocks: Iterable[bytes], prefix: str, how: How) -> Iterator[str]:
    terminal = how.view.terminal
    if how.pattern is None:
        yield from (_line(line, prefix, terminal) for line in lines(blocks))
        return
    before = 0
    found = grep(lines(blocks), how.pattern, how.context)
    for each in found if how.count is None else deque(found, how.count):
        if how.context and before and each.number > before + 1:
            yield terminal.paint("--", "dim") + "\n"
        text = clean(each.line)
        yield f"{prefix}{terminal.shown(render.marked(text, how.pattern, terminal) if each.hit else text)}\n"
        before = each.number


def _line(text: bytes, prefix: str, terminal: Terminal) -> str:
    """A line of a log, harmless; its own colours only where colours are shown."""
    return f"{prefix}{terminal.shown(clean(text, colours=terminal.color))}\n"
