"""What a watch tells of the runs it is about."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from spt_cli import scan
from spt_cli.choice.selection import selection
from spt_cli.choice.sorting import keys
from spt_cli.model import Run, Snapshot, Values
from spt_cli.render import json as render
from spt_cli.render.happenings import row
from spt_cli.watch.history import Journal, recall
from spt_cli.watch.watching import KINDS, Choice, Follower, Happening, chosen, fold, happenings, same, wanted
from tests.trees import NOW, Tree

RUN = Run("r", "/t/r", "r", "running", "running", alive=True, created_at=NOW - 60)
EVERYTHING = Choice()
RUNNING = Choice(selection('state == "running"'))


def of(*runs: Run) -> dict[str, Run]:
    return {run.run_id: run for run in runs}


def changed(**fields: Any) -> Run:
    return structs.replace(RUN, **fields)


def told(before: dict[str, Run], after: dict[str, Run], choice: Choice = EVERYTHING) -> list[tuple[str, Run]]:
    """What is told of a *choice* when all the runs were *before* and are *after*."""
    first, second = (of(*chosen(list(runs.values()), choice, now=NOW)) for runs in (before, after))
    return [(each.kind, each.run) for each in happenings(first, second, after)]


def silent(choice: Choice = EVERYTHING, known: dict[str, Run] | None = None) -> Follower:
    return Follower(choice, known, unknown=lambda _: None)


def test_a_chosen_run_that_changes_is_told_as_it_changes() -> None:
    after = changed(notes="n", summary=Values.of({"a": 1.0}))
    assert list(happenings(of(RUN), of(after), of(after))) == [Happening("changed", after, ("notes", "summary.a"))]


def test_a_run_that_comes_to_be_chosen_is_added() -> None:
    assert told(of(changed(state="stale")), of(RUN), RUNNING) == [("added", RUN)]


@pytest.mark.parametrize(("state", "kind"), [("completed", "finished"), ("failed", "failed"), ("stale", "stale")])
def test_a_run_that_is_dropped_because_it_is_over_says_so_before_it_is_removed(state: str, kind: str) -> None:
    after = changed(state=state)
    assert told(of(RUN), of(after), RUNNING) == [(kind, after), ("removed", after)]


def test_a_run_that_is_dropped_for_another_reason_is_removed_with_what_is_known_of_it() -> None:
    after = changed(archived=True, notes="put away")
    assert told(of(RUN), of(after)) == [("removed", after)]


def test_a_run_that_is_gone_is_removed_as_it_was_last_seen() -> None:
    assert told(of(RUN), {}) == [("removed", RUN)]


def test_what_happens_to_runs_that_are_not_chosen_is_not_told() -> None:
    assert told(of(changed(state="stale")), of(changed(state="failed")), RUNNING) == []


def test_a_metric_that_became_nan_or_infinite_is_named_once() -> None:
    before = changed(summary=Values.of({"a": math.nan, "b": 1.0, "c": 1.0, "word NaN": 1.0}))
    after = changed(summary=Values.of({"a": math.nan, "b": math.nan, "c": -math.inf, "word NaN": 2.0}))
    fields = ("summary.b", "summary.c", "summary.word NaN")
    assert list(happenings(of(before), of(after), of(after))) == [Happening("changed", after, fields, ("b", "c"))]
    assert [each.nan for each in happenings({}, of(before), of(before))] == [("a",)]


@pytest.mark.parametrize(
    ("fields", "beats"),
    [
        (("heartbeat_at",), True),
        (("heartbeat_at", "metrics_size"), True),
        (("heartbeat_at", "summary.a"), False),
        (("notes",), False),
    ],
)
def test_a_later_heartbeat_alone_is_a_sign_of_life(fields: tuple[str, ...], beats: bool) -> None:
    assert Happening("changed", RUN, fields).beats is beats


def test_an_added_run_is_no_mere_sign_of_life() -> None:
    assert not Happening("added", RUN).beats


def test_only_the_kinds_that_were_asked_for_are_told() -> None:
    each = Happening("changed", RUN, ("notes",))
    assert wanted(each, {"changed"}, first=False) == each
    assert wanted(each, {"failed", "added"}, first=False) is None


def test_a_run_that_fails_between_two_looks_is_told_to_who_wants_failures() -> None:
    new = Happening("added", changed(state="failed"))
    assert wanted(new, {"failed"}, first=False) == Happening("failed", new.run)
    assert wanted(new, {"failed", "added"}, first=False) == new
    assert wanted(new, {"failed"}, first=True) is None
    assert wanted(new, {"finished"}, first=False) is None


def test_runs_are_the_same_only_as_the_very_same_objects() -> None:
    assert same(of(RUN), of(RUN))
    assert not same(of(RUN), of(changed()))
    assert not same(of(RUN), {})
    assert not same({}, of(RUN))


def test_the_limit_follows_the_order() -> None:
    runs = [changed(run_id=name, summary=Values.of({"a": value})) for name, value in zip("abc", (1, 3, 2), strict=True)]
    best = Choice(by=keys("-a"), limit=2)
    assert [run.run_id for run in chosen(runs, best, now=NOW)] == ["b", "c"]
    assert [run.run_id for run in chosen(runs, Choice(by=()), now=NOW)] == ["a", "b", "c"]


def test_a_run_that_overtakes_another_takes_its_place() -> None:
    best = Choice(by=keys("-a"), limit=1)
    low, high = (changed(run_id=name, summary=Values.of({"a": value})) for name, value in (("x", 1), ("y", 2)))
    higher = structs.replace(low, summary=Values.of({"a": 3}))
    assert told(of(low, high), of(higher, high), best) == [("added", higher), ("removed", high)]


@pytest.mark.parametrize(
    ("choice", "timed"),
    [
        (Choice(), False),
        (RUNNING, False),
        (Choice(selection('age > "2h"')), True),
        (Choice(selection('not (created < "2d")')), True),
        (Choice(selection('hparams["age"] > 2')), False),
        (Choice(selection(since="2d")), True),
        (Choice(selection(before="2026-11-20")), True),
        (Choice(by=keys("duration")), False),
        (Choice(by=keys("-duration"), limit=3), True),
        (Choice(by=keys("-val/acc"), limit=3), False),
    ],
)
def test_a_choice_that_looks_at_the_clock_is_known(choice: Choice, timed: bool) -> None:
    assert choice.timed is timed


def test_runs_are_added_as_they_are_found() -> None:
    follower = silent()
    assert follower.look(of(RUN), now=NOW, complete=False) == [Happening("added", RUN)]
    other = changed(run_id="s")
    assert follower.look(of(RUN, other), now=NOW) == [Happening("added", other)]
    assert follower.first


def test_a_follower_keeps_to_the_limit_and_its_order() -> None:
    runs = of(
        *(changed(run_id=name, summary=Values.of({"a": value})) for name, value in zip("abc", (1, 3, 2), strict=True))
    )
    best = Choice(by=keys("-a"), limit=2)
    assert [each.run.run_id for each in silent(best).look(runs, now=NOW)] == ["b", "c"]


def test_what_comes_after_the_first_whole_look_was_not_there_at_first() -> None:
    follower = silent()
    follower.look(of(RUN), now=NOW, complete=False)
    follower.look(of(RUN), now=NOW)
    follower.look(of(RUN, changed(run_id="s")), now=NOW)
    assert not follower.first


def test_nothing_happens_while_all_runs_are_the_same_objects() -> None:
    follower = silent()
    assert follower.look(of(RUN), now=NOW) == [Happening("added", RUN)]
    assert follower.look(of(RUN), now=NOW + 9e9) == []


def test_a_run_that_grows_too_old_is_removed_though_it_does_not_change() -> None:
    follower = silent(Choice(selection('age < "2h"')))
    assert follower.look(of(RUN), now=NOW) == [Happening("added", RUN)]
    assert follower.look(of(RUN), now=NOW + 7200) == [Happening("removed", RUN)]


def test_who_goes_on_from_what_was_told_waits_until_all_runs_are_seen() -> None:
    other, failed = changed(run_id="s"), changed(state="failed")
    follower = silent(known=of(RUN, other))
    assert follower.look(of(failed), now=NOW, complete=False) == []
    assert follower.look(of(failed), now=NOW) == [Happening("failed", failed, ("state",)), Happening("removed", other)]
    assert not follower.first


def test_an_unknown_name_is_told_when_all_runs_are_seen() -> None:
    said: list[str] = []
    follower = Follower(Choice(selection("val/acc > 0.5")), unknown=said.append)
    follower.look({}, now=NOW)
    follower.look(of(RUN), now=NOW, complete=False)
    assert said == []
    assert follower.look(of(RUN), now=NOW) == []
    assert said == ["no run has val/acc"]


CHOICES = st.sampled_from(
    [
        Choice(by=()),
        RUNNING,
        Choice(selection("val/acc > 0.5", archived=True)),
        Choice(selection('age < "100s"')),
        Choice(by=keys("-val/acc"), limit=2),
        Choice(selection(states=["running", "failed"], tags=["a"]), by=()),
    ]
)
RUNS = st.sampled_from(["a", "b/x", "b/y", "c\udcff"])
NUMBERS = st.sampled_from([0.1, 0.9, math.nan, math.inf])
Step = Callable[[Tree, float], object]


def write(name: str, status: str, acc: float, tags: list[str]) -> Step:
    def step(tree: Tree, now: float) -> None:
        tree.run(name, at=now, heartbeat=now, status=status, tags=tags, summary={"val/acc": acc}, created_at=now - 50)

    return step


def log(name: str, header: bool) -> Step:
    """A metrics.csv that grows, or is written anew with another header."""

    def step(tree: Tree, now: float) -> None:
        path = tree.root / name / "metrics.csv"
        old = path.read_bytes() if path.exists() else b""
        tree.write(f"{name}/metrics.csv", b"step,a,b\r\n" if header else old + b"1,2\r\n", at=now)

    return step


def archive(name: str, archived: bool) -> Step:
    def step(tree: Tree, now: float) -> None:
        if (tree.root / name).is_dir():
            tree.write(f"{name}/annotations.json", json.dumps({"archived": archived}), at=now)

    return step


def delete(name: str) -> Step:
    return lambda tree, _: shutil.rmtree(tree.root / name, ignore_errors=True)


def rename(name: str, to: str) -> Step:
    def step(tree: Tree, _: float) -> None:
        with suppress(OSError):
            (tree.root / name).rename(tree.root / to)

    return step


STEPS = st.one_of(
    st.builds(
        write,
        RUNS,
        st.sampled_from(["running", "completed", "failed"]),
        NUMBERS,
        st.sampled_from([["a"], []]),
    ),
    st.builds(log, RUNS, st.booleans()),
    st.builds(archive, RUNS, st.booleans()),
    st.builds(delete, RUNS),
    st.builds(rename, RUNS, RUNS),
)
HISTORIES = st.lists(st.tuples(st.lists(STEPS, max_size=4), st.sampled_from([3.0, 60.0, 200.0])), max_size=8)


@given(CHOICES, HISTORIES, st.data())
@settings(max_examples=60, deadline=None)
def test_events_of_any_history_replayed_give_what_is_chosen_and_so_does_any_cursor(
    choice: Choice, history: list[tuple[list[Step], float]], data: st.DataObject
) -> None:
    """Folded as values, as lines of ndjson by whoever reads them, and from the journal up to each event."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        (top / "runs").mkdir()
        tree, now = Tree(top / "runs"), NOW
        follower, journal = silent(choice), Journal(top, [("", "runs")], {}, now=NOW)
        replayed: dict[str, Run] = {}
        read: dict[str, Any] = {}
        cursors: list[tuple[str, dict[str, Run]]] = []
        last: Snapshot | None = None
        for steps, seconds in history:
            for step in steps:
                step(tree, now)
            now += seconds
            last = scan(tree.root, last, now=now, sweep=0)
            before = follower.told
            happened = follower.look(last.runs, now=now)
            for each, cursor in zip(happened, journal.append(happened, before), strict=True):
                replayed = fold(replayed, [each])
                cursors.append((cursor, replayed))
                event = json.loads(render.encode(row(each, cursor=cursor, now=now)))
                assert (event["event"] in KINDS, event["cursor"]) == (True, cursor)
                if event["event"] == "removed":
                    del read[event["run"]["run_id"]]
                else:
                    read[event["run"]["run_id"]] = event["run"]
            truth = of(*chosen(list(last.runs.values()), choice, now=now, unknown=lambda _: None))
            assert replayed == truth == follower.told
            assert read == {run_id: json.loads(render.encode(render.row(run))) for run_id, run in truth.items()}
        if cursors:
            cursor, then = data.draw(st.sampled_from(cursors))
            assert recall(top, cursor, [("", "runs")]) == then
