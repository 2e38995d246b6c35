"""The address of the page: as a browser is given it, and how it is reached from another machine."""

from __future__ import annotations

import getpass
import ipaddress
import os
import shlex
import socket
from collections.abc import Sequence
from urllib.parse import quote

from msgspec import Struct

from spt_cli.errors import UsageError


class Place(Struct, frozen=True):
    """Where a server listens, and below which path a proxy serves it."""

    host: str = "127.0.0.1"
    port: int = 4242  # of the viewer that spt follows, whose users have it in their fingers; 0: a free one
    uds: str | None = None  # a Unix socket's path, in the place of host and port
    prefix: str = ""  # as `checked_prefix` returns it


def page_url(place: Place, port: int, token: str | None = None) -> str:
    """The address that a browser opens when the server listens on *port*.

    A host that stands for all addresses is named as this machine. A socket is reached by way of ssh, at the same port
    of the machine where the browser is.
    """
    host = "localhost" if place.uds else socket.gethostname() if _is_any(place.host) else place.host
    named = f"[{host}]" if ":" in host else host
    return f"http://{named}:{port}{quote(place.prefix)}/" + (f"?token={token}" if token else "")


def ssh_command(place: Place, port: int) -> str:
    """What a person types on another machine to reach *place* of this one at *port* there."""
    host = f"[{place.host}]" if ":" in place.host else place.host
    target = os.path.abspath(place.uds) if place.uds else f"{host}:{port}"  # noqa: PTH100 - of a link its own
    try:
        user = f"{getpass.getuser()}@"
    except (OSError, KeyError):  # a container's user without a name
        user = ""
    return f"ssh -N -L {shlex.quote(f'{port}:{target}')} {user}{socket.gethostname()}"


def names(place: Place, allowed: Sequence[str]) -> tuple[str, ...]:
    """The names by which a server at *place* is reached, beside those of loopback: those *allowed*, and its own.

    UsageError for one that no Host header can hold.
    """
    for name in allowed:
        if not name or name != name.strip() or any(mark in name for mark in "/@?#\\ ") or name.count(":") == 1:
            hint = "a name as in an address, without http:// and without a port: runs.example, or * for any"
            raise UsageError(f"--allow-host cannot be {name or '(empty)'}", hint=hint)
    return (*allowed, socket.gethostname() if _is_any(place.host) else place.host)


def checked_prefix(path: str) -> str:
    """*path*, below which the page stands behind a proxy, without a slash at its end. UsageError if it is none."""
    stripped = path.rstrip("/")
    parts = stripped.split("/")[1:]
    if stripped and (not path.startswith("/") or any(part in {"", ".", ".."} for part in parts)):
        raise UsageError(f"--root-path cannot be {path}", hint="it is a path like /spt or /user/ada/proxy/4242")
    if any(mark in path for mark in "?#\\%") or not path.isascii() or not path.isprintable():
        raise UsageError(f"--root-path cannot be {path}", hint="it is a plain path, without ?, #, % and the like")
    if stripped in {"/api", "/assets"}:  # with the path taken away, /api/runs would look as if it were not
        raise UsageError(
            f"--root-path cannot be {path}", hint="the page has something there itself: choose another name"
        )
    return stripped


def _is_any(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
