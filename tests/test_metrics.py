"""metrics.csv as a whole: what is a point, where it stands, and that both engines agree."""

from __future__ import annotations

import csv
import os
from codecs import BOM_UTF8
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from spt_cli.metrics import engine_csv as metrics_csv
from spt_cli.metrics import engine_polars as metrics_polars
from spt_cli.metrics.engine_csv import Columns, header, number
from spt_cli.metrics.reading import joined, metric_chunks, read_metrics
from spt_cli.metrics.table import table
from tests.metrics_files import bits, hostile, lists

nan = None  # in lists() a missing number is None


def parsed(data: bytes, *, live: bool = False) -> dict[str, tuple[list[float | None], ...]]:
    read = table(data, live=live)
    return {} if read is None else lists(read.points)


def cells(columns: Columns) -> list[tuple[list[int], bytes]]:
    return [(rows.tolist(), values.tobytes()) for rows, values in columns.cells]


def by_both(data: bytes) -> tuple[Columns, Columns | None]:
    """The rows of *data* by the csv module and by polars."""
    names, start, _ = header(data)
    return metrics_csv.columns(data, start, len(names), live=False), metrics_polars.columns(data, len(names))


# what is a point


def test_train_and_validation_rows_of_one_step_are_points_of_their_metrics() -> None:
    assert parsed(b"epoch,lr,step,val/loss\r\n0,,7,\r\n0,0.1,7,\r\n0,,7,2.92\r\n") == {
        "lr": ([7], [0], [0.1]),
        "val/loss": ([7], [0], [2.92]),
    }


def test_nan_and_infinities_are_points_and_text_is_none() -> None:
    read = table(b"step,a\n0,nan\n1,inf\n2,-inf\n3,oops\n4,\n5,1\n", live=False)
    assert read is not None
    assert read.points["a"].step.tolist() == [0, 1, 2, 5]
    np.testing.assert_array_equal(read.points["a"].value, [np.nan, np.inf, -np.inf, 1])


@pytest.mark.parametrize(
    ("cell", "value"),
    [(" 1\t", 1.0), ("+1", 1.0), (".5", 0.5), ("1e400", float("inf")), ("Infinity", float("inf")), ("-0", -0.0)],
)
def test_a_number_is_what_float_reads(cell: str, value: float) -> None:
    assert number(cell) == value


@pytest.mark.parametrize("cell", ["1_0", "\u0661", "\xa01", "0x1", "", "1,5", "one", "1\x00"])
def test_a_number_has_no_underscore_and_nothing_outside_ascii(cell: str) -> None:
    assert number(cell) is None


def test_digits_outside_ascii_and_underscores_make_no_point() -> None:
    assert parsed("step,a,b\n0,\u0661,1_0\n1,5,6\n".encode()) == {"a": ([1], [nan], [5]), "b": ([1], [nan], [6])}


def test_a_metric_without_points_is_left_out() -> None:
    assert list(parsed(b"step,a,b,c\n0,,1,x\n")) == ["b"]


def test_metrics_come_in_header_order() -> None:
    assert list(parsed(b"z,step,a,m\n1,0,,\n,1,1,1\n")) == ["z", "a", "m"]


def test_a_column_without_name_is_skipped() -> None:
    assert parsed(b"step,,a\n0,5,1\n") == {"a": ([0], [nan], [1])}


def test_equal_names_feed_one_metric_in_row_order() -> None:
    assert parsed(b"a,step,a\n1,0,2\n,1,3\n4,2,\n") == {"a": ([0, 0, 1, 2], [nan] * 4, [1, 2, 3, 4])}


def test_equal_names_stand_at_their_rows_also_with_as_many_points_as_rows() -> None:
    assert parsed(b"step,a,a\n0,1,2\n1,,\n") == {"a": ([0, 0], [nan, nan], [1, 2])}


def test_equal_names_keep_their_order_in_a_row_however_many_rows() -> None:
    data = b"a,a\n" + b"".join(b"%d,%d\n" % (2 * row, 2 * row + 1) for row in range(1000))
    assert parsed(data)["a"][2] == list(range(2000))


def test_the_first_of_two_step_columns_counts_and_none_is_a_metric() -> None:
    assert parsed(b"step,a,step\n0,1,9\n,2,9\n") == {"a": ([0, 1], [nan, nan], [1, 2])}


