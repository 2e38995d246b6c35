"""What a shell is offered at TAB."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from spt_cli.commands import completion
from tests.shell import PROGRAM, environment, terminal
from tests.trees import Tree


@pytest.fixture
def root(tree: Tree) -> Path:
    tree.run("g0/881290", hparams={"model.width": 1}, summary={"val/acc": 1.0, "val/loss": 1.0}, tags=["base"])
    tree.run("g0/881291", status="failed")
    tree.run("g1/other")
    return tree.root


def offered(cache: Path, *words: str) -> list[str]:
    """What bash gets at the end of the last of *words*."""
    asked = {"_SPT_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(["spt", *words]), "COMP_CWORD": str(len(words))}
    env = environment({"XDG_CACHE_HOME": str(cache)} | asked)
    done = subprocess.run(PROGRAM, capture_output=True, text=True, env=env, check=False)
    assert done.stderr == ""
    return done.stdout.split()


class Context:
    """What Typer tells of the command line so far."""

    def __init__(self, command: str, *args: str, **params: list[str]) -> None:
        self.command = SimpleNamespace(name=command)
        self.args = list(args)
        self.params = params


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache folder, and all the time there is to look at a tree."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(completion, "_TIME", 60.0)
    return tmp_path / "cache"


@pytest.mark.usefixtures("cache")
def test_runs_metrics_hparams_tags_and_states(root: Path) -> None:
    some: Any = Context("metrics", root=[str(root)])
    listing: Any = Context("ls", str(root))
    assert completion.runs(some, "88") == ["881290", "881291"]
    assert completion.runs(some, "g0/") == ["g0/881290", "g0/881291"]
    assert completion.runs(some, "@") == ["@latest", "@best:"]
    assert completion.metrics(some, "val") == ["val/acc", "val/loss"]
    assert completion.names(listing, "state,wi") == ["state,width"]
    assert completion.tags(listing, "b") == ["base"]
    assert completion.states(listing, "") == ["completed", "failed"]


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("command", ["ls", "watch", "export", "serve"])
def test_where_roots_are_arguments_they_are_looked_at(command: str, root: Path) -> None:
    context: Any = Context(command, str(root))
    assert completion.tags(context, "") == ["base"]


def test_what_is_remembered_answers_within_a_minute(root: Path, cache: Path) -> None:
    some: Any = Context("metrics", root=[str(root)])
    assert completion.runs(some, "n") == []
    Tree(root).run("g2/new")
    assert completion.runs(some, "n") == []
    (kept,) = cache.rglob("*.json")
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    os.utime(kept, (0, 0))
    assert completion.runs(some, "n") == ["new"]


def test_a_tree_that_takes_too_long_is_not_waited_for(root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = threading.Event()
    monkeypatch.setattr(completion, "_TIME", 0.0)
    monkeypatch.setattr(completion, "gather", lambda *_, **__: answer.wait())
    some: Any = Context("metrics", root=[str(root)])
    assert completion.runs(some, "8") == []
    answer.set()


@pytest.mark.usefixtures("cache")
def test_names_that_no_prompt_can_hold_are_not_offered(tree: Tree) -> None:
    tree.run(os.fsdecode(b"r\xff"))
    for name in ("r\n1", "r2", "r$(reboot)", "r;x", "r 3", "r'4", "r\\$x", "-r", "r=0.1,é"):
        tree.run(name)
    some: Any = Context("metrics", root=[str(tree.root)])
    assert completion.runs(some, "r") == ["r2", "r=0.1,é"]
    assert completion.runs(some, "-") == []


def test_a_torn_cache_is_as_good_as_none(root: Path, cache: Path) -> None:
    some: Any = Context("metrics", root=[str(root)])
    completion.runs(some, "8")
    (kept,) = cache.rglob("*.json")
    for torn in ("{", "[]", '{"runs": 3}', "\xff"):
        kept.write_text(torn)
        assert completion.runs(some, "8") == []


def test_commands_options_and_their_values(tmp_path: Path) -> None:
    assert offered(tmp_path, "me") == ["metrics"]
    assert offered(tmp_path, "ls", "--stat") == ["--state"]
    assert offered(tmp_path, "ls", "-o", "js") == ["json"]
    assert offered(tmp_path, "help", "w") == ["where"]


def test_a_command_line_that_is_wrong_is_met_with_silence(tmp_path: Path) -> None:
    assert offered(tmp_path, "ls", "-o", "nonsense", "--nope", "--stat") in ([], ["--state"])


def test_what_a_terminal_showed_is_offered(root: Path, tmp_path: Path) -> None:
    terminal("ls", root, env={"XDG_CACHE_HOME": str(tmp_path)})
    assert offered(tmp_path, "metrics", "--root", str(root), "88") == ["881290", "881291"]


def test_a_listing_on_a_terminal_is_remembered_and_one_in_a_pipe_is_not(root: Path, tmp_path: Path) -> None:
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    subprocess.run([*PROGRAM, "ls", root], stdout=subprocess.DEVNULL, env=environment(env), check=True)
    assert not (tmp_path / "cache").exists()
    terminal("ls", root, env=env)
    assert len(list((tmp_path / "cache").rglob("*.json"))) == 1


def test_a_cache_folder_that_cannot_be_written_costs_nothing(root: Path) -> None:
    code, _ = terminal("ls", root, env={"XDG_CACHE_HOME": "/dev/null"})
    assert code == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script(shell: str) -> None:
    env = environment({"_SPT_COMPLETE": f"source_{shell}"})
    done = subprocess.run(PROGRAM, capture_output=True, text=True, env=env, check=True)
    assert f"complete_{shell}" in done.stdout
