"""The screen of `spt watch`: keys in, frames out, and the terminal left as it was found."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from spt_cli.live import Live
from spt_cli.render.runs import View
from spt_cli.roots import Forest
from spt_cli.selection import Selection
from spt_cli.sorting import NEWEST_FIRST, Key


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
    interval: float = 2.0  # of the polls, s
    until: Callable[[Forest], int | None] = lambda _: None  # told of each new Forest; an exit code ends the watching
    timeout: float | None = None  # s after which the watching ends with TIMED_OUT


def show(live: Live, shown: Shown) -> int:
    """Shows what *live* sees until a key, a signal, `until` or the timeout ends it; the exit code.

    130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP or when the terminal has gone. The terminal is then as it was
    before, also when this raises, which is a mistake of spt's. *live* is entered: its first scan goes on while the
    library of the screen is imported.
    """
    raise NotImplementedError
