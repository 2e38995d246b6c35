"""What commands that go on until somebody ends them have in common."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from spt_cli import errors
from spt_cli.errors import UsageError
from spt_cli.words.durations import seconds

_BUSY = 0.05  # seconds


def pause(typed: str) -> float:
    """Seconds between two looks, as --interval was typed. UsageError for one that leaves no time for anything else."""
    interval = seconds(typed)
    if interval < _BUSY:
        raise UsageError(f"--interval {typed} would do nothing but look", hint="it is 0.05s or more")
    return interval


def once(tell: Callable[[str], object]) -> Callable[[str], object]:
    """Tells each message about a name once; what it could be instead may change as runs come."""
    told: set[str] = set()

    def say_once(message: str) -> None:
        what = re.sub(r"[0-9]+ ", "", message.partition(";")[0])
        if what not in told:
            told.add(what)
            tell(f"spt: {message}")

    return say_once


@contextmanager
def ended_by_a_hangup() -> Iterator[None]:
    """Within it a terminal that goes away ends the program as SIGTERM does, unless nohup says that it shall not."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGHUP) != signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGHUP, _hang_up)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def _hang_up(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(errors.HUNG_UP)
