"""Replacing a file or a folder: the old one or the new one at any moment, its mode, links, what others left behind."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from spt_cli.errors import SptError
from spt_cli.files.replace import replace_file, replace_folder

LONG_AGO = 1_700_000_000


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def state(path: Path) -> tuple[bytes, int]:
    return path.read_bytes(), stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def fill(**files: bytes) -> Callable[[Path], None]:
    """Writes *files* by name; `__` stands for `/`."""

    def write(folder: Path) -> None:
        for name, data in files.items():
            target = folder / name.replace("__", "/")
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(data)

    return write


def test_a_new_file_has_the_mode_of_the_umask(tmp_path: Path) -> None:
    assert replace_file(tmp_path / "page", [b"one ", b"two"])
    assert (state(tmp_path / "page"), names(tmp_path)) == ((b"one two", 0o640), ["page"])


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755])
def test_a_replaced_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    page = tmp_path / "page"
    page.write_bytes(b"old")
    page.chmod(mode)
    assert replace_file(page, [b"new"])
    assert (state(page), names(tmp_path)) == ((b"new", mode), ["page"])


def test_the_same_bytes_leave_the_file_alone(tmp_path: Path) -> None:
    page = tmp_path / "page"
    page.write_bytes(b"same")
    os.utime(page, (LONG_AGO, LONG_AGO))
    before = page.stat()
    assert not replace_file(page, [b"sa", b"me"])
    after = page.stat()
    assert (after.st_ino, after.st_mtime, after.st_ctime_ns) == (before.st_ino, LONG_AGO, before.st_ctime_ns)
    assert names(tmp_path) == ["page"]


def test_of_a_link_the_file_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "www").mkdir()
    page, link = tmp_path / "www" / "page", tmp_path / "link"
    page.write_bytes(b"old")
    link.symlink_to("www/page")
    assert replace_file(link, [b"new"])
    assert (link.is_symlink(), page.read_bytes(), names(tmp_path / "www")) == (True, b"new", ["page"])


def test_a_link_to_nothing_gets_its_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("page")
    assert replace_file(tmp_path / "link", [b"new"])
    assert ((tmp_path / "link").is_symlink(), (tmp_path / "page").read_bytes()) == (True, b"new")


def test_what_is_no_file_is_written_to(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    assert replace_file(os.ttyname(theirs), [b"some", b"thing"])
    assert os.read(ours, 100) == b"something"
    assert replace_file(os.devnull, [b"thing"])
    os.close(theirs)
    os.close(ours)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("gone/page", "No such file or directory"),
        ("folder", "Is a directory"),
        ("file/page", "Not a directory"),
        ("x" * 300, "File name too long"),
    ],
)
def test_where_nothing_can_be_written_an_error_says_so(tmp_path: Path, path: str, why: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    target = tmp_path / path
    with pytest.raises(SptError) as raised:
        replace_file(target, [b"x"])
    assert str(raised.value) == f"cannot write {target}: {why}"
    assert names(tmp_path) == ["file", "folder"]


def test_a_failure_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise KeyboardInterrupt

    page = tmp_path / "page"
    page.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        replace_file(page, pieces())
    assert (page.read_bytes(), names(tmp_path)) == (b"old", ["page"])


def test_an_error_of_a_library_is_told_in_its_own_words(tmp_path: Path) -> None:
    def full(folder: Path) -> None:
        raise OSError(f"No space left on device: {folder.name[:5]}")  # as polars has it: without a number

    with pytest.raises(SptError, match=r"^cannot write .*/f: No space left on device: \.spt-$"):
        replace_folder(tmp_path / "f", full, owned=lambda *_: True)
    assert names(tmp_path) == []


def test_what_killed_exports_left_is_removed_when_it_is_old(tmp_path: Path) -> None:
    for name, old in (("old", True), ("young", False)):
        left = tmp_path / f".spt-export-{name}.tmp"
        left.touch()
        folder = tmp_path / f".spt-export-{name}-folder.tmp"
        (folder / "images").mkdir(parents=True)
        for path in (left, folder) if old else ():
            os.utime(path, (LONG_AGO, LONG_AGO))
    foreign = tmp_path / ".other.tmp"
    foreign.touch()
    os.utime(foreign, (LONG_AGO, LONG_AGO))
    assert replace_file(tmp_path / "page", [b"new"])
    assert names(tmp_path) == [".other.tmp", ".spt-export-young-folder.tmp", ".spt-export-young.tmp", "page"]


def test_a_folder_is_made_and_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "out"
    assert replace_folder(target, fill(a=b"1", images__x=b"2"), owned=lambda *_: True)
    assert names(target) == ["a", "images"]
    target.chmod(0o700)
    assert replace_folder(target, fill(a=b"3", b=b"4"), owned=lambda *_: True)
    assert (names(target), names(tmp_path), stat.S_IMODE(target.stat().st_mode)) == (["a", "b"], ["out"], 0o700)


def test_where_names_cannot_be_swapped_the_old_folder_makes_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda *_, **__: object())  # a C library without renameat2
    target = tmp_path / "out"
    for data in (b"old", b"new"):
        assert replace_folder(target, fill(a=data), owned=lambda *_: True)
    assert ((target / "a").read_bytes(), names(tmp_path)) == (b"new", ["out"])


def test_the_same_folder_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "out"
    replace_folder(target, fill(a=b"1", images__x=b"2"), owned=lambda *_: True)
    before = target.stat()
    assert not replace_folder(target, fill(a=b"1", images__x=b"2"), owned=lambda *_: True)
    assert (target.stat().st_ino, names(tmp_path)) == (before.st_ino, ["out"])


def test_a_folder_with_something_else_in_it_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "out"
    replace_folder(target, fill(a=b"1", images__thesis=b"2"), owned=lambda *_: True)
    with pytest.raises(SptError, match="is not replaced: no export wrote images/thesis"):
        replace_folder(target, fill(a=b"3"), owned=lambda _, below: below in {"a", "images"})
    assert (names(target), names(tmp_path)) == (["a", "images"], ["out"])


def test_a_file_is_not_replaced_by_a_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"old")
    with pytest.raises(SptError, match="Not a directory"):
        replace_folder(tmp_path / "out", fill(a=b"1"), owned=lambda *_: True)
    assert ((tmp_path / "out").read_bytes(), names(tmp_path)) == (b"old", ["out"])


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_kill_at_any_moment_leaves_the_old_or_the_new(tmp_path: Path, what: str) -> None:
    """A process is killed at its first call of a C function, the next at its second, until one gets through."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, what], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    kills, old, new = map(int, done.stdout.split())
    assert kills == old + new
    assert old > 20
    assert new > 2


