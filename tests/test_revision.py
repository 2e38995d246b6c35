"""A small file that several change: whole after a kill at any moment, and nobody's change is lost."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from spt_cli.files import revision
from spt_cli.files.revision import MAX_BYTES, revise
from spt_cli.model import Stamp


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    """*tmp_path*, open."""
    handle = os.open(tmp_path, os.O_RDONLY)
    yield handle
    os.close(handle)


def stamp(path: Path) -> Stamp:
    found = path.stat()
    return Stamp(found.st_mtime_ns, found.st_size, found.st_ino)


def to(content: bytes | None) -> revision.Change:
    return lambda *_: content


def plus(more: bytes) -> revision.Change:
    return lambda data, _: (data or b"") + more


def test_a_first_and_a_second_change(tmp_path: Path, folder: int) -> None:
    file = tmp_path / "f"
    assert revise(folder, "f", plus(b"one ")) == stamp(file)
    assert revise(folder, "f", plus(b"two")) == stamp(file)
    assert file.read_bytes() == b"one two"
    assert os.listdir(tmp_path) == ["f"]


def test_a_change_sees_the_stat_of_what_it_changes(tmp_path: Path, folder: int) -> None:
    (tmp_path / "f").write_bytes(b"x")
    before = stamp(tmp_path / "f")
    revise(folder, "f", lambda _, found: b"%d" % (found.st_ino if found else 0))
    assert (tmp_path / "f").read_bytes() == b"%d" % before.inode


def test_no_change_writes_nothing(tmp_path: Path, folder: int) -> None:
    assert revise(folder, "f", to(None)) == Stamp()
    assert os.listdir(tmp_path) == []
    (tmp_path / "f").write_bytes(b"x")
    before = stamp(tmp_path / "f")
    assert revise(folder, "f", to(None)) == before == stamp(tmp_path / "f")


def test_an_exception_in_a_change_leaves_the_file_and_its_folder_as_they_were(tmp_path: Path, folder: int) -> None:
    (tmp_path / "f").write_bytes(b"x")
    with pytest.raises(ZeroDivisionError):
        revise(folder, "f", lambda *_: b"%d" % (1 // 0))
    assert (os.listdir(tmp_path), (tmp_path / "f").read_bytes()) == (["f"], b"x")


def test_what_others_add_at_the_same_moment_is_kept(tmp_path: Path) -> None:
    """Eight threads make the file and change it, each with a folder of its own open."""

    def add(number: int) -> None:
        handle = os.open(tmp_path, os.O_RDONLY)
        for turn in range(10):
            revise(handle, "f", plus(b"%d-%d " % (number, turn)))
        os.close(handle)

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(add, range(8)))
    assert sorted((tmp_path / "f").read_bytes().split()) == sorted(
        b"%d-%d" % (number, turn) for number in range(8) for turn in range(10)
    )
    assert os.listdir(tmp_path) == ["f"]


def test_a_second_first_writer_adds_to_what_the_first_wrote(tmp_path: Path, folder: int) -> None:
    """Between our look at an absent file and our name for the new one somebody makes it."""
    calls = []

    def change(data: bytes | None, _: os.stat_result | None) -> bytes:
        calls.append(data)
        if data is None:
            (tmp_path / "f").write_bytes(b"theirs ")
        return (data or b"") + b"ours"

    revise(folder, "f", change)
    assert (tmp_path / "f").read_bytes() == b"theirs ours"
    assert calls == [None, b"theirs "]


def test_a_writer_that_knows_no_locks_is_noticed(tmp_path: Path, folder: int) -> None:
    """An editor puts another file in place while ours is being made."""
    file = tmp_path / "f"
    file.write_bytes(b"old")

    def change(data: bytes | None, _: os.stat_result | None) -> bytes:
        if data == b"old":
            (tmp_path / "new").write_bytes(b"theirs ")
            (tmp_path / "new").replace(file)
        return (data or b"") + b"ours"

    revise(folder, "f", change)
    assert file.read_bytes() == b"theirs ours"


def test_a_file_that_is_removed_meanwhile_is_made_anew(tmp_path: Path, folder: int) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"old")

    def change(data: bytes | None, _: os.stat_result | None) -> bytes:
        file.unlink(missing_ok=True)
        return b"after " + (data or b"nothing")

    revise(folder, "f", change)
    assert file.read_bytes() == b"after nothing"


def test_who_holds_the_file_for_too_long_is_told_of(
    tmp_path: Path, folder: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "f").write_bytes(b"x")
    monkeypatch.setattr(revision, "_PATIENCE", 0.02)
    with open(tmp_path / "f", "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(OSError, match="others change it") as raised:
            revise(folder, "f", to(b"y"))
    assert (raised.value.errno, (tmp_path / "f").read_bytes()) == (errno.EBUSY, b"x")


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EBADF, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_will_do(
    number: int, tmp_path: Path, folder: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    (tmp_path / "f").write_bytes(b"one ")
    revise(folder, "f", plus(b"two"))
    assert (tmp_path / "f").read_bytes() == b"one two"


def test_a_file_system_without_second_names_will_do(
    tmp_path: Path, folder: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    revise(folder, "f", plus(b"one"))
    assert ((tmp_path / "f").read_bytes(), os.listdir(tmp_path)) == (b"one", ["f"])


def test_a_folder_that_knows_no_fsync_will_do(tmp_path: Path, folder: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def only_files(handle: int) -> None:
        if handle == folder:
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", only_files)
    revise(folder, "f", plus(b"one"))
    assert (tmp_path / "f").read_bytes() == b"one"


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, folder: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "f").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="No space"):
        revise(folder, "f", to(b"new"))
    assert ((tmp_path / "f").read_bytes(), os.listdir(tmp_path)) == (b"old", ["f"])


def test_what_a_killed_writer_left_goes_with_a_change_a_day_later(tmp_path: Path, folder: int) -> None:
    """By the clock of the disk; what is younger may still be written, and what is named otherwise is not ours."""
    left = {
        ".f.0123456789ab.tmp": 90_000,
        ".f.ba9876543210.tmp": 80_000,
        ".g.0123456789ab.tmp": 90_000,
        ".f.x.tmp": 90_000,
    }
    now = stamp(tmp_path).mtime_ns
    for name, age in left.items():
        (tmp_path / name).touch()
        os.utime(tmp_path / name, ns=(now, now - age * 10**9))
    revise(folder, "f", to(b"new"))
    assert sorted(os.listdir(tmp_path)) == [".f.ba9876543210.tmp", ".f.x.tmp", ".g.0123456789ab.tmp", "f"]


def test_a_link_is_not_followed_and_not_replaced(tmp_path: Path, folder: int) -> None:
    (tmp_path / "secret").write_bytes(b"{}")
    (tmp_path / "f").symlink_to("secret")
    with pytest.raises(OSError, match="symbolic links") as raised:
        revise(folder, "f", to(b"x"))
    assert raised.value.errno == errno.ELOOP
    assert ((tmp_path / "secret").read_bytes(), (tmp_path / "f").is_symlink()) == (b"{}", True)


def test_a_link_that_leads_nowhere_is_a_link(tmp_path: Path, folder: int) -> None:
    (tmp_path / "f").symlink_to("nowhere")
    with pytest.raises(OSError, match="symbolic links"):
        revise(folder, "f", to(b"x"))
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_and_a_pipe_of_that_name_are_refused_at_once(tmp_path: Path, folder: int) -> None:
    (tmp_path / "d").mkdir()
    os.mkfifo(tmp_path / "p")
    for name, number in (("d", errno.EISDIR), ("p", errno.EINVAL)):
        with pytest.raises(OSError, match=r".") as raised:
            revise(folder, name, to(b"x"))
        assert raised.value.errno == number


def test_a_file_too_large_to_be_one_of_ours_is_not_even_read(tmp_path: Path, folder: int) -> None:
    with open(tmp_path / "f", "wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(OSError, match="it is 16 MB") as raised:
        revise(folder, "f", to(b"x"))
    assert raised.value.errno == errno.EFBIG


@pytest.mark.parametrize(("folders", "files"), [(0o755, 0o644), (0o700, 0o600), (0o2770, 0o660), (0o777, 0o664)])
def test_who_may_read_the_folder_may_read_the_file(folders: int, files: int, tmp_path: Path, folder: int) -> None:
    """Whatever the umask; and the world never gets the right to write."""
    tmp_path.chmod(folders)
    before = os.umask(0o077)
    try:
        revise(folder, "f", to(b"x"))
    finally:
        os.umask(before)
    assert (tmp_path / "f").stat().st_mode & 0o7777 == files


def test_a_mode_that_somebody_chose_stays(tmp_path: Path, folder: int) -> None:
    (tmp_path / "f").write_bytes(b"x")
    (tmp_path / "f").chmod(0o640)
    revise(folder, "f", to(b"y"))
    assert (tmp_path / "f").stat().st_mode & 0o7777 == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files away")
def test_what_root_writes_belongs_to_whom_the_folder_or_the_file_before_belongs(tmp_path: Path, folder: int) -> None:
    file = tmp_path / "f"
    os.chown(tmp_path, 54_321, 54_322)
    revise(folder, "f", to(b"x"))
    assert (file.stat().st_uid, file.stat().st_gid) == (54_321, 54_322)
    os.chown(file, 54_323, 54_324)
    revise(folder, "f", to(b"y"))
    assert (file.stat().st_uid, file.stat().st_gid) == (54_323, 54_324)


# Calls `revise` in children of its own, and kills each at a later call of any function in C: every system call is one.
_KILLED = """
import os, signal, sys
from spt_cli.files.revision import revise

