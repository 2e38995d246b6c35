"""Open only what really lies inside a folder, whatever links are put there meanwhile."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from io import FileIO


def inside(path: str, folder: str) -> bool:
    """Whether *path* is *folder* or lies below it; both absolute and resolved."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def opened_inside(tops: Sequence[str], path: str) -> FileIO:
    """The regular file that *path* means, links followed, open for unbuffered reading.

    It lies inside one of *tops*, folders that are absolute and resolved. Raises OSError, also for everything else, and
    ValueError for what no path can be. The links are followed before; then each part is opened in the one above it
    without following any, so that what is swapped for a link in between leads nowhere.
    """
    real = os.path.realpath(path, strict=True)
    for top in tops:
        if inside(real, top) and real != top:
            return _opened(top, real[len(top) :].strip("/").split("/"))
    raise OSError(errno.EACCES, "outside of what is served", path)


def lies_inside(tops: Sequence[str], paths: Sequence[str]) -> list[bool]:
    """For each of *paths* whether what it means, links followed, lies inside one of *tops*."""
    folders: dict[str, str] = {}  # resolved; a thousand ranks log into one
    found = []
    for path in paths:
        folder, name = os.path.split(path)
        if folder not in folders:
            folders[folder] = os.path.realpath(folder)
        real = os.path.join(folders[folder], name)
        if os.path.islink(real):  # noqa: PTH114 - on text
            real = os.path.realpath(real)
        found.append(any(inside(real, top) for top in tops))
    return found


_FOLDER = (
    getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
)  # O_PATH: mode 0711 will do
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe's writer is not waited for


def _opened(top: str, parts: Sequence[str]) -> FileIO:
    folder = os.open(top, _FOLDER)
    try:
        for name in parts[:-1]:
            below = os.open(name, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = below
        file = FileIO(parts[-1], "rb", opener=lambda name, flags: os.open(name, flags | _FILE, dir_fd=folder))
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "not a regular file", parts[-1])
    return file
