"""Following logs: what is appended, cut, replaced and appears. Files change in `wait`, so no test sleeps."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from spt_cli import follow
from spt_cli.logs.following import Piece


def steps(*changes: Callable[[], object]) -> Callable[[], bool]:
    """A `wait` that makes one change each time there is nothing new, and ends after the last."""
    left = list(changes)

    def wait() -> bool:
        if not left:
            return False
        left.pop(0)()
        return True

    return wait


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\ntwo\n")
    return path


def append(path: Path, data: bytes) -> Callable[[], object]:
    def change() -> None:
        with path.open("ab") as file:
            file.write(data)

    return change


def seen(path: Path, *changes: Callable[[], object], last: int | None = None) -> list[tuple[bytes, bool]]:
    return [(piece.data, piece.fresh) for piece in follow(lambda: [path], last=last, wait=steps(*changes))]


def test_it_begins_with_all_and_gives_what_is_appended(log: Path) -> None:
    changes = append(log, b"thr"), append(log, b"ee\n"), lambda: None
    assert seen(log, *changes) == [(b"one\ntwo\n", False), (b"thr", False), (b"ee\n", False)]


@pytest.mark.parametrize(("last", "begin"), [(0, b""), (1, b"two\n"), (5, b"one\ntwo\n")])
def test_it_may_begin_with_the_last_lines(log: Path, last: int, begin: bytes) -> None:
    assert b"".join(data for data, _ in seen(log, append(log, b"three\n"), last=last)) == begin + b"three\n"


def test_a_log_that_is_cut_begins_anew(log: Path) -> None:
    changes = (lambda: log.write_bytes(b"1\n")), append(log, b"2\n")
    assert seen(log, *changes) == [(b"one\ntwo\n", False), (b"1\n", True), (b"2\n", False)]


def test_a_log_that_is_cut_and_outgrows_itself_at_once_begins_anew(log: Path) -> None:
    """A requeue by Slurm cuts the file in place; between two looks it may be longer than before."""
    text = b"another text, and a longer one\n"
    assert seen(log, lambda: log.write_bytes(text)) == [(b"one\ntwo\n", False), (text, True)]


def test_a_log_that_is_cut_to_nothing_waits_for_its_new_text(log: Path) -> None:
    changes = (lambda: log.write_bytes(b"")), append(log, b"new\n")
    assert seen(log, *changes) == [(b"one\ntwo\n", False), (b"new\n", True)]


def test_a_log_that_is_replaced_is_read_to_its_end_first(log: Path) -> None:
    def replace() -> None:
        append(log, b"last words\n")()
        log.rename(log.with_suffix(".1"))
        log.write_bytes(b"new\n")

    assert seen(log, replace) == [(b"one\ntwo\n", False), (b"last words\n", False), (b"new\n", True)]


def test_a_log_that_is_gone_for_a_while_is_waited_for(log: Path) -> None:
    changes = log.unlink, lambda: None, lambda: log.write_bytes(b"new\n")
    assert seen(log, *changes) == [(b"one\ntwo\n", False), (b"new\n", True)]


def test_a_log_that_appears_is_given_whole(log: Path) -> None:
    later = log.with_name("b.log")
    changes = (lambda: later.write_bytes(b"1\n2\n")), append(log, b"three\n")
    pieces = follow(lambda: sorted(log.parent.iterdir()), last=1, wait=steps(*changes))
    assert list(pieces) == [
        Piece(log, b"two\n"),
        Piece(later, b"1\n2\n", fresh=True),
        Piece(log, b"three\n"),
    ]


def test_a_log_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    log = tmp_path / "later.log"
    assert seen(log, lambda: None, lambda: log.write_bytes(b"1\n2\n"), last=1) == [(b"1\n2\n", True)]


def test_a_pipe_in_its_place_is_no_log(log: Path) -> None:
    def pipe() -> None:
        log.unlink()
        os.mkfifo(log)

    assert seen(log, pipe) == [(b"one\ntwo\n", False)]


def test_a_long_log_comes_in_blocks_and_whole(log: Path) -> None:
    text = bytes(range(256)) * 1_000
    log.write_bytes(text)
    pieces = [data for data, _ in seen(log)]
    assert b"".join(pieces) == text
    assert max(map(len, pieces)) < len(text)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="looks into /proc")
def test_ending_it_closes_the_files(log: Path) -> None:
    def open_files() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = open_files()
    following: Iterator[Piece] = follow(lambda: [log])
    next(following)
    assert open_files() > before
    following.close()  # type: ignore[attr-defined] # a generator
    assert open_files() == before


def test_an_error_that_does_not_go_away_is_raised(log: Path) -> None:
    with pytest.raises(OSError, match="too long"):
        next(follow(lambda: [log.with_name("x" * 300)], wait=lambda: False))