def test_cells_beyond_the_header_are_ignored_and_missing_ones_are_empty() -> None:
    assert parsed(b"step,a,b\n0,1,2,3,4\n1,5\n") == {"a": ([0, 1], [nan, nan], [1, 5]), "b": ([0], [nan], [2])}


# where it stands


def test_x_is_step_else_epoch_else_the_row_number() -> None:
    assert parsed(b"step,epoch,a\n10,1,1\n,2,1\n,,1\nx,y,1\n") == {
        "a": ([10, nan, 2, 3], [1, 2, nan, nan], [1, 1, 1, 1])
    }


def test_blank_lines_count_as_rows() -> None:
    assert parsed(b"a\r\n1\r\n\r\n3\r\n") == {"a": ([0, 2], [nan, nan], [1, 3])}


def test_a_step_that_is_nan_is_a_step() -> None:
    assert parsed(b"step,a\nnan,1\n") == {"a": ([nan], [nan], [1])}


def test_rows_say_where_in_the_file_a_point_stands() -> None:
    read = table(b"step,a,b\n0,1,\n\n1,,2\n", live=False)
    assert read is not None
    assert {name: points.row.tolist() for name, points in read.points.items()} == {"a": [0], "b": [2]}


# odd bytes


@pytest.mark.parametrize("data", [b"", b"step,a\r\n", b"step,a", b"\n", b"\r\nstep,a\n0,1\n", BOM_UTF8])
def test_no_header_or_no_rows_give_no_metrics(data: bytes) -> None:
    assert parsed(data) == {}


def test_a_byte_order_mark_is_no_part_of_a_name() -> None:
    assert parsed(BOM_UTF8 + b'"step",a\n7,1\n') == {"a": ([7], [nan], [1])}


def test_bytes_that_are_not_utf8_are_replaced() -> None:
    assert parsed(b"step,caf\xe9,a\n0,1,\xe9\n1,2,3\n") == {
        "caf\ufffd": ([0, 1], [nan, nan], [1, 2]),
        "a": ([1], [nan], [3]),
    }


def test_quoted_cells_hold_commas_quotes_and_newlines() -> None:
    assert parsed(b'step,"a,b",note\r\n0,1,"x, ""y""\r\nz"\r\n1,"2",\r\n') == {"a,b": ([0, 1], [nan, nan], [1, 2])}


def test_a_lone_carriage_return_ends_a_row() -> None:
    assert parsed(b"step,a\r0,1\r\r2,3\n") == {"a": ([0, 2], [nan, nan], [1, 3])}


def test_a_huge_cell_is_no_threat_and_csvs_own_limit_stays() -> None:
    limit = csv.field_size_limit()
    text = b'"' + b"long, " * 50_000 + b'"'
    assert parsed(b"step,note,a\n0," + text + b",1\n") == {"a": ([0], [nan], [1])}
    assert csv.field_size_limit() == limit


# the end of the file


def test_a_last_line_without_newline_counts_when_the_writer_is_done() -> None:
    assert parsed(b"step,a\r\n0,1\r\n1,0.0") == {"a": ([0, 1], [nan, nan], [1, 0])}


@pytest.mark.parametrize("torn", [b"1,0.0", b"1,0.0123\r", b'1,5,"note\r\n', b"1", b""])
def test_a_torn_last_line_of_a_live_run_does_not_count(torn: bytes) -> None:
    assert parsed(b"step,a,note\r\n0,1,\r\n" + torn, live=True) == {"a": ([0], [nan], [1])}


@pytest.mark.parametrize("torn", [b"", b"step,a,tra", b"step,a\r", b'step,"a\n', b'step,"a\n0,1\n'])
def test_a_torn_header_of_a_live_run_has_no_metrics(torn: bytes) -> None:
    assert table(torn, live=True) is None


# from disk


def test_a_missing_file_is_an_error_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_metrics(tmp_path / "metrics.csv")


def test_a_pipe_named_metrics_csv_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "metrics.csv")
    with pytest.raises(OSError, match="not a regular file"):
        read_metrics(tmp_path / "metrics.csv")


