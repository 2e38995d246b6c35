"""Who listens on a port, as far as Linux tells its users."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from contextlib import suppress
from glob import iglob
from pathlib import Path

_LISTENING = "0A"


def holder(port: int, proc: Path = Path("/proc")) -> str | None:
    """Who listens on the TCP *port*: `process 123 (spt serve runs)`, of others `a process of ada`; None if unknown."""
    for uid, inode in _listeners(port, proc):
        if found := _process(inode, proc):
            return f"process {found}"
        return f"a process of {_user(uid)}"
    return None


def _listeners(port: int, proc: Path) -> Iterator[tuple[int, str]]:
    """(user, inode) of the sockets that listen on *port*: proc(5), /proc/net/tcp."""
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (proc / "net" / table).read_text("ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    yield int(fields[7]), fields[9]


def _process(inode: str, proc: Path) -> str | None:
    """`123 (python -m http.server)`: the process with that socket, when we may see its files."""
    for path in iglob(f"{proc}/[0-9]*/fd/*"):  # noqa: PTH207 - 10,000 of them: no object for each
        with suppress(OSError):
            if os.readlink(path) == f"socket:[{inode}]":  # noqa: PTH115 - same
                process = path[len(str(proc)) + 1 :].partition("/")[0]
                words = (proc / process / "cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
                shown = " ".join([os.path.basename(words[0]), *words[1:]])
                return f"{process} ({shown[:80]}{'…' * (len(shown) > 80)})"
    return None


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
