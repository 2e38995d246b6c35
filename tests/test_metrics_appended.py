"""metrics.csv look by look: only what was appended, and what a rewrite does to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spt_cli.metrics.reading import Appended, Cursor, appended, joined, read_metrics
from spt_cli.model import Series
from tests.metrics_files import bits, hostile, lists

HEAD = b"epoch,step,loss\r\n"
ROWS = b"0,0,1.5\r\n0,1,1.25\r\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "metrics.csv"
    file.write_bytes(HEAD + ROWS)
    return file


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def rewrite(path: Path, data: bytes) -> None:
    """In place, as the logger does: same inode."""
    with path.open("r+b") as file:
        file.truncate()
        file.write(data)


def losses(look: Appended) -> list[float | None]:
    return lists(look.points)["loss"][2] if look.points else []


def test_the_first_look_reads_everything(path: Path) -> None:
    look = appended(path)
    assert look.restarted
    assert bits(look.points) == bits(read_metrics(path))


def test_an_unchanged_file_brings_nothing(path: Path) -> None:
    cursor = appended(path).cursor
    look = appended(path, cursor)
    assert (look.points, look.cursor, look.restarted) == ({}, cursor, False)


def test_an_appended_row_is_all_that_comes(path: Path) -> None:
    cursor = appended(path).cursor
    append(path, b"0,2,1.125\r\n")
    look = appended(path, cursor)
    assert not look.restarted
    assert {name: lists({name: points})[name] for name, points in look.points.items()} == {"loss": ([2], [0], [1.125])}
    assert look.points["loss"].row.tolist() == [2]


def test_only_the_tail_is_parsed(path: Path) -> None:
    """Rows in the middle may change under us: they were read, and are not read again."""
    append(path, b"0,2,1.0\r\n" * 50)
    cursor = appended(path).cursor
    data = path.read_bytes()
    rewrite(path, data.replace(b"0,1,1.25", b"0,1,9.99") + b"0,3,0.5\r\n")
    assert losses(appended(path, cursor)) == [0.5]


def test_a_torn_row_comes_when_its_newline_does(path: Path) -> None:
    cursor = appended(path).cursor
    append(path, b"0,2,0.0")
    torn = appended(path, cursor)
    append(path, b"123\r\n")
    assert losses(torn) == []
    assert losses(appended(path, torn.cursor)) == [0.0123]


def test_row_numbers_that_stand_for_steps_go_on(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_bytes(b"loss\n1\n\n3\n")
    cursor = appended(path).cursor
    append(path, b"4\n")
    assert lists(appended(path, cursor).points) == {"loss": ([3], [None], [4])}


def test_a_header_that_ends_with_a_lone_carriage_return_stays_apart_from_the_tail(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_bytes(b"loss\r1\n")
    cursor = appended(path).cursor
    append(path, b"\n3\n")
    assert lists(appended(path, cursor).points) == {"loss": ([2], [None], [3])}


def test_a_new_header_starts_over(path: Path) -> None:
    cursor = appended(path).cursor
    rewrite(path, b"epoch,step,loss,acc\r\n0,0,1.5,\r\n0,1,1.25,\r\n0,1,,0.5\r\n")
    look = appended(path, cursor)
    assert look.restarted
    assert bits(look.points) == bits(read_metrics(path))


def test_other_names_over_the_same_rows_start_over(path: Path) -> None:
    append(path, b"0,2,1.0\r\n" * 20)
    cursor = appended(path).cursor
    rewrite(path, path.read_bytes().replace(b"loss", b"gain") + b"0,3,0.5\r\n")
    look = appended(path, cursor)
    assert look.restarted
    assert list(look.points) == ["gain"]


def test_another_file_in_its_place_starts_over(path: Path) -> None:
    cursor = appended(path).cursor
    other = path.with_name("other")
    other.write_bytes(HEAD + ROWS + b"0,2,9\r\n")
    other.replace(path)
    look = appended(path, cursor)
    assert look.restarted
    assert losses(look) == [1.5, 1.25, 9]


def test_rows_before_the_offset_that_changed_start_over(path: Path) -> None:
    cursor = appended(path).cursor
    rewrite(path, HEAD + b"0,0,7.5\r\n0,1,7.25\r\n0,2,7.125\r\n")
    look = appended(path, cursor)
    assert look.restarted
    assert losses(look) == [7.5, 7.25, 7.125]


@pytest.mark.parametrize("half", [b"", b"epoch,st", b"epoch,step,loss,acc\r\n", b"epoch,step,loss,acc\r\n0,0,1"])
def test_a_header_rewrite_caught_half_way_keeps_what_was_known(path: Path, half: bytes) -> None:
    cursor = appended(path).cursor
    rewrite(path, half)
    caught = appended(path, cursor)
    whole = b"epoch,step,loss,acc\r\n0,0,1.5,\r\n0,1,1.25,\r\n0,1,,0.5\r\n"
    rewrite(path, whole)
    done = appended(path, caught.cursor)
    assert (caught.points, caught.restarted) == ({}, False)
    assert done.restarted
    assert bits(done.points) == bits(read_metrics(path))


def test_a_rewrite_seen_half_way_twice_comes_out_whole(path: Path) -> None:
    """The second look believes the shorter file; the rest then counts as appended."""
    parts = [appended(path)]
    rewrite(path, b"epoch,step,loss,acc\r\n0,0,1.5,\r\n")
    parts += [first := appended(path, parts[0].cursor), appended(path, first.cursor)]
    append(path, b"0,1,1.25,\r\n0,1,,0.5\r\n")
    parts.append(appended(path, parts[-1].cursor))
    assert [part.restarted for part in parts] == [True, False, True, False]
    assert bits(joined(part.points for part in parts[2:])) == bits(read_metrics(path))


def test_a_file_that_shrank_is_not_read_on_even_if_only_a_torn_row_went(path: Path) -> None:
    whole = path.read_bytes()
    append(path, b"0,2,0.0")
    cursor = appended(path).cursor
    rewrite(path, whole)
    caught = appended(path, cursor)
    again = appended(path, caught.cursor)
    assert [caught.restarted, again.restarted] == [False, True]
    assert losses(again) == [1.5, 1.25]


def test_a_rewrite_is_caught_also_after_the_file_has_grown(path: Path) -> None:
    cursor = appended(path).cursor
    append(path, b"0,2,1.0\r\n" * 50)
    cursor = appended(path, cursor).cursor
    rewrite(path, b"epoch,step,loss,acc\r\n" + b"0,2,1.0,\r\n" * 20)
    caught = appended(path, cursor)
    assert (caught.points, caught.restarted) == ({}, False)


def test_every_rewrite_is_waited_for_anew(path: Path) -> None:
    whole = path.read_bytes()
    look = appended(path)
    for _ in range(3):
        rewrite(path, b"epoch")
        look = appended(path, look.cursor)
        assert (look.points, look.restarted) == ({}, False)
        whole += b"0,2,1.0\r\n"
        rewrite(path, whole)
        look = appended(path, look.cursor)
        assert (losses(look), look.restarted) == ([1.0], False)
        rewrite(path, HEAD)
        look = appended(path, look.cursor)
        assert (look.points, look.restarted) == ({}, False)
        rewrite(path, whole)
        look = appended(path, look.cursor)
        assert (look.points, look.restarted) == ({}, False)


def test_a_cursor_stays_small(path: Path) -> None:
    cursor = appended(path).cursor
    append(path, b"0,2,1.0\r\n" * 1000)
    cursor = appended(path, cursor).cursor
    assert path.read_bytes().endswith(cursor.fingerprint)
    assert len(cursor.fingerprint) == 64


def test_a_torn_header_is_waited_for_however_long(path: Path) -> None:
    look = appended(path)
    rewrite(path, b"epoch,st")
    for _ in range(3):
        look = appended(path, look.cursor)
        assert (look.points, look.restarted) == ({}, False)


def test_a_new_file_without_a_whole_header_is_no_start(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_bytes(b"epoch,st")
    look = appended(path)
    append(path, b"ep,loss\r\n")
    assert not look.restarted
    assert appended(path, look.cursor).restarted


def test_a_file_that_vanished_leaves_the_cursor_good(path: Path) -> None:
    cursor = appended(path).cursor
    path.rename(path.with_name("away"))
    with pytest.raises(FileNotFoundError):
        appended(path, cursor)
    path.with_name("away").rename(path)
    append(path, b"0,2,1\r\n")
    assert losses(appended(path, cursor)) == [1]


def test_a_large_tail_reads_as_many_small_ones(path: Path) -> None:
    cursor = appended(path).cursor
    append(path, b"".join(b"%d,%d,%d.5\r\n" % (n // 100, n, n) for n in range(2, 30_000)))
    look = appended(path, cursor)
    assert not look.restarted
    assert look.points["loss"].row.tolist() == list(range(2, 30_000))
    assert losses(look) == [n + 0.5 for n in range(2, 30_000)]


@pytest.fixture(scope="module")
def growing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("growing") / "metrics.csv"


@settings(max_examples=200, deadline=None)
@given(hostile(), st.lists(st.integers(0, 60), max_size=6))
def test_looks_at_a_growing_file_join_to_the_file(growing: Path, data: bytes, cuts: list[int]) -> None:
    look = Appended({}, Cursor())
    parts: list[Mapping[str, Series]] = []
    for size in sorted({*cuts, len(data)}):
        growing.write_bytes(data[:size])  # the same inode each time
        look = appended(growing, look.cursor)
        parts = [*(() if look.restarted else parts), look.points]
    assert bits(joined(parts)) == bits(read_metrics(growing, live=True))


def test_metrics_of_the_same_rows_share_where_they_stand_also_when_parts_are_joined(tmp_path: Path) -> None:
    """Twenty metrics would hold 64 MB for 100,000 rows, not 18."""
    path = tmp_path / "metrics.csv"
    path.write_bytes(b"epoch,step,loss,acc\r\n0,0,1.5,0.5\r\n")
    first = appended(path)
    append(path, b"0,1,1.25,0.75\r\n")
    whole = joined([first.points, appended(path, first.cursor).points])
    assert whole["loss"].step is whole["acc"].step
    assert whole["loss"].epoch is whole["acc"].epoch
    assert whole["loss"].row is whole["acc"].row
    assert not whole["loss"].row.flags.writeable
