"""Bytes that cost time to make, kept in a folder until the file that they were made of changes.

Deleting any of it, or all, costs time and nothing else; any number of processes may use one folder.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
import zlib
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from spt_cli.files.regular import opened
from spt_cli.model import Stamp

MAX_BYTES = 256 << 20  # of one folder: 2,500 runs of 24 metrics; a home directory's quota is often some 10 GB
_MAGIC = b"spt-kept-1\n"
_DAY = 86_400.0


class _Entry(Struct, frozen=True, array_like=True):
    stamp: Stamp
    data: bytes


def recall(folder: Path, key: str, stamp: Stamp) -> bytes | None:
    """What is kept under *key* for a file of *stamp*; None when there is nothing, or it is damaged."""
    path = _path(folder, key)
    try:
        with opened(path) as file:
            content = file.readall()
            used = os.fstat(file.fileno()).st_mtime
        start = len(_MAGIC) + 4
        if content[:start] != _MAGIC + zlib.crc32(content[start:]).to_bytes(4, "little"):
            return None
        entry = msgspec.msgpack.decode(content[start:], type=_Entry)
    except (OSError, msgspec.DecodeError):
        return None
    if entry.stamp != stamp:
        return None
    if abs(time.time() - used) > _DAY:
        with suppress(OSError):
            os.utime(path)  # the least recently used go first
    return entry.data


def keep(folder: Path, key: str, stamp: Stamp, data: bytes, *, settled: float = 2.0) -> None:
    """Keeps *data* under *key* for a file of *stamp*, unless that is younger than *settled* seconds.

    So young it may change and keep its stamp: servers tell time in steps of up to a second or two, and 0 is for who
    wrote the file himself. What cannot be written is not kept.
    """
    if settled and time.time() - stamp.mtime_ns / 1e9 < settled:
        return
    body = msgspec.msgpack.encode(_Entry(stamp, data))
    path = _path(folder, key)
    temporary = f"{path}.{secrets.token_hex(8)}.tmp"
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_MAGIC + zlib.crc32(body).to_bytes(4, "little") + body)
        Path(temporary).replace(path)
    except OSError:
        with suppress(OSError):
            Path(temporary).unlink()


def trim(folder: Path, max_bytes: int = MAX_BYTES) -> None:
    """Removes what was not used for longest, until *folder* holds *max_bytes*, and what killed writers left behind."""
    found = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):  # somebody else trims too
                status = entry.stat(follow_symlinks=False)
                found.append((status.st_mtime, entry.name, status.st_size))
    total = sum(size for *_, size in found)
    for used, name, size in sorted(found):
        if total > max_bytes or (name.endswith(".tmp") and time.time() - used > _DAY):
            total -= size
            with suppress(OSError):
                Path(folder, name).unlink()


def _path(folder: Path, key: str) -> str:
    return os.path.join(folder, hashlib.sha256(os.fsencode(key)).hexdigest()[:40])