place = sys.argv[1]
folder = os.open(place, os.O_RDONLY)
old = bytes.fromhex(sys.argv[2])
new = b"n" * 3000

def restore():
    for name in os.listdir(place):
        os.unlink(os.path.join(place, name))
    if old:
        with open(os.path.join(place, "f"), "wb") as file:
            file.write(old)

last = 0
while True:
    restore()
    last += 1
    child = os.fork()
    if not child:
        calls = 0
        def count(frame, event, argument):
            global calls
            if event == "c_call":
                calls += 1
                if calls == last:
                    os.kill(os.getpid(), signal.SIGKILL)
        sys.setprofile(count)
        revise(folder, "f", lambda *_: new)
        sys.setprofile(None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    try:
        found = open(os.path.join(place, "f"), "rb").read()
    except FileNotFoundError:
        found = b""
    print(last, {old: "old", new: "new"}.get(found, repr(found)))
    if status == 0:
        break
"""


@pytest.mark.parametrize("old", [b"", b"o" * 5000])
def test_a_kill_at_any_call_leaves_the_old_or_the_new_file(old: bytes, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _KILLED, str(tmp_path), old.hex()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found = [line.split(" ", 1)[1] for line in done.stdout.splitlines()]
    assert len(found) > 20
    assert set(found) == {"old", "new"}
    assert found == sorted(found, reverse=True), "once it is new it stays new"
