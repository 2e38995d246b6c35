"""The logs of a run: which there are, their last bytes and lines, and all of them in bounded memory."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from spt_cli.layouts import Plugin, files, plugins
from spt_cli.model import LogFile, LogStream, Problem, Run
from spt_cli.regular import opened

MAX_LINE = 1 << 20  # bytes of one line that are ever held: a 50 GB file need not have a newline
_BLOCK = 64 << 10  # bytes of one read


class Logs(Struct, frozen=True):
    """What all layouts said of a run."""

    streams: tuple[LogStream, ...] = ()
    looked: tuple[Path, ...] = ()  # files that would have been its logs and are not there; patterns end in `*.log`
    problems: tuple[Problem, ...] = ()  # one for each layout that failed


def streams(run: Run, root: str | Path | None = None) -> tuple[LogStream, ...]:
    """The logs of *run* that are there: out before err, ranked first, by rank, then name.

    A file that several layouts find is one stream, named by the first that knows a rank. *root* is the folder up to
    which logs are looked for by their exact names; None for a run outside every root: up to its mount point.
    """
    return find_logs(run, root).streams


def find_logs(run: Run, root: str | Path | None = None) -> Logs:
    """The streams of *run*, where else logs were looked for, and which layouts failed."""
    top = mount_point(run.run_dir) if root is None else Path(root)
    found: dict[tuple[int, int], _Found] = {}
    looked: dict[Path, None] = {}
    problems: list[Problem] = []
    for plugin in plugins():
        logs, problem = files(plugin, run, top)
        problems += [problem] if problem else []
        for log in logs:
            status = _regular(log.path)
            if status is None:
                looked[log.path] = None
                continue
            known = found.get((status.st_dev, status.st_ino))
            if known is None or (known.log.rank is None and log.rank is not None):
                found[status.st_dev, status.st_ino] = _Found(log, plugin, status.st_size)
    return Logs(_ordered(found.values()), tuple(looked), tuple(problems))


def mount_point(folder: str | Path) -> Path:
    """The top of the file system that holds *folder*."""
    place = Path(folder)
    return next((above for above in (place, *place.parents) if os.path.ismount(above)), Path(place.anchor))


def tail(path: str | Path, max_bytes: int = 4 << 20) -> bytes:
    """Last *max_bytes* of a log, starting at the beginning of a line where one begins within reach.

    A file that fits is returned whole. Bytes are not decoded: logs hold tracebacks, progress bars and worse.
    Raises OSError when the file is gone; the caller knows which stream that was.
    """
    with opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        start = max(size - max_bytes, 0)
        data = b"".join(_blocks(file.fileno(), max(start - 1, 0), size))
    return data if start == 0 else _from_line(data)


def chunks(path: str | Path, start: int = 0) -> Iterator[bytes]:
    """The bytes of a log from offset *start* to where it ends now, in blocks. Raises OSError."""
    with opened(path) as file:
        yield from _blocks(file.fileno(), start, os.fstat(file.fileno()).st_size)


def last_lines(path: str | Path, count: int) -> Iterator[bytes]:
    """The bytes of the last *count* lines of a log, in blocks. Raises OSError."""
    return chunks(path, start_of_last(path, count))


def start_of_last(path: str | Path, count: int) -> int:
    """Offset at which the last *count* lines of a log begin, read backwards in blocks. Raises OSError.

    A line without its newline counts. Within a line longer than MAX_LINE, the offset is MAX_LINE before its end:
    the search ends there, so that a file of gigabytes without a newline answers at once.
    """
    with opened(path) as file:
        end = os.fstat(file.fileno()).st_size
        if count <= 0:
            return end
        end -= os.pread(file.fileno(), 1, max(end - 1, 0)) == b"\n"  # the last line's own newline
        wanted, position = count, end
        while position > 0:
            block = os.pread(file.fileno(), min(_BLOCK, position), max(position - _BLOCK, 0))
            position = max(position - _BLOCK, 0)
            newline = len(block)
            while (newline := block.rfind(b"\n", 0, newline)) >= 0:
                wanted, end = wanted - 1, position + newline
                if wanted == 0:
                    return end + 1
            if end - position > MAX_LINE:
                return end - MAX_LINE
        return 0


class _Found(Struct):
    """A log that is there, and who found it."""

    log: LogFile
    plugin: Plugin
    size: int


def _regular(path: Path) -> os.stat_result | None:
    try:
        status = path.stat()
    except (OSError, ValueError):  # ValueError: a NUL or a lone surrogate in a path that came from hparams
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def _ordered(found: Iterable[_Found]) -> tuple[LogStream, ...]:
    """Streams in the order in which they are shown, each with an id of its own."""
    streams = [
        LogStream(_name(each.log), each.log.kind, each.log.rank, each.size, "", each.log.path, each.plugin.name)
        for each in found
    ]
    streams.sort(key=lambda stream: (stream.kind == "err", stream.rank is None, stream.rank, stream.name, stream.path))
    taken: dict[str, None] = {}
    for stream in streams:
        taken[_unique(re.sub(r"[^A-Za-z0-9._-]", "_", stream.name) or "log", taken)] = None
    return tuple(
        LogStream(stream.name, stream.kind, stream.rank, stream.size, stream_id, stream.path, stream.layout)
        for stream, stream_id in zip(streams, taken, strict=True)
    )


def _name(log: LogFile) -> str:
    """What the layout calls it, else its rank, else its file name, in which bytes that are not UTF-8 are replaced."""
    name = log.name or (log.path.name if log.rank is None else f"rank {log.rank} .{log.kind}")
    return os.fsencode(name).decode(errors="replace")


def _unique(slug: str, taken: Iterable[str]) -> str:
    number, candidate = 1, slug
    while candidate in taken:
        number += 1
        candidate = f"{slug}-{number}"
    return candidate


def _blocks(handle: int, start: int, end: int) -> Iterator[bytes]:
    while start < end and (block := os.pread(handle, min(_BLOCK, end - start), start)):
        start += len(block)
        yield block


def _from_line(data: bytes) -> bytes:
    """*data*, whose first byte is the one before what was asked for, from the first beginning of a line in it."""
    newline = data.find(b"\n")
    return data[newline + 1 :] if 0 <= newline < len(data) - 1 else data[1:]
