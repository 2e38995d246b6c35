"""csv, tsv, markdown and names."""

from __future__ import annotations

import csv
import io
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from spt_cli.model import Problem
from spt_cli.render.lines import flat, markdown, separated, terminated
from spt_cli.render.table import Cell, Column, Table
from tests.made import a_run


def test_csv_writes_numbers_as_they_are_and_nothing_for_none() -> None:
    rows = [[math.nan, math.inf, -math.inf, None, True, 0.1, 3, ("a", "b"), "x"]]
    assert "".join(separated(list("abcdefghi"), rows)) == 'a,b,c,d,e,f,g,h,i\nnan,inf,-inf,,true,0.1,3,"a,b",x\n'


def test_tsv_has_tabs() -> None:
    assert "".join(separated(["a", "b"], [["1\t", "2"]], "\t")) == 'a\tb\n"1\t"\t2\n'


def test_there_is_always_a_header() -> None:
    assert list(separated(["a"], [])) == ["a\n"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\r\0")), min_size=2, max_size=2)))
def test_csv_is_read_back_as_it_was(rows: list[list[str]]) -> None:
    text = "".join(separated(["a", "b"], rows))
    assert list(csv.reader(io.StringIO(text, newline="")))[1:] == rows


def test_runs_become_their_fields_and_then_every_key_sorted() -> None:
    runs = [
        a_run("r1", hparams={"b": 1, "a": 2}, summary={"loss": 0.5}, tags=("x", "y")),
        a_run("r2", hparams={"c": None}, problems=(Problem("p", "torn"), Problem("q", "odd"))),
    ]
    header, rows = flat(runs)
    assert header == [
        *["run_id", "run_dir", "display_name", "status", "state", "alive"],
        *["created_at", "created", "ended_at", "ended", "heartbeat_at", "heartbeat"],
        *["tags", "notes", "checkpoint_path", "metrics_size", "has_media", "archived", "logger_run_id", "problems"],
        *["hparams.a", "hparams.b", "hparams.c", "summary.loss"],
    ]
    first, second = ("".join(separated(header, [row])).splitlines()[1] for row in rows)
    assert first == 'r1,/runs/r1,r1,completed,completed,false,,,,,,,"x,y",,,0,false,false,,,2,1,,0.5'
    assert second == 'r2,/runs/r2,r2,completed,completed,false,,,,,,,,,,0,false,false,,"torn,odd",,,,'


def test_markdown_shows_text_as_text() -> None:
    table = Table((Column("id"), Column("n", right=True)), [[Cell("a|b <b> *x* [y](z)\n`q`"), Cell("1")]])
    assert list(markdown(table)) == [
        "| id | n |\n",
        "| --- | --: |\n",
        r"| a\|b \<b> \*x\* \[y](z) \`q\` | 1 |" + "\n",
    ]


def test_names_end_with_a_newline_or_a_nul() -> None:
    assert list(terminated(["a b", "\udcff"])) == ["a b\n", "\udcff\n"]
    assert list(terminated(["a"], null=True)) == ["a\0"]
