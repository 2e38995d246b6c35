"""What a watch has told, kept so that a later one can go on from there: a journal for `--from CURSOR`.

A generation of a journal is a file of zlib-packed lines, each a checksum and a JSON object: the roots, then the chosen
runs as they were when it began, then what was told since. A torn end costs what stands there, and nothing else.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from io import FileIO
from pathlib import Path

import msgspec
from msgspec import Struct

from spt_cli.errors import NotFoundError
from spt_cli.files.regular import opened
from spt_cli.model import Run
from spt_cli.watch.watching import Happening

_FORMAT = 1
_HOUR, _WEEK = 3600.0, 7 * 86400.0  # seconds: between two signs of life of a journal, and after its last one
_TOTAL = 512 << 20  # bytes of all journals; those that showed life within two hours stay whatever they weigh
_LEAST, _MULTIPLE = 256 << 20, 4  # unpacked bytes of a generation, and times what it began with, before the next one
_MOST = 2 << 30  # bytes of a journal, unpacked, beyond which it is not read
_LONGEST = 64 << 20  # bytes of a line: a sidecar has at most 16 MB
_PIECE = 1 << 20  # bytes unpacked at once
_CURSOR = re.compile(r"([0-9a-f]{12})-([0-9]{1,18})")

Roots = Sequence[tuple[str, str]]  # label and path of each


class Journal:
    """Appends what is told about *roots*, after the runs in *told*, to files in *folder* that no other watch touches.

    With *resumed*, a cursor, that one's journal is kept as long as this one: nothing may happen for a week. All methods
    raise OSError when there is no room.
    """

    def __init__(
        self, folder: Path, roots: Roots, told: Mapping[str, Run], *, now: float, resumed: str | None = None
    ) -> None:
        self._folder, self._roots = folder, list(roots)
        self._name = secrets.token_hex(6)
        self._living = {self._name, (resumed or "").partition("-")[0]}
        self._touched = 0.0
        self._sequence = 0
        tidy(folder, now=now)
        self._begin(told)

    def append(self, happened: Sequence[Happening], told: Mapping[str, Run]) -> list[str]:
        """The cursor of each of what *happened* to the runs that were *told* before. When it returns, all is kept."""
        if self._size > max(_LEAST, _MULTIPLE * self._began) or not self._path.exists():  # somebody emptied the cache
            self._begin(told)
        first = self._sequence + 1
        self._sequence += len(happened)
        self._write(
            _Line(at, gone=each.run.run_id) if each.kind == "removed" else _Line(at, run=each.run)
            for at, each in enumerate(happened, first)
        )
        return [f"{self._name}-{at}" for at in range(first, self._sequence + 1)]

    def live(self, now: float) -> None:
        """Shows that the journal is in use, once an hour: others are removed after a week."""
        if now - self._touched >= _HOUR:
            self._touched = now
            for name in self._living:
                for _, path in _generations(self._folder, name):
                    with suppress(FileNotFoundError):
                        os.utime(path, (now, now))

    def _begin(self, told: Mapping[str, Run]) -> None:
        """A new generation, which begins with the runs in *told*; of the earlier ones the last is kept."""
        self._path = self._folder / f"{self._name}-{self._sequence}.journal"
        os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        self._packer = zlib.compressobj(1)
        self._size = 0
        self._write([_Line(format=_FORMAT, roots=self._roots)])
        self._write(_Line(run=run) for run in told.values())
        self._write([_Line(self._sequence)])
        self._began = self._size
        for _, old in _generations(self._folder, self._name)[:-2]:
            old.unlink(missing_ok=True)

    def _write(self, lines: Iterable[_Line]) -> None:
        packed = []
        for line in lines:
            data = _encoded(line)
            self._size += len(data)
            packed.append(self._packer.compress(data))
        rest = memoryview(b"".join((*packed, self._packer.flush(zlib.Z_SYNC_FLUSH))))
        with FileIO(os.open(self._path, os.O_WRONLY | os.O_APPEND), "wb") as file:
            while rest:
                rest = rest[file.write(rest) :]


def recall(folder: Path, cursor: str, roots: Roots) -> dict[str, Run]:
    """The chosen runs as they were told up to *cursor*, by a watch of the same *roots*.

    Raises NotFoundError, which says why, when they are not known (any more).
    """
    parts = _CURSOR.fullmatch(cursor)
    if not parts:
        raise NotFoundError(f"{cursor} is no cursor")
    place = int(parts[2])
    files = _generations(folder, parts[1])
    if not files:
        raise NotFoundError(f"the cursor {cursor} is not known on this machine (any more)")
    fitting = [path for began, path in files if began <= place]
    if not fitting:
        raise NotFoundError(f"the cursor {cursor} is too old: too much has happened since")
    for path in reversed(fitting):
        lines = _lines(path)
        head = next(lines, _Line())
        if head.format == _FORMAT and sorted(head.roots or ()) != sorted(roots):
            raise NotFoundError(f"the cursor {cursor} is one of other ROOTs")
        if head.format == _FORMAT and (runs := _replayed(lines, place)) is not None:
            return runs
    raise NotFoundError(f"what was told up to the cursor {cursor} cannot be read")


def tidy(folder: Path, *, now: float) -> None:
    """Removes journals from *folder* that showed no life for a week, and the oldest while all take too much room."""
    found = []
    for path in folder.glob("*.journal"):
        with suppress(FileNotFoundError):
            status = path.lstat()
            found.append((now - status.st_mtime, status.st_size, path))
    room = _TOTAL
    for age, size, path in sorted(found):
        room -= size
        if age > _WEEK or (room < 0 and age > 2 * _HOUR):
            path.unlink(missing_ok=True)


class _Line(Struct, omit_defaults=True):
    """A line of a journal: what it is about, or one run."""

    at: int = -1  # the number in cursors after which it is so; -1: from the beginning
    roots: list[tuple[str, str]] | None = None  # of the first line
    format: int = 0  # of the first line
    run: Run | None = None  # as it is
    gone: str | None = None  # the id of a run that is not chosen any more


_ENCODER, _DECODER = msgspec.json.Encoder(), msgspec.json.Decoder(_Line)


def _replayed(lines: Iterable[_Line], place: int) -> dict[str, Run] | None:
    """The runs after *lines* up to the number *place*; None when they do not reach it."""
    runs: dict[str, Run] = {}
    for line in lines:
        if line.run is not None:
            runs[line.run.run_id] = line.run
        elif line.gone is not None:
            runs.pop(line.gone, None)
        if line.at == place:
            return runs
    return None


def _encoded(line: _Line) -> bytes:
    try:
        data = _ENCODER.encode(line)
    except UnicodeEncodeError:  # a file name that is not UTF-8; the stdlib writes its bytes as lone surrogates
        data = json.dumps(msgspec.to_builtins(line)).encode()
    return b"%08x%s\n" % (zlib.crc32(data), data)


def _lines(path: Path) -> Iterator[_Line]:
    """The lines of the journal *path* as far as they can be read."""
    try:
        for text in _texts(path):
            if b"%08x" % zlib.crc32(text[8:]) != text[:8]:
                return
            try:
                line = _DECODER.decode(text[8:])
            except msgspec.DecodeError:
                line = msgspec.convert(json.loads(text[8:]), _Line)
            yield line
    except (OSError, ValueError, RecursionError, zlib.error):  # ValueError: msgspec's and json's; all is only a cache
        return


def _texts(path: Path) -> Iterator[bytes]:
    """Unpacked lines, in little memory whatever the file holds."""
    unpacker = zlib.decompressobj()
    begun = b""
    unpacked = 0
    with opened(path) as file:
        while unpacked < _MOST and len(begun) < _LONGEST:
            packed = unpacker.unconsumed_tail or file.read(_PIECE)
            data = unpacker.decompress(packed, _PIECE)
            if not packed and not data:
                return
            unpacked += len(data)
            *whole, begun = (begun + data).split(b"\n")
            yield from whole
            if unpacker.eof:
                return


def _generations(folder: Path, name: str) -> list[tuple[int, Path]]:
    """The files of a journal, each with the number that it begins after, the earliest first."""
    found = []
    for path in folder.glob(f"{name}-*.journal") if name else ():
        number = path.stem.rpartition("-")[2]
        if number.isdecimal():
            found.append((int(number), path))
    return sorted(found)
