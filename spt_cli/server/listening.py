"""The sockets that a server listens on: TCP of both kinds, or a Unix socket that only its user can connect to."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from spt_cli.errors import SptError, UsageError
from spt_cli.server.addresses import Place
from spt_cli.server.holders import holder

_BACKLOG = 2048  # connections that may wait to be accepted; the kernel takes at most net.core.somaxconn


@contextmanager
def listening(place: Place) -> Iterator[list[socket.socket]]:
    """Sockets that listen at *place*, closed in the end."""
    if place.uds is not None:
        with listen_unix(place.uds) as one:
            yield [one]
        return
    sockets = listen(place.host, place.port)
    try:
        yield sockets
    finally:
        close(sockets)


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen on every address of *host*, all on one port; with *port* 0 on one that is free.

    SptError says who holds a port that is in use.
    """
    for last in (False, False, True):
        sockets: list[socket.socket] = []
        try:
            for family, address in _addresses(host, port):
                taken = sockets[0].getsockname()[1] if sockets else port
                with _skipping_missing_ipv6(sockets):
                    sockets.append(_listening(family, (address[0], taken, *address[2:])))
        except OSError as error:
            close(sockets)
            if port or last:  # a port that is free on one address can be taken on the other
                raise _explained(error, host, port) from error
        else:
            break
    return sockets


def is_local(sockets: Sequence[socket.socket]) -> bool:
    """Whether only this machine can connect to any of *sockets*."""
    addresses = [one.getsockname()[0] for one in sockets if one.family != socket.AF_UNIX]
    return all(ipaddress.ip_address(address.partition("%")[0]).is_loopback for address in addresses)


@contextmanager
def listen_unix(path: str) -> Iterator[socket.socket]:
    """A socket that listens at *path*, where only this user can connect (mode 0600), and is removed in the end.

    A socket that a killed server left there is replaced; one that somebody listens on, and anything else, is not.
    """
    place = Path(path).absolute()
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _remove_stale(place)
        before = os.umask(0o177)  # the mode is there before anybody can connect
        try:
            one.bind(path)
        finally:
            os.umask(before)
        mine = place.lstat()
        one.listen(_BACKLOG)
    except OSError as error:
        one.close()
        raise _explained_unix(error, path) from error
    try:
        yield one
    finally:
        one.close()
        _remove(place, mine)


def close(sockets: Sequence[socket.socket]) -> None:
    """Closes all *sockets*."""
    for one in sockets:
        one.close()


def _addresses(host: str, port: int) -> list[tuple[int, tuple[Any, ...]]]:
    """(family, address) of all that *host* stands for, each once."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise UsageError(f"no such host: {host or '(none)'}", hint="try 127.0.0.1, ::1, 0.0.0.0 or a name") from error
    return list(dict.fromkeys((int(family), address) for family, _, _, _, address in found))


@contextmanager
def _skipping_missing_ipv6(others: Sequence[socket.socket]) -> Iterator[None]:
    """A machine without IPv6 may still say that localhost is ::1, too."""
    try:
        yield
    except OSError as error:
        if not others or error.errno not in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
            raise


def _listening(family: int, address: tuple[Any, ...]) -> socket.socket:
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # right after the last one ended
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, address[0] != "::")  # :: is all of IPv4, too
        one.bind(address)
        one.listen(_BACKLOG)
    except OSError:
        one.close()
        raise
    return one


def _explained(error: OSError, host: str, port: int) -> SptError:
    match error.errno:
        case errno.EADDRINUSE:
            by = holder(port)
            return SptError(
                f"port {port} on {host} is in use{f' by {by}' if by else ''}",
                hint="choose another with --port, or let --port 0 choose a free one",
            )
        case errno.EACCES:
            return SptError(f"port {port} is not for users", hint="ports from 1024 on are")
        case errno.EADDRNOTAVAIL:
            return SptError(f"{host} is no address of this machine", hint="127.0.0.1 is, and 0.0.0.0 is all of them")
    return SptError(f"cannot listen on {host} port {port}: {error.strerror or error}")


def _remove_stale(path: Path) -> None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise OSError(errno.EEXIST, "there is something else")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
        other.settimeout(2)
        try:
            other.connect(str(path))
        except ConnectionRefusedError:  # nobody listens any more
            _remove(path, found)
            return
        except (BlockingIOError, TimeoutError):  # somebody does, and is busy
            pass
    raise OSError(errno.EADDRINUSE, "somebody listens there")


def _remove(path: Path, found: os.stat_result) -> None:
    """Removes *path* if it is still what was *found* there."""
    with suppress(OSError):
        if os.path.samestat(path.lstat(), found):
            path.unlink()


def _explained_unix(error: OSError, path: str) -> SptError:
    hint = {
        errno.EADDRINUSE: "end that server first, or choose another path",
        errno.EEXIST: "it is no socket, so it is left alone: choose another path",
        errno.ENOENT: "the folder must be there",
        errno.ENOTDIR: "the folder must be there",
    }.get(error.errno or 0)
    if error.errno is None:  # Python's own: AF_UNIX path too long
        hint = "a path of at most 107 bytes will do, on macOS 103"
    return SptError(f"cannot listen at {path}: {error.strerror or error}", hint=hint)
