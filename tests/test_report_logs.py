"""The ends of logs in a report: what is shown, in which order, and what is never opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from spt_cli.exported.document import Log
from spt_cli.model import Run
from spt_cli.report.logs import Tails, tails
from spt_cli.tree.roots import Forest, gather, resolve
from tests.trees import NOW, Tree

TRACE = """Traceback (most recent call last):
  File "train.py", line 3, in <module>
    main()
ValueError: bad
"""


def forest(tree: Tree) -> Forest:
    return gather(resolve([str(tree.root)])[0], now=NOW)


def read(
    tree: Tree, count: int = 50, *, also: tuple[str, ...] = (), secrets: tuple[tuple[str, ...], ...] = ()
) -> Tails:
    """The tails of all runs, in the order of their ids."""
    found = forest(tree)
    runs: list[tuple[int, Run]] = list(enumerate(found.runs[run_id] for run_id in sorted(found.runs)))
    return tails(found, runs, count, also=also, secrets=secrets)


def only(tree: Tree, count: int = 50) -> Log:
    (log,) = read(tree, count).logs[0]
    return log


def test_the_last_lines_and_how_much_stands_before(tree: Tree) -> None:
    tree.run("r")
    tree.write("r/a.out", "one\ntwo\nthree\n")
    assert only(tree, 2) == Log("a.out", "out", None, "a.out", 14, 4, "two\nthree")
    assert only(tree) == Log("a.out", "out", None, "a.out", 14, 0, "one\ntwo\nthree")


def test_a_last_line_without_its_newline_counts(tree: Tree) -> None:
    tree.run("r")
    tree.write("r/a.out", "one\ntwo")
    assert only(tree, 1).text == "two"


def test_progress_bars_collapse_and_colours_stay(tree: Tree) -> None:
    tree.run("r")
    tree.write("r/a.out", b"10%\r20%\r\n\x1b[31mred\x1b[0m\x1b]0;title\x07\x1b[2J\xff\n")
    assert only(tree).text == "20%\n\x1b[31mred\x1b[0m\ufffd\x1b[0m"


def test_long_lines_are_cut(tree: Tree) -> None:
    tree.run("r")
    tree.write("r/a.out", "x" * 5000 + "\n")
    assert only(tree).text == "x" * 1000 + "[… 4,000 bytes left out]"


def test_a_huge_line_without_an_end(tree: Tree) -> None:
    tree.run("r")
    tree.write("r/a.out", b"\r".join(b"%07d%%" % number for number in range(400_000)))
    log = only(tree)
    assert (log.text, log.before) == ("0399999%", log.size - (1 << 20))


def test_of_a_long_log_whole_lines_are_shown(tree: Tree) -> None:
    """Where the last lines are more than a MiB."""
    tree.run("r")
    tree.write("r/a.out", "".join(f"line {number:07}\n" for number in range(100_000)))
    log = only(tree, 100_000)
    assert (log.text[:5], log.text[-12:]) == ("line ", "line 0099999")
    assert log.before % 13 == 0
    assert log.before + len(log.text) + 1 == log.size


def test_a_traceback_among_the_last_lines_is_pointed_at(tree: Tree) -> None:
    tree.run("r")
    tree.write("r/a.out", f"one\ntwo\n{TRACE}bye\n")
    log = only(tree, 6)
    assert (log.text, log.traceback) == (f"two\n{TRACE}bye", 1)


def test_a_traceback_just_above_the_last_lines_is_shown_in_its_place(tree: Tree) -> None:
    tree.run("r")
    tree.write("r/a.out", f"one\n{TRACE}" + "later\n" * 20)
    log = only(tree, 3)
    assert (log.text, log.traceback, log.before) == (TRACE + "\n".join(["later"] * 20), 0, 4)


def test_a_traceback_far_above_stands_before_the_last_lines(tree: Tree) -> None:
    tree.run("r")
    tree.write("r/a.out", f"one\n{TRACE}\n" + "later\n" * 1000)
    log = only(tree, 2)
    assert log.text == f"{TRACE}[… 999 lines left out]\nlater\nlater"
    assert (log.traceback, log.before) == (0, 4)


def test_a_long_traceback_keeps_its_end(tree: Tree) -> None:
    frames = "".join(f'  File "deep.py", line {number}\n' for number in range(1000))
    tree.run("r")
    tree.write("r/a.out", f"Traceback (most recent call last):\n{frames}ValueError: bad\n\n" + "later\n" * 1000)
    lines = only(tree, 1).text.split("\n")
    assert lines[:2] == ["Traceback (most recent call last):", "[… 802 lines left out]"]
    assert lines[-3:] == ["ValueError: bad", "[… 1,000 lines left out]", "later"]
    assert len(lines) == 203


def test_the_log_with_a_traceback_comes_first(tree: Tree) -> None:
    tree.run("r", status="failed", hparams={"output_dir": str(tree.root / "r")})
    for name, text in (("a.out", "a\n"), ("a.err", "b\n"), ("z.out", TRACE)):
        tree.write(f"r/{name}", text)
    assert [log.name for log in read(tree).logs[0]] == ["z.out", "a.err", "a.out"]


@pytest.mark.parametrize(("status", "first"), [("failed", "a.err"), ("completed", "a.out")])
def test_the_obvious_log_comes_first(status: str, first: str, tree: Tree) -> None:
    tree.run("r", status=status)
    for name in ("a.err", "a.out"):
        tree.write(f"r/{name}", "x\n")
    assert read(tree).logs[0][0].name == first


def test_of_many_logs_four_are_shown(tree: Tree) -> None:
    tree.run("r")
    for number in range(10):
        tree.write(f"r/{number}.out", TRACE if number > 7 else "fine\n")
    found = read(tree)
    assert [log.name for log in found.logs[0]] == ["8.out", "9.out", "0.out", "1.out"]
    assert found.left_out == ("6 logs of runs that have more than 4",)


def test_empty_logs_are_no_evidence(tree: Tree) -> None:
    tree.run("r")
    tree.write("r/a.out", "")
    assert read(tree) == Tails({}, ())


def test_a_log_outside_of_the_roots_is_opened_only_when_allowed(tree: Tree, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.log").write_text("private\n")
    tree.run("r", hparams={"output_dir": str(elsewhere)})
    assert read(tree) == Tails({}, ("1 log outside of the roots (--logs-from DIR shows those in DIR)",))
    assert [log.text for log in read(tree, also=(str(elsewhere),)).logs[0]] == ["private"]


def test_a_link_out_of_the_root_is_not_followed(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("private\n")
    folder = tree.run("r")
    (folder / "a.out").symlink_to(tmp_path / "secret")
    (folder / "b.out").symlink_to(folder / "c.txt")
    (folder / "c.txt").write_text("ours\n")
    found = read(tree)
    assert [log.text for log in found.logs[0]] == ["ours"]
    assert found.left_out == ("1 log outside of the roots (--logs-from DIR shows those in DIR)",)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_log_that_may_not_be_read_is_counted(tree: Tree) -> None:
    tree.run("r")
    tree.write("r/a.out", "x").chmod(0)
    assert read(tree) == Tails({}, ("1 log that could not be read: permission denied",))


def test_secrets_of_a_run_are_removed_from_its_logs(tree: Tree) -> None:
    tree.run("r")
    tree.write("r/a.out", "token=abc-123-def\n")
    assert read(tree, secrets=(("abc-123-def",),)).logs[0][0].text == "token=[removed]"


def test_runs_of_several_roots(tree: Tree, tmp_path: Path) -> None:
    for name in ("one", "two"):
        Tree(tmp_path / name).run("r")
        Tree(tmp_path / name).write("r/a.out", f"{name}\n")
    found = gather(resolve([str(tmp_path / "one"), str(tmp_path / "two")])[0], now=NOW)
    logs = tails(found, list(enumerate(found.runs.values())), 5).logs
    assert [log.text for place in (0, 1) for log in logs[place]] == ["one", "two"]