def test_series_are_read_only(tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_bytes(b"step,a,b\n0,1,2\n")
    series = read_metrics(str(tmp_path / "metrics.csv"))["a"]
    with pytest.raises(ValueError, match="read-only"):
        series.step[0] = 1


def test_a_large_file_reads_as_a_small_one(tmp_path: Path) -> None:
    """A cell that only the csv module reads (`1 `) changes the engine, not the result."""
    head = b"step,a,b\r\n" + b"".join(b"%d,%d.25,%s\r\n" % (n, n, b"" if n % 3 else b"nan") for n in range(40_000))
    (tmp_path / "polars.csv").write_bytes(head + b"40000,,1")
    (tmp_path / "csv.csv").write_bytes(head + b"40000,,1 ")
    assert metrics_polars.columns(head + b"40000,,1", 3) is not None
    assert metrics_polars.columns(head + b"40000,,1 ", 3) is None
    assert bits(read_metrics(tmp_path / "polars.csv")) == bits(read_metrics(tmp_path / "csv.csv"))


# both engines


@settings(max_examples=300, deadline=None)
@given(hostile())
def test_both_engines_give_the_same_bits(data: bytes) -> None:
    by_csv, by_polars = by_both(data)
    if by_polars is not None:
        assert (by_polars.rows, by_polars.end) == (by_csv.rows, by_csv.end)
        assert cells(by_polars) == cells(by_csv)


@settings(max_examples=300, deadline=None)
@given(hostile())
def test_rows_that_are_split_are_what_the_csv_module_reads(data: bytes) -> None:
    names, start, _ = header(data)
    split = metrics_csv._tidy(data[start:], start, len(names))
    if split is not None:
        read = metrics_csv._untidy(data, start, len(names), live=False)
        assert (cells(split), split.rows, split.end) == (cells(read), read.rows, read.end)


def test_what_loggers_write_is_split(real_runs: Path) -> None:
    for path in real_runs.rglob("metrics.csv"):
        data = path.read_bytes()
        names, start, _ = header(data)
        assert metrics_csv._tidy(data[start:], start, len(names)) is not None


def test_numbers_that_share_a_quoted_cell_are_none() -> None:
    assert parsed(b'step,a,b\n0,"1,2",-0\n1,3,"-0, 4"\n') == {"a": ([1], [nan], [3]), "b": ([0], [nan], [0])}


def test_zero_keeps_its_sign() -> None:
    read = table(b"a\n-0\n0\n-0.0\n", live=False)
    assert read is not None
    assert np.signbit(read.points["a"].value).tolist() == [True, False, True]


@pytest.mark.parametrize(
    "rows",
    [
        b"0,1,2\r\n1,,nan\r\n2,-inf,1e400\r\n",
        b"0,1,2\n\n\n1,,\n,,\n",  # blank lines
        b"0,1\n1\n2,3,4\n",  # short rows
        b" 0,\t1,+.5\n",  # white space before a number
        b"0,1,2",
    ],
)
def test_polars_reads_a_usual_file(rows: bytes) -> None:
    by_csv, by_polars = by_both(b"step,a,b\n" + rows)
    assert by_polars is not None
    assert cells(by_polars) == cells(by_csv)


@pytest.mark.parametrize(
    "rows",
    [
        b'0,"1",2\n',
        b"0,1 ,2\n",
        b"0,text,2\n",
        b"0,1_0,2\n",
        b"0,\r,2\n",
        b"0\r,1,2\n",
        b"0,1,2\r\r\n",
        b"0,\x00,2\n",
        b"0,\xd9\xa1,2\n",
        b"0,1,2,3\n",
        b"\n" * 100,  # polars would make three cells of each line, of a wide header more than memory holds
    ],
)
def test_what_polars_cannot_be_trusted_with_goes_to_the_csv_module(rows: bytes) -> None:
    assert metrics_polars.columns(b"step,a,b\n" + rows, 3) is None


# pieces


def test_chunks_hold_so_many_rows_each_and_join_to_the_whole(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_bytes(b"step,a,b\n" + b"".join(b"%d,1,%s\n" % (n, b"2" * (n > 6)) for n in range(10)))
    whole = read_metrics(tmp_path / "m.csv")
    chunks = list(metric_chunks(whole, rows=4))
    assert [{name: points.step.tolist() for name, points in chunk.items()} for chunk in chunks] == [
        {"a": [0, 1, 2, 3]},
        {"a": [4, 5, 6, 7], "b": [7]},
        {"a": [8, 9], "b": [8, 9]},
    ]
    assert bits(joined(chunks)) == bits(whole)


def test_no_metrics_are_no_chunks() -> None:
    assert list(metric_chunks({})) == []
