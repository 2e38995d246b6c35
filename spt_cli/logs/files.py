"""The logs of a run: which there are, their last bytes and lines, and all of them in bounded memory."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from io import FileIO
from pathlib import Path

from msgspec import Struct, structs

from spt_cli.files.regular import opened
from spt_cli.logs.layouts import Plugin, files, plugins
from spt_cli.logs.text import MAX_LINE
from spt_cli.model import LogFile, LogStream, Problem, Run

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
        return tail_of(file, max_bytes)[1]


def tail_of(file: FileIO, max_bytes: int = 4 << 20) -> tuple[int, bytes]:
    """The same of a log that is open as *file*, after the offset at which it begins."""
    size = _size(file)
    if size <= max_bytes:
        return 0, b"".join(blocks(file, 0, size))
    before = size - max_bytes - 1
    data = b"".join(blocks(file, before, size))  # with the byte before, which may be a newline
    newline = data.find(b"\n")
    skipped = newline + 1 if 0 <= newline < len(data) - 1 else 1
    return before + skipped, data[skipped:]


def chunks(path: str | Path, max_bytes: int | None = None) -> Iterator[bytes]:
    """The bytes of a log as it is now, in blocks; only the last *max_bytes* where that is given. Raises OSError."""
    with opened(path) as file:
        yield from blocks(file, 0 if max_bytes is None else max(_size(file) - max_bytes, 0))


def last_lines(path: str | Path, count: int) -> Iterator[bytes]:
    """The bytes of the last *count* lines of a log, in blocks. Raises OSError."""
    with opened(path) as file:
        yield from blocks(file, start_of_last(file, count))


def blocks(file: FileIO, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The bytes of *file* from offset *start* to *end*, by default where it ends now. Raises OSError."""
    end = _size(file) if end is None else end
    while start < end and (block := os.pread(file.fileno(), min(_BLOCK, end - start), start)):
        start += len(block)
        yield block


def start_of_last(file: FileIO, count: int) -> int:
    """Offset at which the last *count* lines of *file* begin, read backwards in blocks. Raises OSError.

    A line without its newline counts. In a line longer than MAX_LINE it is MAX_LINE before the line's end, and the
    search is over: a file of gigabytes without a newline answers at once.
    """
    end = _size(file)
    if count <= 0:
        return end
    end -= os.pread(file.fileno(), 1, max(end - 1, 0)) == b"\n"  # the last line's own
    position = end
    while position > 0:
        below = max(position - _BLOCK, 0)
        block = os.pread(file.fileno(), position - below, below)
        position, newline = below, len(block)
        while (newline := block.rfind(b"\n", 0, newline)) >= 0:
            end, count = position + newline, count - 1
            if count == 0:
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
    ids = _unique([re.sub(r"[^A-Za-z0-9._-]", "_", stream.name) or "log" for stream in streams])
    return tuple(structs.replace(stream, stream_id=stream_id) for stream, stream_id in zip(streams, ids, strict=True))


def _name(log: LogFile) -> str:
    """What the layout calls it, else its rank, else its file name, in which what is no character is replaced."""
    name = log.name or (log.path.name if log.rank is None else f"rank {log.rank} .{log.kind}")
    return re.sub("[\ud800-\udfff]", "\ufffd", name)  # bytes that are not UTF-8, and halves of characters


def _unique(slugs: list[str]) -> list[str]:
    """*slugs*, of which the second of a name gets `-2`, the third `-3`, unless another one is called so."""
    uses: dict[str, int] = dict.fromkeys(slugs, 0)
    unique = []
    for slug in slugs:
        uses[slug] += 1
        candidate = slug if uses[slug] == 1 else f"{slug}-{uses[slug]}"
        while uses[slug] > 1 and candidate in uses:
            uses[slug] += 1
            candidate = f"{slug}-{uses[slug]}"
        unique.append(candidate)
    return unique


def _size(file: FileIO) -> int:
    return os.fstat(file.fileno()).st_size
