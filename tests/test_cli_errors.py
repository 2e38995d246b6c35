"""What is said of a command line that cannot be understood, and with which exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from spt_cli.commands import main_ours
from spt_cli.tree import snapshot as snapshots
from tests.shell import spt
from tests.trees import Tree


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("lss", "spt: no such command lss\n     did you mean ls?\n     `spt --help` shows what there is\n"),
        ("ls --stat x", "spt: no such option --stat\n     did you mean --state"),
        ("ls -n", "spt: option '-n' requires an argument\n"),
        ("ls -n x", "spt: invalid value for '-n' / '--limit'"),
        ("ls -o jsn", "spt: --output cannot be jsn\n     did you mean json, ndjson?\n"),
        ("ls --color blue", "spt: --color cannot be blue\n     it can be auto, always, never\n"),
        ("ls --json -o csv", "spt: --json and -o csv ask for two different things\n"),
        ("ls -c id -o json", "spt: -c chooses columns, and json has none\n"),
        ("ls --stale-after soon", 'spt: "soon" is no duration\n     write it like'),
        ("ls --sort ,", "spt: cannot sort by ,\n"),
        ("ls -c id,,state", "spt: cannot show id,,state\n"),
        ("-v", "spt: -v goes with --version\n"),
        ("metrics", "spt: which run?\n"),
        ("metrics x --plot -o csv", "spt: --plot draws"),
        ("metrics x --pivot -o json", "spt: --pivot goes with rows"),
        ("metrics x --follow -o json", "spt: --follow prints points as they come"),
        ("logs x -o csv", "spt: -o csv goes with --list\n"),
        ("logs x -C 2", "spt: -C goes with --grep"),
        ("logs x --raw --grep a", "spt: --raw gives all bytes"),
        ("logs x --traceback -f", "spt: --traceback goes with neither"),
        ("logs x --grep (", "spt: --grep ( is no regular expression"),
        ("logs x --stream a --err", "spt: --stream names a stream"),
        ("logs x --rank one", "spt: --rank is a number from 0 or all, not one\n"),
        ("help wher", "spt: no page wher\n     did you mean where?\n"),
        ("demo", "spt: missing argument"),
    ],
)
def test_wrong_usage_is_told_in_a_sentence_and_is_exit_code_2(words: str, said: str) -> None:
    done = spt(*words.split())
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(said)


def test_the_place_of_a_mistake_in_a_selection_is_shown(tree: Tree) -> None:
    done = spt("ls", tree.root, "-w", "state = 'failed'")
    assert done.code == 2
    assert done.err.splitlines()[1:3] == ["     state = 'failed'", "           ^"]


def test_a_mistyped_name_is_an_error_where_there_are_runs(tree: Tree) -> None:
    assert spt("ls", tree.root, "-w", "width > 3").code == 0
    tree.run("r", hparams={"model.width": 4})
    done = spt("ls", tree.root, "-w", "widht > 3")
    assert (done.code, done.err.splitlines()[0]) == (2, "spt: no run has widht")
    assert "did you mean" in done.err
    assert "width" in done.err


def test_what_a_user_typed_does_not_act_on_the_terminal(tree: Tree) -> None:
    err = spt("ls", tree.root / "\x1b[2J\udcff").err
    assert err == f"spt: no such folder: {tree.root}/\\x1b[2J\\xff\n"


def test_a_name_with_a_line_feed_cannot_say_a_line_of_its_own(tree: Tree) -> None:
    for name in ("a\nspt: all is well", "ab\n"):
        tree.run(name)
    assert spt("logs", tree.root / "ab\n").err.splitlines()[0] == r"spt: no logs of ab\n"
    assert spt("logs", "--root", tree.root, "a").err.splitlines() == [
        "spt: a could be 2 runs",
        r"     a\nspt: all is well",
        r"     ab\n",
    ]


def test_an_unexpected_error_is_a_sentence_and_a_traceback_only_with_debug(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> object:
        raise KeyError("x")

    monkeypatch.setattr(snapshots, "look", broken)
    done = spt("ls", tree.root)
    assert (done.code, done.out) == (1, "")
    assert done.err == "spt: this is a mistake in spt: KeyError: 'x'\n     `--debug` shows where; please report it\n"
    assert "Traceback (most recent call last)" in spt("ls", tree.root, "--debug").err


def test_a_users_mistake_has_a_traceback_only_with_debug(tree: Tree) -> None:
    assert ["Traceback" in spt("ls", tree.root, "-w", "a b", *debug).err for debug in ([], ["--debug"])] == [
        False,
        True,
    ]


@pytest.mark.parametrize("command", ["run", "web", "registry", "dump-csv-logs"])
def test_commands_of_stable_pretraining_say_whose_they_are(command: str) -> None:
    done = spt(command, "--port", "1")
    assert done.code == 2
    assert done.err.startswith(f"spt: `{command}` is a command of stable-pretraining, which is not installed here\n")


def test_commands_of_stable_pretraining_are_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[dict[str, object]] = []
    package, cli = ModuleType("stable_pretraining"), ModuleType("stable_pretraining.cli")

    def app(**options: object) -> None:
        called.append(options)
        sys.exit(7)

    vars(cli)["app"] = app
    monkeypatch.setitem(sys.modules, "stable_pretraining", package)
    monkeypatch.setitem(sys.modules, "stable_pretraining.cli", cli)
    assert spt("web", "runs", "--port", "1").code == 7
    assert called == [{"args": ["web", "runs", "--port", "1"], "prog_name": "spt"}]


def test_spt_cli_hands_nothing_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert main_ours(["web"]) == 2
    assert "run `spt web`: spt-cli has only its own commands" in capsys.readouterr().err


def test_a_folder_that_cannot_be_entered_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert spt("ls", tmp_path / "file") == (1, "", f"spt: not a folder: {tmp_path}/file\n")
