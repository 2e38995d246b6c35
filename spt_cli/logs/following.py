"""Follow logs as they grow, across truncation, replacement and files that appear."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterable, Iterator
from io import FileIO
from pathlib import Path

from msgspec import Struct

from spt_cli.files.regular import opened
from spt_cli.logs.files import blocks, start_of_last


class Piece(Struct, frozen=True):
    """Bytes that a log holds or has gained."""

    path: Path
    data: bytes
    fresh: bool = False  # the log was cut, replaced or was not there at first: this is where its text begins anew


def follow(
    paths: Callable[[], Iterable[Path]],
    *,
    last: int | None = None,
    wait: Callable[[], bool] | None = None,
) -> Iterator[Piece]:
    """The text of the logs that *paths* names, and what they gain, for ever, in the order in which it is seen.

    Begins with the *last* lines of each, by default with all; a log that appears later is given whole.
    After each look at all of them that found nothing, *wait* says whether to go on; by default it sleeps half a second.
    A log that is gone or cannot be read is looked at again next time. Any other OSError is raised.
    """
    followed: dict[Path, _Log] = {}
    began = False
    try:
        while True:
            quiet = True
            for path in dict.fromkeys(paths()):
                log = followed.setdefault(path, _Log(path))
                for piece in log.news(last, began=began):
                    quiet = False
                    yield piece
            began = True
            if quiet and not (wait or _half_a_second)():
                return
    finally:
        for log in followed.values():
            log.close()


_MARK = 64  # bytes before the offset by which a text is known again: a requeue cuts the file and may outgrow it at once
_COMES_AND_GOES = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EINVAL, errno.ESTALE, errno.EIO, errno.EACCES)


class _Log:
    """One log. The file that bore its name stays open, so that what it gained before it was replaced is not lost."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: FileIO | None = None
        self._offset = 0
        self._mark = b""
        self._seen = (0, 0)  # size and mtime in ns when it was last read
        self._fresh = False

    def news(self, last: int | None, *, began: bool) -> Iterator[Piece]:
        """What it holds that was not given yet. Only when nothing *began* yet are these the *last* lines."""
        try:
            file = opened(self._path)  # anew each time: that is when a network file system asks its server
        except OSError as error:
            if error.errno not in _COMES_AND_GOES:
                raise
        else:
            if self._file is None:
                self._begin(file, 0 if last is None or began else start_of_last(file, last), fresh=began)
            elif os.path.samestat(os.fstat(file.fileno()), os.fstat(self._file.fileno())):
                self._file.close()
                self._file = file
            else:
                yield from self._added()
                self._file.close()
                self._begin(file, 0, fresh=True)
        yield from self._added()

    def close(self) -> None:
        """Lets go of the file."""
        if self._file is not None:
            self._file.close()

    def _begin(self, file: FileIO, offset: int, *, fresh: bool) -> None:
        self._file, self._seen = file, (0, 0)
        self._go_to(offset)
        self._fresh = fresh

    def _added(self) -> Iterator[Piece]:
        """What the open file has gained, or all of it when it is no longer the text that was read."""
        if self._file is None:
            return
        status = os.fstat(self._file.fileno())
        seen = status.st_size, status.st_mtime_ns
        if seen == self._seen:
            return
        if status.st_size < self._offset or self._bytes_before(self._offset) != self._mark:
            self._begin(self._file, 0, fresh=True)
        for data in blocks(self._file, self._offset, status.st_size):
            self._go_to(self._offset + len(data))
            yield Piece(self._path, data, self._fresh)
            self._fresh = False
        self._seen = seen

    def _go_to(self, offset: int) -> None:
        self._offset = offset
        self._mark = self._bytes_before(offset)

    def _bytes_before(self, offset: int) -> bytes:
        assert self._file is not None
        start = max(offset - _MARK, 0)
        return os.pread(self._file.fileno(), offset - start, start)


def _half_a_second() -> bool:
    time.sleep(0.5)
    return True
