"""The screen of `spt watch` on a real pseudo-terminal: keys, sizes, and how it is left."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.shell import PROGRAM
from tests.terminals import OnTerminal
from tests.trees import NOW, Tree

FAST = ("--interval", "0.1s")


def watch(root: Path, *words: str, **options: object) -> OnTerminal:
    return OnTerminal(*PROGRAM, "watch", root, *FAST, *words, **options)  # type: ignore[arg-type] # columns, env, ...


def sweep(tree: Tree, count: int = 5) -> Path:
    """Runs r0, the newest, to r4."""
    for at in range(count):
        folder = tree.run(f"r{at}", at=NOW - 1000 - at, hparams={"width": 8 * at}, summary={"val/acc": at / 10})
        tree.write(f"r{at}/metrics.csv", f"step,val/acc\r\n0,0\r\n10,{at / 10}\r\n")
        tree.write(f"r{at}/train.out", "hello from the log\n")
    assert folder
    return tree.root


def test_keys_drive_it(tree: Tree) -> None:
    with watch(sweep(tree), "-m", "val/acc", lines=40) as terminal:
        lines = terminal.until("▸ ✓ completed  r0")
        assert lines[:2] == [lines[0], "✓ 5 completed"]
        terminal.types("j\x1b[B\x1b[Bk")
        terminal.until("▸ ✓ completed  r2")
        terminal.types("\r")
        terminal.until("hello from the log")
        assert terminal.lines[0] == "r2"
        terminal.types("\x1b")
        terminal.until("▸ ✓ completed  r2")
        terminal.types("G")
        terminal.until("▸ ✓ completed  r4")
        terminal.types("s")
        terminal.until("by val/acc ↓")
        assert [re.findall(r"r\d", line)[0] for line in terminal.until("▸ ✓ completed  r4")[3:8]] == [
            "r4",
            "r3",
            "r2",
            "r1",
            "r0",
        ]
        terminal.types("?")
        terminal.until("a page up and down")
        terminal.types("\x1b")
        terminal.until("by val/acc ↓")
        terminal.types("q")
        assert terminal.ends() == 0
        terminal.is_as_before()


def test_a_selection_is_typed_and_a_mistake_is_told(tree: Tree) -> None:
    with watch(sweep(tree)) as terminal:
        terminal.until("✓ 5 completed")
        terminal.types("/val/acc >> 0.2\r")
        assert terminal.until("there is no arithmetic")[-1] == "where val/acc >> 0.2"
        terminal.types("\x15val/acc > 0.25\r")  # Ctrl-U takes it away
        terminal.until("where val/acc > 0.25 · by created")
        assert terminal.until("✓ 2 completed")[-1].startswith("where val/acc > 0.25 ·")
        terminal.types("/")
        terminal.until(lambda lines: lines[-1] == "where val/acc > 0.25")
        terminal.types("\x1b")
        terminal.until("✓ 5 completed")
        terminal.types("q")
        assert terminal.ends() == 0
        terminal.is_as_before()


def test_it_follows_the_tree_and_the_size_of_the_terminal(tree: Tree) -> None:
    with watch(sweep(tree), columns=40, lines=12) as terminal:
        terminal.until("✓ 5 completed")
        tree.run("new")
        terminal.until("✓ 6 completed")
        for columns, lines in ((100, 30), (40, 5), (200, 50)):
            terminal.resize(columns, lines)
            shown = terminal.until(filled(columns))
            assert len(shown) == lines
        terminal.types("q")
        assert terminal.ends() == 0


def filled(columns: int) -> Callable[[list[str]], bool]:
    """Whether the foot of a screen reaches its right end."""
    return lambda lines: len(lines[-1]) == columns


@pytest.mark.parametrize(
    ("ending", "code"), [("\x03", 130), (signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=str
)
def test_the_terminal_is_left_as_it_was(tree: Tree, ending: str | signal.Signals, code: int) -> None:
    with watch(sweep(tree)) as terminal:
        terminal.until_written(rb"\x1b\[\?2004h")  # the library of the screen is at work
        if isinstance(ending, str):
            terminal.types(ending)
        else:
            terminal.signals(ending)
        assert terminal.ends() == code
        terminal.is_as_before()


def test_also_when_it_ends_before_the_library_is_there(tree: Tree) -> None:
    with watch(sweep(tree)) as terminal:
        terminal.until_written(rb"\x1b\[\?1049h")
        terminal.signals(signal.SIGTERM)
        assert terminal.ends() == 143
        terminal.is_as_before()


def test_a_terminal_that_goes_away_ends_it(tree: Tree) -> None:
    with watch(sweep(tree)) as terminal:
        terminal.until_written(rb"\x1b\[\?2004h")
        assert terminal.hangs_up() == 129


CRASH = """
import sys, time
from pathlib import Path
from spt_cli.commands import options
from spt_cli.commands.screen import Shown, show
from spt_cli.tree.live import Live
from spt_cli.tree.roots import resolve

