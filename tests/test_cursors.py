"""Cursors as a command gives them out, and what is said where there are none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from spt_cli.commands.cursors import Cursors, recalled
from spt_cli.commands.watchlines import How, awaited
from spt_cli.model import Progress, Snapshot
from spt_cli.render.runs import View
from spt_cli.render.terminal import Terminal
from spt_cli.tree.roots import Root, join
from spt_cli.watch.waiting import until
from spt_cli.watch.watching import Choice, Happening
from tests.made import a_run
from tests.trees import NOW

ROOT = Root("runs", "/data/runs", "runs")
LINKED = Root("link", "/data/runs", "link")
OTHER = Root("more", "/data/more", "more")
ADDED = [Happening("added", a_run("a"))]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "spt" / "watch"


@pytest.fixture
def said() -> list[str]:
    return []


def test_a_single_root_may_be_typed_otherwise_and_several_may_not(said: list[str]) -> None:
    """With several the label is in each id."""
    (one,) = Cursors([ROOT], {}, said.append, resumed=None).of(ADDED, {}, now=NOW)
    (two,) = Cursors([ROOT, OTHER], {}, said.append, resumed=None).of(ADDED, {}, now=NOW)
    assert one
    assert two
    assert recalled(one, [LINKED], said.append) == recalled(two, [OTHER, ROOT], said.append) == {"a": a_run("a")}
    assert said == []
    assert recalled(two, [LINKED, OTHER], said.append) == recalled(one, [OTHER], said.append) == {}
    assert said == [f"spt: the cursor {cursor} is one of other ROOTs; all runs are told anew" for cursor in (two, one)]


def test_the_journal_of_the_cursor_that_it_went_on_from_stays(cache: Path, said: list[str]) -> None:
    (cursor,) = Cursors([ROOT], {}, said.append, resumed=None).of(ADDED, {}, now=NOW)
    (path,) = cache.iterdir()
    os.utime(path, (NOW, NOW))
    Cursors([ROOT], {}, said.append, resumed=cursor).of([], {}, now=NOW + 9)
    assert path.stat().st_mtime == NOW + 9


def test_that_there_are_none_is_said_once(cache: Path, said: list[str]) -> None:
    cursors = Cursors([ROOT], {}, said.append, resumed=None)
    (path,) = cache.iterdir()
    path.unlink()
    path.symlink_to("/dev/full")
    for _ in range(2):
        assert cursors.of(ADDED, {}, now=NOW) == [None]
    assert said == ["spt: from here on events have no cursor: No space left on device"]


def test_a_folder_that_cannot_be_had_is_none(monkeypatch: pytest.MonkeyPatch, said: list[str]) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    assert Cursors([ROOT], {}, said.append, resumed=None).of(ADDED, {}, now=NOW) == [None]
    assert recalled("x", [ROOT], said.append) == {}
    assert said == [
        "spt: from here on events have no cursor: there is no cache folder that can be written",
        "spt: the cursor x cannot be looked up: there is no cache folder; all runs are told anew",
    ]


def test_nothing_is_met_before_all_runs_were_seen() -> None:
    """The run that does not meet it may be yet to come."""
    goal = until("state == 'completed'")
    end = awaited(How((ROOT,), Choice(), View(Terminal(), NOW), until=goal), lambda _: None)
    partial = Snapshot("/data/runs", {"a": a_run("a")}, progress=Progress(initial_done=False))
    assert end(join([ROOT], [partial])) is None
    assert end(join([ROOT], [Snapshot("/data/runs", {"a": a_run("a")})])) == 0
