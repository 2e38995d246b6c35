"""What a line measures in a process of its own: python -m bench.child WHAT WHO ROOT, the result as JSON on stdout.

cold    seconds of a first scan
stats   round trips and seconds of a steady poll, the mean of several
memory  bytes that the process grew by with a first scan's result
"""

from __future__ import annotations

import ctypes
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import peer
from bench.measure import seconds
from spt_cli.model import Snapshot
from spt_cli.tree.snapshot import scan

_POLLS = {"spt": 10, "peer": 2}  # ours look at ended runs in slices, so one poll is not like the next


def main(what: str, who: str, root: str) -> None:
    """Measure *what* of *who* (spt or peer) over *root* and print it."""
    first, again = _spt(root) if who == "spt" else _peer(root)
    if what == "cold":
        result: Any = seconds(first)
    elif what == "memory":
        before = _resident()
        kept = first()
        result = _resident() - before
        del kept
    else:
        first()
        again()
        _reset()
        polls = _POLLS[who]
        took = seconds(lambda: [again() for _ in range(polls)])
        result = {"operations": sum(_counts()) / polls, "seconds": took / polls}
    print(json.dumps(result))


def _spt(root: str) -> tuple[Callable[[], object], Callable[[], object]]:
    """(first scan, poll one second later)."""
    last: list[Snapshot] = []

    def first() -> object:
        last[:] = [scan(root, now=time.time() + 3)]
        return last[0]

    def again() -> object:
        last[:] = [scan(root, last[0], now=last[0].taken_at + 1)]
        return last[0]

    return first, again


def _peer(root: str) -> tuple[Callable[[], object], Callable[[], object]]:
    scanner = peer.scanner(root)

    def first() -> object:
        scanner._scan(initial=True)  # noqa: SLF001 - what its thread calls
        return scanner

    return first, scanner._scan  # noqa: SLF001 - same


def _resident() -> int:
    """Bytes of this process in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def _counts() -> list[int]:
    counts = (ctypes.c_long * 6)()
    ctypes.CDLL(None).slowfs_counts(counts)
    return list(counts)[:5]


def _reset() -> None:
    ctypes.CDLL(None).slowfs_reset()


if __name__ == "__main__":
    main(*sys.argv[1:])
