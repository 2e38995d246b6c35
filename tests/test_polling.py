"""Snapshots without end, whatever happens to the tree, and the newest of them among threads."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from spt_cli import Latest, apply, diff, poll
from spt_cli.model import Progress, Snapshot
from tests.trees import NOW, Tree


def polled(root: Path, **options: Any) -> Iterator[Snapshot]:
    """Polls without waiting, each scan a minute after the one before."""
    ticks = itertools.count(NOW, 60.0)
    return poll(root, clock=lambda: next(ticks), wait=lambda _: None, **options)


@pytest.fixture
def slow(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A run `quick`, and one `slow` whose folder opens only once the event is set."""
    tree.run("quick")
    folder = tree.run("slow")
    opens = threading.Event()
    real = os.open

    def opened(path: Any, *args: Any, **options: Any) -> int:
        if str(path) == str(folder):
            opens.wait(60)
        return real(path, *args, **options)

    monkeypatch.setattr(os, "open", opened)
    yield opens
    opens.set()


def test_every_snapshot_is_made_from_the_one_before(tree: Tree) -> None:
    tree.run("a")
    snapshots = polled(tree.root)
    first = next(snapshots)
    tree.run("b")
    second = next(snapshots)
    assert (set(first.runs), set(second.runs)) == ({"a"}, {"a", "b"})
    assert second.runs["a"] is first.runs["a"]


def test_a_long_first_scan_shows_what_it_has_so_far(tree: Tree, slow: threading.Event) -> None:
    snapshots = polled(tree.root)
    part = next(snapshots)
    assert (set(part.runs), part.progress) == ({"quick"}, Progress("discovering", 1, 1, initial_done=False))
    slow.set()
    whole = next(snapshot for snapshot in snapshots if snapshot.progress.initial_done)
    assert (set(whole.runs), whole.progress) == ({"quick", "slow"}, Progress("idle", 2, 2, initial_done=True))


def test_partial_snapshots_only_ever_add(tree: Tree, slow: threading.Event) -> None:
    snapshots = polled(tree.root)
    parts = [next(snapshots), next(snapshots)]
    slow.set()
    whole = next(snapshot for snapshot in snapshots if snapshot.progress.initial_done)
    history = [Snapshot(str(tree.root)), *parts, whole]
    kinds = [change.kind for old, new in itertools.pairwise(history) for change in diff(old, new).changes]
    assert kinds == ["added", "added"]


def test_a_closed_poll_lets_its_scan_go(tree: Tree, slow: threading.Event) -> None:
    snapshots = cast("Generator[Snapshot]", polled(tree.root))
    next(snapshots)
    workers = [thread for thread in threading.enumerate() if thread.name == "spt-walk"]
    snapshots.close()
    slow.set()
    for worker in workers:
        worker.join(60)
    assert not any(worker.is_alive() for worker in workers)


def test_a_root_that_is_not_there_yet_is_a_problem_until_it_is(tmp_path: Path) -> None:
    snapshots = polled(tmp_path / "runs")
    absent = next(snapshots)
    assert [problem.message for problem in absent.problems] == [f"no such folder: {tmp_path}/runs"]
    assert absent.progress == Progress("starting", initial_done=False)
    Tree(tmp_path / "runs").run("r")
    present = next(snapshots)
    assert (set(present.runs), present.problems) == ({"r"}, ())


def test_a_root_that_vanishes_and_comes_back_removes_nothing(tree: Tree) -> None:
    tree.run("r")
    snapshots = polled(tree.root)
    history = [next(snapshots)]
    away = tree.root.rename(tree.root.parent / "away")
    history += [next(snapshots), next(snapshots)]
    away.rename(tree.root)
    history.append(next(snapshots))
    assert [len(snapshot.problems) for snapshot in history] == [0, 1, 1, 0]
    assert [diff(old, new).changes for old, new in itertools.pairwise(history)] == [(), (), ()]


def test_a_root_that_vanishes_during_its_first_scan_removes_nothing(tree: Tree, slow: threading.Event) -> None:
    snapshots = polled(tree.root)
    part = next(snapshots)
    away = tree.root.rename(tree.root.parent / "away")
    slow.set()
    absent = next(snapshot for snapshot in snapshots if snapshot.problems)
    away.rename(tree.root)
    back = next(snapshot for snapshot in snapshots if snapshot.progress.initial_done)
    folded = part
    for old, new in itertools.pairwise([part, absent, back]):
        folded = apply(folded, diff(old, new))
        assert "quick" in folded.runs
    assert folded.runs == back.runs


def test_it_waits_what_is_left_of_the_interval(tree: Tree) -> None:
    waits: list[float] = []
    snapshots = poll(tree.root, interval=1_000.0, clock=lambda: NOW, wait=waits.append)
    next(snapshots)
    assert waits == []
    next(snapshots)
    assert 0 < waits[0] <= 1_000


