"""Open a file of a run for reading, but only a regular one: nothing else that bears its name can make us wait."""

from __future__ import annotations

import errno
import os
import stat
from io import FileIO
from pathlib import Path


def opened(path: str | Path) -> FileIO:
    """*path* open for unbuffered reading, links followed. Raises OSError, also for a pipe, a device or a folder."""
    file = FileIO(os.fspath(path), "rb", opener=_without_waiting)
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "not a regular file", os.fspath(path))
    return file


def content(path: str | Path) -> bytes:
    """All bytes of the regular file *path*. Raises OSError."""
    with opened(path) as file:
        return file.readall()


def _without_waiting(path: str, flags: int) -> int:
    """os.open without waiting for the writer of a pipe."""
    return os.open(path, flags | os.O_NONBLOCK)
