"""The folder for what spt may forget: in the user's cache, or where that lies on a network disk, on this machine."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

# Where a small append is a round trip, and two machines see each other's files.
_REMOTE = re.compile(
    r"9p|acfs|afs|autofs|beegfs|ceph|cifs|coda|daos|dvs|fhgfs|glusterfs|gpfs|lustre|mmfs|ncpfs|nfs4?|ocfs2|orangefs|"
    r"panfs|pvfs2|smb3|smbfs|vboxsf|virtiofs|wekafs|fuse(\..*)?"  # sshfs, s3fs, juicefs; a local fuseblk is none
)


def cache_folder(
    name: str,
    *,
    environ: Mapping[str, str] = os.environ,
    mounts: str | Path = "/proc/self/mountinfo",
    temporary: str | Path | None = None,
) -> Path | None:
    """The folder *name* of spt's cache, made when missing; None when there is none that this user can write.

    It is `$XDG_CACHE_HOME/spt/NAME` (else `~/.cache/spt/NAME`) where *mounts*, by default the kernel's table, says that
    this is no network disk; else `spt-UID/NAME` in the *temporary* folder, which nobody else can read or have made.
    """
    home = environ.get("XDG_CACHE_HOME") or ""
    if not home.startswith("/"):  # the XDG specification: any other is to be ignored
        home = os.path.join(os.path.expanduser("~"), ".cache")  # noqa: PTH111 - Path raises without a home
    with suppress(OSError, ValueError):  # ValueError: a null byte
        if not _REMOTE.fullmatch(_filesystem(home, mounts)):
            return _made(Path(home), "spt", name)
        return _made(Path(temporary or tempfile.gettempdir()), f"spt-{os.getuid()}", name, private=True)
    return None


def _made(above: Path, *parts: str, private: bool = False) -> Path | None:
    """The folder *parts* below *above*; None unless they are this user's, with *private* without a way in for others.

    In a temporary folder somebody else can make a folder of our name, or a link, before we do.
    """
    above.mkdir(mode=0o700, parents=True, exist_ok=True)
    for part in parts:
        above /= part
        above.mkdir(mode=0o700, exist_ok=True)
        found = above.lstat() if private else above.stat()
        open_to_others = private and found.st_mode & 0o077
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or open_to_others:
            return None
    return above if os.access(above, os.W_OK | os.X_OK) else None


def _filesystem(path: str, mounts: str | Path) -> str:
    """Type of the file system of *path*, or of what is there of it; "" where no table can be read, as on macOS."""
    resolved = os.path.realpath(path)  # before the table is read: an automounter mounts now
    try:
        table = Path(mounts).read_bytes().decode(errors="surrogateescape")
    except OSError:
        return ""
    longest, found = -1, ""
    for line in table.splitlines():
        before, _, after = line.partition(" - ")  # proc(5): … mount point options [optional fields] - type source …
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4])
        inside = resolved == point or resolved.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= longest:  # of two on one place the later one is seen
            longest, found = len(point), after.split(" ", 1)[0]
    return found
