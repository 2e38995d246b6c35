"""What is kept between processes: as it was or not at all, and not too much of it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spt_cli.files.kept import keep, recall, trim
from spt_cli.model import Stamp

OLD = Stamp(1_700_000_000_000_000_000, 10, 7)


def test_what_is_kept_is_recalled(tmp_path: Path) -> None:
    keep(tmp_path, "a", OLD, b"one")
    keep(tmp_path, "b", OLD, b"two")
    assert (recall(tmp_path, "a", OLD), recall(tmp_path, "b", OLD)) == (b"one", b"two")


@pytest.mark.parametrize(
    "other", [Stamp(OLD.mtime_ns + 1, 10, 7), Stamp(OLD.mtime_ns, 11, 7), Stamp(OLD.mtime_ns, 10, 8)]
)
def test_a_file_that_changed_is_another_file(other: Stamp, tmp_path: Path) -> None:
    keep(tmp_path, "a", OLD, b"one")
    assert recall(tmp_path, "a", other) is None


def test_the_newest_is_kept(tmp_path: Path) -> None:
    newer = Stamp(OLD.mtime_ns + 1, 10, 7)
    keep(tmp_path, "a", OLD, b"one")
    keep(tmp_path, "a", newer, b"two")
    assert (recall(tmp_path, "a", OLD), recall(tmp_path, "a", newer)) == (None, b"two")
    assert len(list(tmp_path.iterdir())) == 1


def test_of_a_file_that_just_changed_nothing_is_kept(tmp_path: Path) -> None:
    """It may change again within the tick of its server's clock."""
    young = Stamp(time.time_ns(), 10, 7)
    keep(tmp_path, "a", young, b"one")
    assert list(tmp_path.iterdir()) == []
    keep(tmp_path, "a", young, b"one", settled=0)
    assert recall(tmp_path, "a", young) == b"one"


@given(st.integers(0, 200), st.integers(0, 255))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_damaged_is_not_there(tmp_path: Path, place: int, byte: int) -> None:
    keep(tmp_path, "a", OLD, b"some bytes")
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    place = min(place, len(whole) - 1)
    damaged = whole[:place] + bytes([byte]) + whole[place + 1 :]
    file.write_bytes(damaged)
    assert recall(tmp_path, "a", OLD) == (b"some bytes" if damaged == whole else None)
    file.write_bytes(whole[:place])
    assert recall(tmp_path, "a", OLD) is None


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    keep(tmp_path, "/runs/\udcff", OLD, b"one")
    assert recall(tmp_path, "/runs/\udcff", OLD) == b"one"


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    keep(tmp_path / "absent", "a", OLD, b"one")
    assert recall(tmp_path / "absent", "a", OLD) is None
    trim(tmp_path / "absent")


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    for number, name in enumerate("abcd"):
        keep(tmp_path, name, OLD, bytes(1000))
        newest = max(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, (number, number))
    assert recall(tmp_path, "a", OLD)  # it was last used long ago, and is used now
    trim(tmp_path, 2500)
    assert [name for name in "abcd" if recall(tmp_path, name, OLD)] == ["a", "d"]


def test_what_killed_writers_left_goes_after_a_day(tmp_path: Path) -> None:
    for name, age in (("old.tmp", 100_000), ("young.tmp", 10)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    trim(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["young.tmp"]


def test_several_may_keep_at_once(tmp_path: Path) -> None:
    """Whoever reads gets what one of them wrote."""
    texts = [bytes([number]) * 10_000 for number in range(4)]
    seen = set()

    def work(text: bytes) -> None:
        for _ in range(30):
            keep(tmp_path, "a", OLD, text)
            seen.add(recall(tmp_path, "a", OLD))
            trim(tmp_path)

    threads = [threading.Thread(target=work, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen <= set(texts)
    assert len(list(tmp_path.iterdir())) == 1
