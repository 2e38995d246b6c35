"""Tables and the terminals they are drawn on."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spt_cli.render.table import Cell, Column, Table, draw
from spt_cli.render.terminal import Terminal, detect
from spt_cli.words.text import cells

TABLE = Table(
    (Column("state"), Column("id", keep_end=True), Column("loss", right=True)),
    [
        [Cell("failed", "red"), Cell("cache/runs/20261123/r1"), Cell("0.5")],
        [Cell("running"), Cell("r2"), Cell()],
    ],
)


def drawn(terminal: Terminal, table: Table = TABLE, *, whole: bool = False) -> list[str]:
    return "".join(draw(table, terminal, whole=whole)).splitlines()


def test_in_a_pipe_nothing_is_cut_and_no_cell_is_empty() -> None:
    assert drawn(Terminal()) == [
        "state    id                      loss",
        "failed   cache/runs/20261123/r1   0.5",
        "running  r2                         -",
    ]


def test_on_a_terminal_the_widest_column_is_cut_until_a_line_fits() -> None:
    assert drawn(Terminal(width=24)) == [
        "state    id         loss",
        "failed   …61123/r1   0.5",
        "running  r2",
    ]


def test_a_number_is_not_cut_but_its_title_is() -> None:
    columns = Column("metric"), Column("min", right=True), Column("min_step", right=True)
    table = Table(columns, [[Cell("train/loss"), Cell("0.004255"), Cell("944")]])
    assert drawn(Terminal(width=25), table) == ["metric       min  min_st…", "train…  0.004255      944"]
    assert drawn(Terminal(width=10), table)[1] == "train…  0.004255     944"


def test_a_whole_table_is_not_cut() -> None:
    assert drawn(Terminal(width=10), whole=True)[1] == "failed   cache/runs/20261123/r1   0.5"


def test_colours_do_not_count_as_width() -> None:
    assert drawn(Terminal(width=80, color=True))[1] == "\x1b[31mfailed\x1b[0m   cache/runs/20261123/r1   0.5"


def test_where_only_ascii_can_be_shown_all_is_ascii() -> None:
    table = Table((Column("né"),), [[Cell("実験 " + "x" * 80)]])
    lines = drawn(Terminal(width=20, unicode=False), table)
    assert lines == [r"n\xe9", r"\u5b9f\u9a13 xxxxxx~"]


def test_text_that_acts_on_a_terminal_stays_in_its_cell() -> None:
    table = Table((Column("notes"), Column("b")), [[Cell("[/] \x1b[2J <b>\nx"), Cell("y")]])
    assert drawn(Terminal(width=80), table) == ["notes              b", r"[/] \x1b[2J <b> x  y"]


def test_an_empty_table_has_a_header_in_a_pipe_and_is_nothing_on_a_terminal() -> None:
    empty = Table((Column("id"),))
    assert drawn(Terminal(), empty) == ["id"]
    assert drawn(Terminal(width=80), empty) == []


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.text(max_size=60), min_size=3, max_size=3), min_size=1), st.integers(24, 100))
def test_every_line_fits(texts: list[list[str]], width: int) -> None:
    table = Table((Column("a"), Column("b"), Column("c")), [list(map(Cell, row)) for row in texts])
    assert max(cells(line) for line in drawn(Terminal(width=width), table)) <= width


class Tty(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """As a terminal does."""
        return True


@pytest.mark.parametrize(
    ("environ", "color", "expected"),
    [
        ({}, "auto", True),
        ({"TERM": "dumb"}, "auto", False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, "auto", True),
        ({"NO_COLOR": "1"}, "auto", False),
        ({"NO_COLOR": ""}, "auto", True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, "auto", False),
        ({"NO_COLOR": "1"}, "always", True),
        ({"FORCE_COLOR": "1"}, "never", False),
    ],
)
def test_who_decides_about_colours_on_a_terminal(environ: Mapping[str, str], color: str, expected: bool) -> None:
    assert detect(Tty(io.BytesIO()), environ, color).color is expected


@pytest.mark.parametrize(
    ("environ", "color", "expected"),
    [({}, "auto", False), ({"FORCE_COLOR": "1"}, "auto", True), ({}, "always", True)],
)
def test_who_decides_about_colours_in_a_pipe(environ: Mapping[str, str], color: str, expected: bool) -> None:
    assert detect(io.TextIOWrapper(io.BytesIO()), environ, color) == Terminal(color=expected)


def test_columns_counts_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "123")
    assert detect(Tty(io.BytesIO()), os.environ).width == 123
    assert detect(io.TextIOWrapper(io.BytesIO()), os.environ).width is None


@pytest.mark.parametrize(
    ("encoding", "unicode"), [("utf-8", True), ("UTF8", True), ("ascii", False), ("latin-1", False)]
)
def test_only_utf8_shows_more_than_ascii(encoding: str, unicode: bool) -> None:
    assert detect(Tty(io.BytesIO(), encoding=encoding), {}).unicode is unicode
    assert detect(io.TextIOWrapper(io.BytesIO(), encoding=encoding), {}).unicode is unicode


def test_a_closed_stdout_is_no_terminal() -> None:
    assert detect(None, {}) == Terminal()
