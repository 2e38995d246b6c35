"""spt logs: which streams are printed, and how."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from spt_cli.choice.choose import choose
from spt_cli.commands.loglines import Desk
from spt_cli.logs.wanted import Wanted
from tests.shell import PROGRAM, environment, spt
from tests.trees import NOW, Tree

TRACE = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nKeyError: 1\n'


@pytest.fixture
def root(tree: Tree) -> Path:
    """A run with two streams, one that failed with a traceback, and one without logs."""
    tree.run("g/r1", at=NOW)
    tree.write("g/r1/a.out", "one\n10%\r20%\r\x1b[32mtwo\x1b[0m\nthree\n")
    tree.write("g/r1/a.err", "warning\n")
    tree.run("g/r2", at=NOW - 10, status="failed")
    tree.write("g/r2/b.out", "started\n")
    tree.write("g/r2/b.err", f"{TRACE}\nbye\n")
    tree.run("bare", at=NOW - 20)
    return tree.root


def logs(root: Path, *words: str, **options: Any) -> str:
    """What a call prints that goes well and says nothing."""
    done = spt("logs", "--root", root, *words, **options)
    assert (done.code, done.err) == (0, "")
    return done.out


def test_the_obvious_stream_is_printed_without_bars_and_colours(root: Path) -> None:
    assert logs(root, "r1") == "one\ntwo\nthree\n"


def test_of_a_failed_run_it_is_err(root: Path) -> None:
    assert logs(root, "r2") == f"{TRACE}\nbye\n"


def test_raw_gives_the_bytes(root: Path) -> None:
    assert logs(root, "r1", "--raw") == "one\n10%\r20%\r\x1b[32mtwo\x1b[0m\nthree\n"


def test_colours_stay_where_they_are_shown(root: Path) -> None:
    assert logs(root, "r1", "-n", "2", "--color", "always") == "\x1b[32mtwo\x1b[0m\nthree\n"


def test_the_last_lines(root: Path) -> None:
    assert logs(root, "r1", "-n", "1") == "three\n"
    assert logs(root, "r1", "-n", "0") == ""


def test_streams_are_chosen_by_kind_and_name(root: Path) -> None:
    assert logs(root, "r1", "--err") == "warning\n"
    assert logs(root, "r1", "--stream", "a.err") == "warning\n"
    assert logs(root, "r1", "--out", "--err", "-n", "1") == "a.out │ three\na.err │ warning\n"


def test_several_runs_have_their_names_before_each_line(root: Path) -> None:
    assert logs(root, "r1", "r2", "-n", "1") == "r1 │ three\nr2 │ bye\n"
    assert "\x1b[36mr1 │ \x1b[0mthree" in logs(root, "r1", "r2", "-n", "1", "--color", "always")


def test_ranks_of_a_real_run_are_merged(real_runs: Path) -> None:
    out = logs(real_runs, "array/70431_0", "--rank", "all", "-n", "1")
    assert [line.split(" │ ")[0] for line in out.splitlines()] == ["rank 0 .out", "rank 1 .out"]


def test_streams_are_listed_as_objects(root: Path) -> None:
    found = json.loads(logs(root, "r1", "--list", "--json"))
    assert found["problems"] == []
    assert [{k: s[k] for k in ("run_id", "name", "kind", "rank", "size", "stream_id")} for s in found["streams"]] == [
        {"run_id": "g/r1", "name": "a.out", "kind": "out", "rank": None, "size": 31, "stream_id": "a.out"},
        {"run_id": "g/r1", "name": "a.err", "kind": "err", "rank": None, "size": 8, "stream_id": "a.err"},
    ]


def test_streams_are_listed_for_people_and_pipes(root: Path) -> None:
    assert [line.split() for line in logs(root, "r1", "--list").splitlines()] == [
        ["stream", "kind", "rank", "size", "layout", "path"],
        ["a.out", "out", "-", "31", "B", "plain", f"{root}/g/r1/a.out"],
        ["a.err", "err", "-", "8", "B", "plain", f"{root}/g/r1/a.err"],
    ]
    assert logs(root, "r1", "--list", "-o", "name") == f"{root}/g/r1/a.out\n{root}/g/r1/a.err\n"
    assert logs(root, "r1", "r2", "--list", "-o", "csv").splitlines()[0].startswith("run_id,name,kind,rank,size")


def test_lines_are_searched_with_context(root: Path) -> None:
    assert logs(root, "r1", "--grep", "t.*e") == "three\n"
    assert logs(root, "r1", "--grep", "^one|three", "-C", "0") == "one\nthree\n"
    assert logs(root, "r2", "--grep", "File", "-C", "1") == TRACE
    assert logs(root, "r1", "--grep", "nothing") == ""


def test_matches_stand_out_and_gaps_are_marked(root: Path, tree: Tree) -> None:
    tree.write("g/r1/a.out", "a1\nb\nc\nd\ne\na2\n")
    out = logs(root, "r1", "--grep", "a", "-C", "1", "--color", "always")
    assert out == "\x1b[31ma\x1b[0m1\nb\n\x1b[2m--\x1b[0m\ne\n\x1b[31ma\x1b[0m2\n"
    assert logs(root, "r1", "--grep", "a", "-n", "1") == "a2\n"


def test_the_last_traceback(root: Path) -> None:
    assert logs(root, "r2", "--traceback") == TRACE
    assert logs(root, "r1", "r2", "--traceback") == f"g/r2: b.err\n{TRACE}"


def test_no_traceback_is_an_empty_result(root: Path) -> None:
    assert spt("logs", "--root", root, "r1", "--traceback") == (0, "", "spt: no traceback found\n")


def test_without_logs_it_says_where_it_looked(root: Path) -> None:
    done = spt("logs", "--root", root, "bare")
    assert (done.code, done.out) == (4, "")
    assert done.err.startswith("spt: no logs of bare\n     looked for\n")
    assert f"       {root}/bare/*.out\n" in done.err


def test_one_of_several_runs_without_logs_is_named(root: Path) -> None:
    done = spt("logs", "--root", root, "r1", "bare", "-n", "1")
    assert done == (0, "three\n", "spt: no logs of bare\n")


def test_a_run_without_logs_is_not_named_when_quiet(root: Path) -> None:
    assert spt("logs", "--root", root, "r1", "bare", "-n", "1", "-q") == (0, "three\n", "")


def test_logs_that_come_and_go_while_they_are_followed_are_no_news(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(choose([str(root / "g/r1"), str(root / "bare")], (), now=NOW), Wanted())
    (root / "g/r1/a.out").rename(root / "away")
    (root / "g/r1/a.err").unlink()
    assert desk.find() == []
    (root / "away").rename(root / "g/r1/a.out")
    assert [stream.name for _, stream in desk.find()] == ["a.out"]
    assert capsys.readouterr().err == ""


def test_an_unknown_stream_is_exit_code_4_with_a_suggestion(root: Path) -> None:
    done = spt("logs", "--root", root, "r1", "--stream", "a.ot")
    assert done == (4, "", "spt: g/r1: no stream a.ot\n     did you mean a.out?\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_log_that_may_not_be_read_is_told(root: Path) -> None:
    (root / "g/r1/a.out").chmod(0)
    done = spt("logs", "--root", root, "r1")
    assert (done.code, "Permission denied" in done.err) == (1, True)


def test_a_log_acts_on_no_terminal(root: Path, tree: Tree) -> None:
    tree.write("g/r1/a.out", b"\x1b[2J\x1b]0;title\x07\x9bx \xff\x9b31m<b>\x07\n")
    out = logs(root, "r1", "--color", "always")
    assert not {character for character in out if ord(character) < 32 and character != "\n"}


def test_follow_prints_what_a_log_gains(root: Path) -> None:
    words = [*PROGRAM, "logs", str(root / "g/r1"), "-f", "-n", "1"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(None)) as running:
        assert running.stdout
        assert running.stderr
        assert running.stdout.readline() == b"three\n"
        with (root / "g/r1/a.out").open("a") as file:
            file.write("fo")
            file.flush()
            file.write("ur\n")
        assert running.stdout.readline() == b"four\n"
        (root / "g/r1/a.out").write_text("anew\n")
        assert running.stdout.readline() == b"anew\n"
        os.kill(running.pid, signal.SIGTERM)
        assert (running.wait(), running.stderr.read()) == (143, b"spt: a.out begins anew\n")


def test_the_traceback_of_the_real_run_that_failed(real_runs: Path) -> None:
    out = logs(real_runs, "881291", "--traceback")
    assert out.splitlines()[0] == "Traceback (most recent call last):"
    assert out.splitlines()[-1] == "RuntimeError: CUDA error: device-side assert triggered (simulated crash)"