def boom(forest):
    if time.monotonic() > begun + 0.5:
        raise ZeroDivisionError("a mistake of ours")

begun = time.monotonic()
roots, _ = resolve([sys.argv[1]])
with Live(roots, interval=0.1) as live:
    show(live, Shown("runs", options.view(), until=boom, interval=0.1))
"""


def test_a_mistake_of_ours_is_shown_after_the_terminal_was_given_back(tree: Tree) -> None:
    with OnTerminal(sys.executable, "-c", CRASH, sweep(tree)) as terminal:
        assert terminal.ends() == 1
        terminal.is_as_before()
        assert b"ZeroDivisionError: a mistake of ours" in terminal.sent.rpartition(b"\x1b[?1049l")[2]


def test_it_stops_and_goes_on(tree: Tree) -> None:
    call = " ".join([*PROGRAM, "watch", str(sweep(tree)), *FAST])
    with OnTerminal(
        "bash", "--norc", "--noprofile", "-i", env={"PS1": "$ ", "BASH_SILENCE_DEPRECATION_WARNING": "1"}
    ) as terminal:
        terminal.until("$")
        terminal.types("stty -a | sha1sum; " + call + "\n")
        terminal.until("▸ ✓ completed  r0")
        terminal.types("\x1a")
        terminal.until("Stopped")
        assert terminal.sent.count(b"\x1b[?1049l") == 1
        terminal.types("stty -a | sha1sum; fg\n")
        terminal.until("▸ ✓ completed  r0")
        terminal.types("j")
        terminal.until("▸ ✓ completed  r1")
        terminal.types("q")
        terminal.until_written(rb"(?s)(\x1b\[\?1049l.*){2}\$ ")
        terminal.types("stty -a | sha1sum; exit\n")
        assert terminal.ends() == 0
        sums = re.findall(rb"[0-9a-f]{40}", terminal.sent)
        assert (len(sums), len(set(sums))) == (3, 1)
        terminal.is_as_before()


def test_without_a_keyboard_it_runs_until_it_is_ended(tree: Tree) -> None:
    with watch(sweep(tree), keyboard=False) as terminal:
        terminal.until("✓ 5 completed")
        tree.run("new")
        terminal.until("✓ 6 completed")
        terminal.signals(signal.SIGINT)
        assert terminal.ends() == 130
        terminal.is_as_before()


def test_without_colours_and_unicode_it_is_plain(tree: Tree) -> None:
    evil = os.fsdecode(b"r\xff\x1b[2J\xc2\x9b31m")
    tree.run(evil, notes=evil, hparams={evil: "x"}, display_name=evil)
    env = {"NO_COLOR": "1", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    with watch(tree.root, env=env, columns=120) as terminal:
        shown = "\n".join(terminal.until("> + completed"))
        assert r"r\xff\x1b[2J\xc2\x9b31m" in shown
        terminal.types("\r")
        terminal.until("hparam")
        terminal.types("q")
        assert terminal.ends() == 0
        assert terminal.sent.isascii()
        assert set(re.findall(rb"\x1b\[([0-9;]*)m", terminal.sent)) <= {b"", b"0"}
        terminal.is_as_before()


def test_what_is_waited_for_ends_it(tree: Tree) -> None:
    root = sweep(tree)
    for words, code in ((["--until", "val/acc >= 0"], 0), (["--timeout", "0.3s"], 124)):
        with watch(root, *words) as terminal:
            assert terminal.ends() == code
            terminal.is_as_before()
