"""Change a small file that others change, too: each change is made to the newest content, and whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from spt_cli.model import Stamp

MAX_BYTES = 16 << 20  # what is larger was not written by this
_PATIENCE = 10.0  # seconds to wait for others who change the file
_PAUSE = 0.005  # seconds between two attempts; a change takes about one fsync
_ABANDONED = 86_400.0  # seconds after which a temporary file is what a killed writer left behind


Change = Callable[[bytes | None, os.stat_result | None], bytes | None]  # content and stat before -> content after


def revise(folder: int, name: str, change: Change) -> Stamp:
    """Replaces the file *name* in the open *folder* by what *change* makes of it, and returns its Stamp.

    *change* is given the bytes and the stat of the file, or None twice when it is not there yet, and is called again
    when somebody else was quicker. It returns the new bytes, or None to leave the file alone. They are on the disk when
    this returns; after a kill at any moment the old or the new file is there, perhaps beside a `.NAME.….tmp`, which a
    change a day later removes.

    Writers exclude each other by a lock on the file itself, which ends with its process. Where the file system has no
    locks, a change is lost only when somebody writes between our last look and the rename.
    Raises OSError: ELOOP for a link, EISDIR, EINVAL for what is no file, EFBIG, EBUSY after 10 s of waiting.
    """
    until = time.monotonic() + _PATIENCE
    while True:
        with suppress(_OvertakenError), _held(folder, name) as handle:
            before = os.fstat(handle) if handle is not None else None
            content = change(_read(handle), before) if handle is not None else change(None, None)
            if content is None:
                return _stamp(before) if before else Stamp()
            return _replaced(folder, name, content, before)
        if time.monotonic() > until:
            raise OSError(errno.EBUSY, "others change it without a pause", name)
        time.sleep(_PAUSE)


class _OvertakenError(Exception):
    """Somebody else has the file, or has just replaced it."""


@contextmanager
def _held(folder: int, name: str) -> Iterator[int | None]:
    """The file *name* open and locked, None when it is not there. _OvertakenError when somebody else has it."""
    try:
        handle = _opened(folder, name)
    except FileNotFoundError:
        yield None
        return
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", name)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _OvertakenError from error
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
        _check_unchanged(folder, name, os.fstat(handle))  # whoever had the lock has put another file in its place
        yield handle
    finally:
        os.close(handle)


# EBADF: NFS locks only what is open for writing
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF, errno.EINVAL}


def _opened(folder: int, name: str) -> int:
    """*name* open for writing where that is allowed, which locks need on NFS; a link is not followed."""
    flags = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe's other end is not waited for
    try:
        return os.open(name, os.O_RDWR | flags, dir_fd=folder)
    except OSError as error:
        if error.errno not in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise
        return os.open(name, os.O_RDONLY | flags, dir_fd=folder)


def _read(handle: int) -> bytes:
    size = os.fstat(handle).st_size
    if size > MAX_BYTES:
        raise OSError(errno.EFBIG, f"it is {size >> 20} MB, over the {MAX_BYTES >> 20} MB of any real one")
    data = b""
    while more := os.read(handle, 1 << 20):
        data += more
    return data


def _check_unchanged(folder: int, name: str, before: os.stat_result | None) -> None:
    """_OvertakenError unless *name* is the file that *before* was said of, or is still not there."""
    try:
        now = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        now = None
    if (now and _stamp(now)) != (before and _stamp(before)):
        raise _OvertakenError


def _replaced(folder: int, name: str, content: bytes, before: os.stat_result | None) -> Stamp:
    """Stamp of the new file with *content*, which stands in the place of *before* now."""
    temporary = _temporary(name)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(temporary, flags, 0o600, dir_fd=folder)
    try:
        for start in range(0, len(content), 1 << 20):
            _write(handle, content[start : start + (1 << 20)])
        _share(handle, before or os.fstat(folder), new=before is None)
        os.fsync(handle)
        _check_unchanged(folder, name, before)
        if before is None:
            _put_first(folder, temporary, name)
        else:
            os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        _onto_disk(folder)
        found = os.fstat(handle)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)
        os.close(handle)
    _tidy(folder, name, found.st_mtime)
    return _stamp(found)


def _tidy(folder: int, name: str, now: float) -> None:
    """Removes what killed writers of *name* left long before *now*, by the clock of the disk, which dated it too."""
    with suppress(OSError):
        for left in os.listdir(folder):
            ours = left.startswith(f".{name}.") and left.endswith(".tmp") and len(left) == len(_temporary(name))
            if ours and now - os.lstat(left, dir_fd=folder).st_mtime > _ABANDONED:
                os.unlink(left, dir_fd=folder)


def _temporary(name: str) -> str:
    return f".{name}.{secrets.token_hex(6)}.tmp"


def _write(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]


def _share(handle: int, like: os.stat_result, *, new: bool) -> None:
    """Gives the file the owner and mode of *like*: of the file before or, of a *new* one, the folder that it is in.

    Who may read the folder may read the file, whatever the umask of whoever happens to be the first to write it: else
    one person's edit would be everybody else's "permission denied". Others never get the right to write.
    """
    mode = 0o600 | (like.st_mode & 0o064) if new else stat.S_IMODE(like.st_mode) & 0o777
    mine = os.fstat(handle)
    for uid, gid in ((-1, like.st_gid), (like.st_uid, -1)):
        if (uid, gid) not in {(-1, mine.st_gid), (mine.st_uid, -1)}:
            with suppress(PermissionError):  # only root gives files away, and only to one's own groups does anybody
                os.fchown(handle, uid, gid)
    os.fchmod(handle, mode)


def _put_first(folder: int, temporary: str, name: str) -> None:
    """Names the file *temporary* *name*. _OvertakenError when somebody else did that first: rename() would not tell."""
    try:
        os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except FileExistsError as error:
        raise _OvertakenError from error
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}:
            raise
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)  # FAT, sshfs: no second names


def _onto_disk(folder: int) -> None:
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}:  # not every file system knows that
            raise


def _stamp(found: os.stat_result) -> Stamp:
    return Stamp(found.st_mtime_ns, found.st_size, found.st_ino)
