"""Replace a file or a folder in one step: who looks meanwhile, and who comes after a kill, sees the old or the new."""

from __future__ import annotations

import errno
import filecmp
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from spt_cli.errors import SptError

_BEGINNING, _END = ".spt-export-", ".tmp"  # of the names of what is being written
_ABANDONED = 86_400.0  # seconds after which that is what a killed process left behind


def replace_file(path: str | Path, pieces: Iterable[bytes]) -> bool:
    """Puts *pieces* into the file *path*; false when it held just these bytes, and was left alone, its mtime too.

    They go to a temporary file beside it, onto the disk, and are renamed over it, with the mode it had or the umask's.
    Of a link, what it leads to is replaced. What is neither file nor folder, such as /dev/stdout, is written to.
    Raises SptError when it cannot be written; nothing has changed then.
    """
    with _told(path):
        mode = _mode(path)
        if mode is not None and not stat.S_ISREG(mode):
            with open(path, "wb") as file:  # EISDIR for a folder
                file.writelines(pieces)
            return True
        target = Path(os.path.realpath(path))
        with _beside(target) as temporary:
            # By open, so that the umask and a folder's default ACL decide; what replaces a secret is never less of one.
            new = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if mode is None else 0o600)
            with open(new, "wb") as file:
                file.writelines(pieces)
                file.flush()
                if mode is not None:
                    if _same(temporary, target):
                        return False
                    os.fchmod(new, stat.S_IMODE(mode))
                os.fsync(new)
            temporary.rename(target)
            _onto_disk(target.parent)
    return True


def replace_folder(path: str | Path, fill: Callable[[Path], object], *, owned: Callable[[Path, str], bool]) -> bool:
    """Puts what *fill* writes into an empty folder into the folder *path*; false when it held just that already.

    All of it changes at once where the file system can swap two names (ext4, xfs, btrfs, tmpfs, APFS); elsewhere, as on
    NFS, the old folder is gone for a moment before the new one is there. A folder is only replaced when *owned*, given
    the folder and a path below it, is true of all that it holds: else SptError, as when it cannot be written.
    """
    with _told(path):
        mode = _mode(path)
        target = Path(os.path.realpath(path))
        if mode is not None:
            _check_owned(path, target, owned)
        with _beside(target) as temporary:
            temporary.mkdir()
            fill(temporary)
            if mode is not None:
                if _same(temporary, target):
                    return False
                temporary.chmod(stat.S_IMODE(mode))
            for below in (*_below(temporary), ""):
                _onto_disk(temporary / below)
            _put(temporary, target, exists=mode is not None)
            _onto_disk(target.parent)
    return True


def _mode(path: str | Path) -> int | None:
    """What *path* is, links followed; None when it is not there.

    By the kernel and not by realpath: it does not follow a link that somebody planted in /tmp.
    """
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return None


@contextmanager
def _told(path: str | Path) -> Iterator[None]:
    """Within it an OSError is an SptError that names *path*."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise SptError(f"cannot write {path}: {error.strerror or error}") from error  # polars says it in its message


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A path beside *target* to write to; whatever stands there in the end is removed, and what others left behind."""
    temporary = target.parent / f"{_BEGINNING}{secrets.token_hex(8)}{_END}"
    try:
        yield temporary
        _tidy(target.parent)
    finally:
        _remove(temporary)


def _tidy(folder: Path) -> None:
    """Removes what killed exports left in *folder* long ago by the clock of its server, which dated it too."""
    with suppress(OSError):
        now = folder.stat().st_mtime  # it changed when our temporary name was made
        for left in folder.glob(f"{_BEGINNING}*{_END}"):
            if now - left.lstat().st_mtime > _ABANDONED:
                _remove(left)


def _remove(path: Path) -> None:
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()


def _check_owned(path: str | Path, target: Path, owned: Callable[[Path, str], bool]) -> None:
    """SptError unless the folder *target*, typed as *path*, holds nothing but what an export wrote."""
    for below in _below(target):
        if not owned(target, below):
            raise SptError(
                f"{path} is not replaced: no export wrote {below}", hint="name a new folder, or one of an export"
            )


def _below(folder: Path) -> Iterator[str]:
    """Paths of all that *folder* holds, relative to it, sorted. Raises OSError."""
    with os.scandir(folder) as entries:
        held = sorted(entries, key=lambda entry: entry.name)
    for entry in held:
        yield entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from (f"{entry.name}/{below}" for below in _below(folder / entry.name))


def _same(one: Path, other: Path) -> bool:
    """Whether two files, or all files of two folders, hold the same bytes."""
    if one.is_dir():
        names = list(_below(one))
        return names == list(_below(other)) and all(_same(one / name, other / name) for name in names)
    with suppress(PermissionError):  # not ours to read, but perhaps to replace
        return filecmp.cmp(one, other, shallow=False)
    return False


def _put(temporary: Path, target: Path, *, exists: bool) -> None:
    """Makes *target* what *temporary* is, and *temporary* what *target* was or nothing."""
    if not exists:
        temporary.rename(target)
    elif not _swapped(temporary, target):
        aside = temporary.with_name(f"{temporary.stem}-old{_END}")
        target.rename(aside)
        try:
            temporary.rename(target)
        except OSError:
            aside.rename(target)
            raise
        _remove(aside)


def _swapped(one: Path, other: Path) -> bool:
    """Swaps two names in one step; false where the system or the file system cannot."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "darwin" and hasattr(libc, "renamex_np"):
        failed = libc.renamex_np(*names, ctypes.c_uint(2))  # RENAME_SWAP
    elif hasattr(libc, "renameat2"):  # glibc 2.28, musl 1.2.6
        here = ctypes.c_int(-100)  # AT_FDCWD
        failed = libc.renameat2(here, names[0], here, names[1], ctypes.c_uint(2))  # RENAME_EXCHANGE
    else:
        return False
    number = ctypes.get_errno()
    if failed and number not in {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP}:
        raise OSError(number, os.strerror(number), str(other))
    return not failed


def _onto_disk(path: Path) -> None:
    """Has a file on its disk, or a folder where the file system knows that of folders."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP} or not path.is_dir():
            raise
    finally:
        os.close(handle)
