"""The file `.spt-demo` at the root of a demo tree: proof that it is ours to write into, and how it was made."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from spt_cli.errors import SptError

NAME = ".spt-demo"


class Marker(Struct, frozen=True):
    """How a demo tree was made, and which of its runs a trainer still writes."""

    seed: int
    rows: Annotated[int, Meta(ge=1)]  # train rows of a whole run, about
    now: float  # the clock of the first write, s since 1970
    runs: Annotated[int, Meta(ge=0)]  # number of runs so far, those of `live` among them
    live: tuple[tuple[int, float | None], ...]  # index of each, and when `live` launched it (None: it was there before)


def exists(root: Path) -> bool:
    """Whether *root* is a demo tree. False when it is missing or empty; any other folder is refused with SptError."""
    try:
        names = os.listdir(root)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise SptError(f"cannot write into {root}: {error.strerror}", hint="name a new or an empty folder") from error
    if names and NAME not in names:
        hint = "name a new or an empty folder: a demo never writes beside other files"
        raise SptError(f"{root} is not empty and not a demo tree", hint=hint)
    return bool(names)


def read(root: Path) -> Marker:
    """The marker of a demo tree. Raises SptError when it cannot be read."""
    try:
        return msgspec.json.decode((root / NAME).read_bytes(), type=Marker)
    except (OSError, msgspec.DecodeError) as error:
        raise SptError(f"cannot read {root / NAME}: {error}", hint=f"remove {root} and write it anew") from error


def claim(root: Path, marker: Marker) -> None:
    """Make *root* a demo tree. Raises SptError when it cannot be made or written."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        save(root, marker)
    except OSError as error:
        raise SptError(
            f"cannot write into {root}: {error.strerror}", hint="name a folder that you may write"
        ) from error


def save(root: Path, marker: Marker) -> None:
    """Write the marker, atomically."""
    beside = root / f"{NAME}.tmp"
    beside.write_bytes(msgspec.json.encode(marker) + b"\n")
    os.utime(beside, (marker.now, marker.now))
    beside.replace(root / NAME)
