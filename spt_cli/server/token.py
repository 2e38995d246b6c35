"""The token of the live page: kept for its user and roots, so that pages live on when the server is started anew."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from collections.abc import MutableMapping, Sequence
from pathlib import Path

from msgspec import Struct

from spt_cli.errors import UsageError
from spt_cli.files.revision import revise
from spt_cli.tree.roots import Root

_TOKEN = re.compile(r"[A-Za-z0-9._~-]{16,200}")  # what stands in a URL, a header and a cookie as it is


class Token(Struct, frozen=True):
    """A token, and what is to be said of it."""

    value: str
    problem: str | None = None  # why it is new, or will be at the next start


def token(roots: Sequence[Root], environ: MutableMapping[str, str] = os.environ) -> Token:
    """The token of *roots*: $SPT_TOKEN, which is taken out of *environ*, so that no child process inherits it, else the
    one that is kept in the user's state folder, else a new one, which is kept there.

    What other users could have read is replaced. UsageError when $SPT_TOKEN is too short or could not stand in a URL.
    """
    given = environ.pop("SPT_TOKEN", "")
    if given:
        if not _TOKEN.fullmatch(given):
            raise UsageError("$SPT_TOKEN must be 16 to 200 letters, digits and ._~-", hint="try `openssl rand -hex 16`")
        return Token(given)
    new = secrets.token_urlsafe(24)
    try:
        return _kept(state_folder("tokens", environ), digest(roots), new)
    except OSError as error:
        return Token(new, f"this token ends with this process: it cannot be kept ({error.strerror or error})")


def digest(roots: Sequence[Root]) -> str:
    """32 letters and digits that stand for *roots* wherever something is kept for them."""
    return hashlib.sha256("\0".join(root.path for root in roots).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def state_folder(name: str, environ: MutableMapping[str, str] = os.environ) -> Path:
    """The folder *name* of what spt keeps for its user between runs, made when missing, closed to others.

    It is `$XDG_STATE_HOME/spt/NAME`, else `~/.local/state/spt/NAME`. Raises OSError, also when it is somebody else's.
    """
    home = environ.get("XDG_STATE_HOME") or ""
    if not home.startswith("/"):  # the XDG specification: any other is to be ignored
        home = os.path.join(os.path.expanduser("~"), ".local", "state")  # noqa: PTH111 - Path raises without a home
    folder = Path(home, "spt", name)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for part in (folder.parent, folder):
        found = part.stat()
        if found.st_uid != os.geteuid():
            raise PermissionError(1, f"{part} belongs to somebody else")
        if found.st_mode & 0o077:
            part.chmod(0o700)
    return folder


def _kept(folder: Path, name: str, new: str) -> Token:
    """The token in the file *name*, which is *new* when there was none that is still secret."""
    found: list[str] = []

    def take(data: bytes | None, _: os.stat_result | None) -> bytes | None:
        kept = (data or b"").decode("ascii", "replace").strip()
        found[:] = [kept] if _TOKEN.fullmatch(kept) else []
        return None if found else f"{new}\n".encode()

    spoiled = _remove_if_read_by_others(folder / name)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        revise(handle, name, take)
    finally:
        os.close(handle)
    return Token(
        found[0] if found else new, "the token is a new one: others could read the old one" if spoiled else None
    )


def _remove_if_read_by_others(path: Path) -> bool:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(found.st_mode) or (found.st_uid == os.geteuid() and not found.st_mode & 0o077):
        return False
    path.unlink()
    return True
