"""spt on a terminal: widths, colours, footers, progress."""

from __future__ import annotations

import io
import os
import re
import sys
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from spt_cli.commands import trees
from spt_cli.model import Progress
from tests.shell import spt, terminal
from tests.trees import Tree

COLUMNS = "state,id,width,val/acc,val/loss,tags,notes"


def lines(sent: bytes) -> list[str]:
    return sent.decode().splitlines()


def plain(sent: bytes) -> list[str]:
    """The lines without colours."""
    return lines(re.sub(rb"\x1b\[\d*m", b"", sent))


def test_a_table_fits_and_ends_with_a_footer(real_runs: Path) -> None:
    code, sent = terminal("ls", real_runs, columns=70)
    assert code == 0
    assert max(map(len, plain(sent))) <= 70
    assert re.fullmatch(r"30 runs: 1 failed, 1 (stale|running), 28 completed · \d+\.\d\d s", plain(sent)[-1])


def test_the_footer_says_of_how_many_and_what_else_there_is(real_runs: Path, tree: Tree) -> None:
    tree.write("never/run_meta.json", "{}")
    tree.run("r1")
    tree.run("r2")
    _, sent = terminal("ls", tree.root, "-n", "1")
    assert plain(sent)[-1].startswith("1 of 2 runs: 1 completed · 1 other (--all) · ")


def test_quiet_has_no_footer(real_runs: Path) -> None:
    _, sent = terminal("ls", real_runs, "-q", "-n", "1")
    assert len(lines(sent)) == 2


def test_columns_outweighs_the_terminal(real_runs: Path) -> None:
    _, sent = terminal("ls", real_runs, columns=70, env={"COLUMNS": "100"})
    assert 70 < max(map(len, plain(sent))) <= 100


def test_a_terminal_of_0_columns_has_those_of_columns_or_80(real_runs: Path) -> None:
    for env, width in (({}, 80), ({"COLUMNS": "60"}, 60)):
        _, sent = terminal("ls", real_runs, columns=0, env=env)
        assert width - 20 < max(map(len, plain(sent))) <= width


class Screen(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


@pytest.mark.parametrize(
    ("quiet", "term", "said"),
    [
        (False, "xterm", "\r\x1b[Klooking for runs: 1,200 found\r\x1b[K"),
        (False, "dumb", ""),
        (True, "xterm", ""),
    ],
)
def test_who_waits_is_told_how_far_it_is_on_a_line_that_goes(
    quiet: bool, term: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trees, "_PATIENCE", -1)
    monkeypatch.setattr(sys, "stdout", Screen())
    monkeypatch.setattr(sys, "stderr", screen := Screen())
    monkeypatch.setenv("TERM", term)
    with trees._progress(quiet=quiet) as tell:
        if tell:
            tell(Progress("loading", 1200, 1000, initial_done=False))
    assert screen.getvalue() == said


def test_a_state_has_a_colour_and_a_glyph_and_a_word(real_runs: Path) -> None:
    _, sent = terminal("ls", real_runs, "--state", "failed")
    assert lines(sent)[1].startswith("\x1b[31m✗ failed\x1b[0m ")


@pytest.mark.parametrize(
    ("env", "words"), [({"NO_COLOR": "1"}, []), ({"TERM": "dumb"}, []), ({}, ["--color", "never"])], ids=str
)
def test_colours_can_be_turned_off(real_runs: Path, env: dict[str, str], words: list[str]) -> None:
    _, sent = terminal("ls", real_runs, *words, env=env)
    assert b"\x1b" not in sent


def test_where_utf8_is_not_shown_all_is_ascii(real_runs: Path) -> None:
    _, sent = terminal("ls", real_runs, encoding="ascii", columns=50)
    assert sent.isascii()
    assert b"x failed" in sent


def test_nothing_that_a_run_says_acts_on_the_terminal(tree: Tree) -> None:
    evil = "[/] \x1b[2J\x9b31m <b>\x07"
    name = os.fsdecode(b"r\xff\x1b[2J")
    folder = tree.run(name, notes=evil, tags=[evil], display_name=evil, hparams={evil: 1}, status=evil)
    tree.write(f"{name}/a.out", evil)
    tree.write(f"{name}/metrics.csv", f"step,{evil}\r\n0,1\r\n")
    calls: list[list[str | Path]] = [
        *(["ls", tree.root, "-o", form] for form in ("wide", "csv", "md", "name", "ndjson")),
        ["metrics", folder, "-m", "*", "--plot"],
        ["metrics", folder, "-m", "*", "-o", "csv"],
        ["logs", folder],
        ["logs", folder, "--list"],
    ]
    for words in calls:
        code, sent = terminal(*words, env={"NO_COLOR": "1"})
        assert code == 0, words
        control = {byte for byte in sent if byte < 32 and byte not in b"\t\n"} | {byte for byte in sent if byte == 127}
        assert not control, words
        assert b"\xc2\x9b" not in sent, words


def test_what_a_problem_says_is_not_cut(tree: Tree) -> None:
    path = tree.write("r/sidecar.json", "[]")
    _, sent = terminal("ls", tree.root, "--problems", columns=40)
    assert " ".join(lines(sent)[1].split()).startswith(f"{path} ")
    assert "…" not in sent.decode()


def test_chosen_columns_at_100(real_runs: Path, snapshot: SnapshotAssertion) -> None:
    words = ["-c", COLUMNS, "--sort", "run_id", "--state", "completed", "--state", "failed", "-q"]
    _, sent = terminal("ls", real_runs / "cache", *words, env={"COLUMNS": "100"})
    assert "\n".join(plain(sent)) == snapshot


def test_logs_are_cut_to_200_lines_on_a_terminal_only(tree: Tree) -> None:
    folder = tree.run("r")
    tree.write("r/a.out", "".join(f"{number}\n" for number in range(300)))
    _, sent = terminal("logs", folder)
    assert lines(sent)[0] == "100"
    assert spt("logs", folder).out.splitlines()[0] == "0"


def test_parquet_is_not_for_a_terminal(real_runs: Path) -> None:
    code, sent = terminal("metrics", real_runs / "slurm/requeued", "-o", "parquet")
    assert (code, lines(sent)[0]) == (2, "spt: parquet is not for a terminal")


def test_wide_is_not_fitted(real_runs: Path) -> None:
    _, sent = terminal("ls", real_runs, "-o", "wide", columns=60)
    assert max(map(len, plain(sent))) > 100