def test_a_scan_longer_than_the_interval_is_followed_by_the_next_at_once(tree: Tree) -> None:
    waits: list[float] = []
    snapshots = poll(tree.root, interval=0.0, clock=lambda: NOW, wait=waits.append)
    list(itertools.islice(snapshots, 3))
    assert waits == [0.0, 0.0]


def test_an_ended_run_that_wait_names_is_looked_at_before_its_turn(tree: Tree) -> None:
    for run_id in ("asked", "other"):
        tree.run(run_id)
    tree.settle()
    snapshots = poll(tree.root, sweep=1e9, clock=lambda: NOW, wait=lambda _: {"asked", "unknown", ""})
    next(snapshots)
    for run_id in ("asked", "other"):
        tree.write(f"{run_id}/annotations.json", '{"notes": "edited"}', at=NOW)
    assert {run_id: run.notes for run_id, run in next(snapshots).runs.items()} == {"asked": "edited", "other": ""}


def in_thread(call: Any, *args: Any) -> tuple[threading.Thread, list[Any]]:
    """A thread that makes *call*, and the list into which it puts the answer."""
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(call(*args)), daemon=True)
    thread.start()
    return thread, answers


def test_the_newest_snapshot_is_the_one_set_last() -> None:
    latest, old, new = Latest(), Snapshot("/t"), Snapshot("/t")
    assert latest.get() is None
    latest.set(old)
    latest.set(new)
    assert latest.get() is new
    assert latest.newer(old) is new


def test_who_waits_for_a_newer_snapshot_gets_it_when_it_is_set() -> None:
    latest, snapshot = Latest(), Snapshot("/t")
    waiting = [in_thread(latest.newer, None, 60) for _ in range(8)]
    latest.set(snapshot)
    for thread, _ in waiting:
        thread.join(60)
    assert [answers for _, answers in waiting] == [[snapshot]] * 8


def test_who_starts_from_a_snapshot_of_its_own_waits_for_the_first_one() -> None:
    latest, snapshot = Latest(), Snapshot("/t")
    thread, answers = in_thread(latest.newer, Snapshot("/t"), 60)
    latest.set(snapshot)
    thread.join(60)
    assert answers == [snapshot]


def test_without_a_newer_snapshot_the_answer_is_none_in_time() -> None:
    latest, snapshot = Latest(), Snapshot("/t")
    latest.set(snapshot)
    assert latest.newer(snapshot, 0.0) is None


def test_an_equal_snapshot_that_is_another_object_is_newer() -> None:
    """A PATCH waits for the scan that followed it, also when the edit changed nothing."""
    latest, old, new = Latest(), Snapshot("/t"), Snapshot("/t")
    latest.set(new)
    assert latest.newer(old, 0.0) is new


def test_wake_ends_a_pause() -> None:
    latest = Latest()
    thread, _ = in_thread(latest.pause, 600)
    latest.wake()
    thread.join(60)
    assert not thread.is_alive()


def test_wake_before_a_pause_ends_that_pause_and_no_later_one() -> None:
    latest = Latest()
    latest.wake()
    latest.wake()
    latest.pause(600)
    thread, _ = in_thread(latest.pause, 600)
    thread.join(0.05)
    assert thread.is_alive()
    latest.wake()
    thread.join(60)


def test_a_pause_that_is_woken_says_which_folders_to_look_at_once() -> None:
    latest = Latest()
    latest.wake("a", "b")
    latest.wake("b")
    assert (latest.pause(600), latest.pause(0.0)) == ({"a", "b"}, set())


def test_a_snapshot_that_is_set_wakes_no_poller() -> None:
    latest = Latest()
    thread, _ = in_thread(latest.pause, 600)
    latest.set(Snapshot("/t"))
    thread.join(0.05)
    assert thread.is_alive()
    latest.wake()
    thread.join(60)


def test_a_poller_and_its_readers_end_up_with_the_same_runs(tree: Tree) -> None:
    """Three readers fold the net differences that they see while one thread polls as fast as it can."""
    tree.run("r")
    latest, rounds = Latest(), 200

    def follow() -> Snapshot:
        seen = folded = Snapshot(str(tree.root))
        while seen.taken_at < NOW + (rounds - 1) * 60 and (new := latest.newer(seen, 60)):
            folded, seen = apply(folded, diff(seen, new)), new
        return folded

    readers = [in_thread(follow) for _ in range(3)]
    for number, snapshot in enumerate(itertools.islice(polled(tree.root, sweep=0), rounds)):
        latest.set(snapshot)
        if number < rounds - 1:
            tree.run(f"new{number % 7}" if number % 3 else "r", notes=str(number))
    for thread, _ in readers:
        thread.join(60)
    final = latest.get()
    assert final is not None
    assert [answers[0].runs == final.runs for _, answers in readers] == [True] * 3
