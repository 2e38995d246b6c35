"""Read small files and list folders that others write: what cannot be read is empty, and nothing makes us wait."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any


def content(path: Path, max_bytes: int = 1 << 20) -> bytes:
    """All of a regular file, or nothing when it is missing, unreadable, no regular file or longer than *max_bytes*."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):  # ValueError: a NUL or a lone surrogate in a path that came from hparams
        return b""
    with open(handle, "rb") as file:
        try:
            found = os.fstat(handle)
            return file.read() if stat.S_ISREG(found.st_mode) and found.st_size <= max_bytes else b""
        except OSError:
            return b""


def document(path: Path, max_bytes: int = 16 << 20) -> dict[str, Any]:
    """A JSON file that holds an object, else nothing. 16 MB is what spt takes of a sidecar."""
    try:
        found = json.loads(content(path, max_bytes))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def names(folder: Path) -> list[str]:
    """What a folder holds, sorted; nothing when it is not there or may not be listed."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries)
    except (OSError, ValueError):
        return []


def is_folder(path: Path) -> bool:
    """Whether there is a folder at a path that may be anything."""
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def is_file(path: Path) -> bool:
    """Whether there is a regular file at a path that may be anything."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False
