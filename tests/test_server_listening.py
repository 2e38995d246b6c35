"""Sockets to listen on: addresses, ports in use, and the Unix socket that only its user can connect to."""

from __future__ import annotations

import os
import socket
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from spt_cli.errors import SptError, UsageError
from spt_cli.server.addresses import Place
from spt_cli.server.holders import holder
from spt_cli.server.listening import close, is_local, listen, listen_unix, listening

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def ipv6() -> bool:
    try:
        close(listen("::1", 0))
    except SptError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not ipv6(), reason="no IPv6 here")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path: a socket's has at most 107 bytes."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def reaches(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        pytest.param("::1", True, marks=needs_ipv6),
        pytest.param("::", False, marks=needs_ipv6),
    ],
)
def test_it_listens_at_once_and_knows_whether_only_this_machine_can_connect(host: str, local: bool) -> None:
    sockets = listen(host, 0)
    ports = {one.getsockname()[1] for one in sockets}
    assert len(ports) == 1
    assert is_local(sockets) is local
    assert reaches("127.0.0.1" if host in ("0.0.0.0", "localhost") else "::1" if ":" in host else host, ports.pop())
    close(sockets)


@needs_ipv6
def test_all_of_ipv6_is_all_of_ipv4_too() -> None:
    sockets = listen("::", 0)
    assert reaches("127.0.0.1", sockets[0].getsockname()[1])
    close(sockets)


@linux
def test_a_port_in_use_names_it_and_the_process_that_holds_it() -> None:
    sockets = listen("127.0.0.1", 0)
    port = sockets[0].getsockname()[1]
    with pytest.raises(SptError) as raised:
        listen("127.0.0.1", port)
    close(sockets)
    words = Path("/proc/self/cmdline").read_bytes().decode().split("\0")
    assert str(raised.value).startswith(
        f"port {port} on 127.0.0.1 is in use by process {os.getpid()} ({os.path.basename(words[0])} "
    )
    assert raised.value.hint == "choose another with --port, or let --port 0 choose a free one"


def test_a_port_is_free_again_right_after_a_server_with_connections_ended() -> None:
    sockets = listen("127.0.0.1", 0)
    port = sockets[0].getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)) as client:
        sockets[0].accept()[0].close()  # who closes first keeps the port in TIME_WAIT
        assert client.recv(1) == b""
    close(sockets)
    close(listen("127.0.0.1", port))


@pytest.mark.parametrize("host", ["", "no such host", "nosuch.invalid", "1.2.3.4.5", "x" * 80])
def test_a_host_that_is_none_is_wrong_usage(host: str) -> None:
    with pytest.raises(UsageError, match="no such host"):
        listen(host, 0)


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(SptError, match=r"^192\.0\.2\.1 is no address of this machine$"):
        listen("192.0.2.1", 0)


TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1092 00000000:0000 0A 00000000:00000000 00:00000000 00000000 {uid}        0 777 1 0000 100 0 0 10 0
   1: 0100007F:1093 0100007F:1092 01 00000000:00000000 00:00000000 00000000     0        0 778 1 0000 100 0 0 10 0
"""


def test_a_port_that_another_user_holds_names_the_user(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "tcp").write_text(TABLE.format(uid=0))
    assert holder(4242, tmp_path) == "a process of root"
    (tmp_path / "net" / "tcp").write_text(TABLE.format(uid=54_321))
    assert holder(4242, tmp_path) == "a process of user 54321"


def test_a_process_of_ours_is_named_with_its_command(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "tcp6").write_text(TABLE.format(uid=0))
    (tmp_path / "12" / "fd").mkdir(parents=True)
    (tmp_path / "12" / "fd" / "5").symlink_to("socket:[777]")
    (tmp_path / "12" / "cmdline").write_bytes(b"/usr/bin/python3\0-m\0spt_cli\0serve\0runs\0")
    assert holder(4242, tmp_path) == "process 12 (python3 -m spt_cli serve runs)"


def test_where_nobody_can_tell_nobody_is_named(tmp_path: Path) -> None:
    assert holder(4242, tmp_path) is None
    assert holder(1, Path("/proc")) is None


def test_only_its_user_can_connect_to_the_unix_socket_whatever_the_umask(folder: Path) -> None:
    before = os.umask(0)
    try:
        with listen_unix(str(folder / "s")) as one:
            assert stat.S_IMODE((folder / "s").stat().st_mode) == 0o600
            assert is_local([one])
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(folder / "s"))
        assert os.umask(0) == 0, "the umask is as it was"
    finally:
        os.umask(before)


def test_the_unix_socket_is_gone_in_the_end(folder: Path) -> None:
    with listen_unix(str(folder / "s")):
        pass
    assert list(folder.iterdir()) == []


def test_a_place_is_listened_at_for_as_long_as_the_block_lasts(folder: Path) -> None:
    with listening(Place(uds=str(folder / "s"))) as sockets:
        assert (len(sockets), is_local(sockets)) == (1, True)
    with listening(Place(port=0)) as (one,):
        port = one.getsockname()[1]
        assert reaches("127.0.0.1", port)
    assert not reaches("127.0.0.1", port)


def test_a_socket_that_a_killed_server_left_is_replaced(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(folder / "s"))
        killed.listen()
    with listen_unix(str(folder / "s")), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(folder / "s"))


def test_a_socket_that_somebody_listens_on_is_left_alone(folder: Path) -> None:
    with listen_unix(str(folder / "s")):
        with pytest.raises(SptError) as raised, listen_unix(str(folder / "s")):
            pass
        assert str(raised.value) == f"cannot listen at {folder}/s: somebody listens there"
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(folder / "s"))


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_no_socket_is_left_alone(folder: Path, kind: str) -> None:
    place = folder / "s"
    (folder / "target").write_text("precious")
    if kind == "folder":
        place.mkdir()
    elif kind == "link":
        place.symlink_to("target")
    else:
        place.write_text("precious")
    with pytest.raises(SptError, match="there is something else"), listen_unix(str(place)):
        pass
    assert (folder / "target").read_text() == "precious"
    assert os.path.lexists(place)


def test_a_socket_that_another_server_put_in_its_place_is_not_removed(folder: Path) -> None:
    with listen_unix(str(folder / "s")):
        (folder / "s").unlink()
        other = socket.socket(socket.AF_UNIX)
        other.bind(str(folder / "s"))
    assert (folder / "s").is_socket()
    other.close()


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        ("missing/s", "No such file or directory", "the folder must be there"),
        (
            "x" * 120,
            "AF_UNIX path too long",
            "a path of at most 107 bytes will do, on macOS 103",
        ),
    ],
)
def test_a_place_that_cannot_be_is_told(folder: Path, path: str, message: str, hint: str) -> None:
    with pytest.raises(SptError) as raised, listen_unix(str(folder / path)):
        pass
    assert (str(raised.value), raised.value.hint) == (f"cannot listen at {folder}/{path}: {message}", hint)
