"""Write a demo tree: the files of all its runs, with their modes and times."""

from __future__ import annotations

import os
import time
from pathlib import Path

from spt_cli.demo import marker
from spt_cli.demo.files import File, files
from spt_cli.demo.plan import plan
from spt_cli.errors import SptError, UsageError


def write(dest: Path, *, runs: int = 30, seed: int = 0, now: float | None = None, rows: int = 300) -> Path:
    """Write a tree of *runs* runs that look like real training below *dest*; its absolute path comes back.

    From 24 runs on every kind is there: all launchers with their logs; failed, diverged, killed, requeued and live
    runs; plain Lightning and one that never started. *now* (s since 1970, default the clock) is when the live ones
    logged last. *rows* is about the number of train rows of a whole run, which decides how large the files are.
    The same arguments give the same bytes, modes and mtimes; more runs only add to the tree.
    Raises SptError when *dest* is not empty: a demo never writes beside other files.
    """
    if runs < 0 or rows < 1:
        raise UsageError("a demo needs runs of 0 or more and rows of 1 or more")
    root = dest.expanduser().resolve()
    if marker.exists(root):
        hint = f"`spt demo {dest} --live` keeps it going; for another one name a new folder"
        raise SptError(f"{dest} is a demo tree already", hint=hint)
    now = time.time() if now is None else now
    marker.claim(root, marker.Marker(seed, rows, now, 0, ()))  # from now on it is ours, even if this is interrupted
    live: list[tuple[int, None]] = []
    folders: dict[str, float] = {}
    for index in range(runs):
        run = plan(str(root), seed, index, now=now, rows=rows)
        if run.outcome == "running":
            live.append((index, None))
        for file in files(run):
            folder = os.path.dirname(file.path)
            if folder not in folders:
                (root / folder).mkdir(parents=True, exist_ok=True)
            folders[folder] = max(folders.get(folder, 0.0), file.at)
            put(root, file)
    marker.save(root, marker.Marker(seed, rows, now, runs, tuple(live)))
    _date(root, folders, now)
    return root


def put(root: Path, file: File) -> None:
    """Write a file into a folder that is there."""
    path = f"{root}/{file.path}"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600 if file.private else 0o666)
    with open(handle, "wb", buffering=0) as stream:
        stream.write(file.data)
    os.utime(path, (file.at, file.at))


def _date(root: Path, folders: dict[str, float], now: float) -> None:
    """Give each folder the time of the newest file in it or below; *folders* has that of files right in it."""
    newest = dict(folders)
    for folder, at in folders.items():
        above = folder
        while above := os.path.dirname(above):
            newest[above] = max(newest.get(above, 0.0), at)
    for folder, at in newest.items():
        os.utime(root / folder, (at, at))
    os.utime(root, (now, now))