KILLED = """
import os, shutil, signal, sys
from itertools import count
from pathlib import Path
from spt_cli.files.replace import replace_file, replace_folder

OLD, NEW = b"old" * 1_000, b"new" * 2_000

def fill(data):
    def write(folder):
        for name in "ab":
            (folder / name).write_bytes(data)
    return write

def write(data):
    if sys.argv[1] == "file":
        replace_file("out", [data[:1000], data[1000:]])
    else:
        replace_folder("out", fill(data), owned=lambda _, below: below in "ab")

def read():
    if sys.argv[1] == "file":
        return Path("out").read_bytes()
    a, b = Path("out/a").read_bytes(), Path("out/b").read_bytes()
    return a if a == b else b"torn"

def killed(after):
    calls = count(1)
    def spy(frame, event, argument):
        if event == "c_call" and next(calls) == after:
            os.kill(os.getpid(), signal.SIGKILL)
    sys.setprofile(spy)
    write(NEW)
    sys.setprofile(None)
    os._exit(0)

write(OLD)
write(NEW)
write(OLD)  # everything is imported
states = []
for after in count(1):
    child = os.fork()
    if not child:
        killed(after)
    if os.waitpid(child, 0)[1] == 0:
        break
    states.append({OLD: "old", NEW: "new"}[read()])
    for left in Path().glob(".spt-export-*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    if states[-1] == "new":
        write(OLD)
assert read() == NEW
print(len(states), states.count("old"), states.count("new"))
"""
