"""The difference of two snapshots, and applying it."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from spt_cli import apply, diff
from spt_cli.model import Change, Event, Problem, Progress, Run, Snapshot, Values

RUN = Run("r", "/t/r", "r", "running", "running", alive=True)
PROBLEM = Problem("/t/x", "broken")


def of(*runs: Run, **fields: Any) -> Snapshot:
    return Snapshot("/t", {run.run_id: run for run in runs}, **fields)


def changed(**fields: Any) -> Run:
    return structs.replace(RUN, **fields)


def test_nothing_happened_between_equal_snapshots() -> None:
    assert diff(of(RUN), of(changed(), taken_at=9.0)) == Event()


def test_a_new_run_is_added() -> None:
    assert diff(of(), of(RUN)).changes == (Change("added", "r", RUN),)


def test_a_run_that_is_gone_is_removed() -> None:
    assert diff(of(RUN), of()).changes == (Change("removed", "r"),)


def test_a_run_that_a_partial_snapshot_lacks_is_not_removed() -> None:
    assert diff(of(RUN), of(progress=Progress(initial_done=False))).changes == ()


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("running", "completed", "finished"),
        ("running", "failed", "failed"),
        ("running", "stale", "stale"),
        ("stale", "completed", "finished"),
        ("completed", "failed", "failed"),
        ("stale", "running", "changed"),
        ("failed", "running", "changed"),
        ("running", "queued", "changed"),
    ],
)
def test_the_kind_of_a_change_is_the_state_that_it_led_to(before: str, after: str, kind: str) -> None:
    run = changed(state=after)
    assert diff(of(changed(state=before)), of(run)).changes == (Change(kind, "r", run, ("state",)),)


def test_a_change_without_another_state_is_just_that() -> None:
    before, after = changed(state="completed"), changed(state="completed", notes="n")
    assert diff(of(before), of(after)).changes == (Change("changed", "r", after, ("notes",)),)


def test_the_fields_of_a_change_are_named_in_the_order_of_a_run() -> None:
    after = changed(archived=True, notes="n", tags=("a",), alive=False, problems=(PROBLEM,))
    assert diff(of(RUN), of(after)).changes[0].fields == ("alive", "tags", "notes", "archived", "problems")


def test_metrics_and_hparams_are_named_one_by_one() -> None:
    before = changed(summary=Values.of({"same": 1.0, "other": 1.0, "gone": 1.0}), hparams=Values.of({"lr": 1}))
    after = changed(summary=Values.of({"same": 1.0, "other": 2.0, "new": 1.0}), hparams=Values.of({"lr": 2}))
    fields = ("hparams.lr", "summary.other", "summary.gone", "summary.new")
    assert diff(of(before), of(after)).changes[0].fields == fields


def test_nan_is_no_change_of_nan() -> None:
    before = changed(summary=Values.of({"a": math.nan, "b": 1.0}))
    after = changed(summary=Values.of({"a": math.nan, "b": 2.0}))
    assert diff(of(before), of(after)).changes[0].fields == ("summary.b",)
    assert diff(of(before), of(changed(summary=Values.of({"a": math.nan, "b": 1.0})))).changes == ()


def test_values_that_only_changed_places_are_named_as_a_group() -> None:
    after = changed(summary=Values.of({"b": 1, "a": 1}))
    changes = diff(of(changed(summary=Values.of({"a": 1, "b": 1}))), of(after)).changes
    assert changes == (Change("changed", "r", after, ("summary",)),)


def test_changes_are_sorted_by_id() -> None:
    runs = [changed(run_id=name) for name in "cab"]
    event = diff(of(changed(run_id="bb")), of(*runs))
    assert [change.run_id for change in event.changes] == ["a", "b", "bb", "c"]


def test_progress_and_problems_are_told_when_they_differ() -> None:
    event = diff(of(problems=(PROBLEM,)), of(progress=Progress(total=1)))
    assert (event.progress, event.problems) == (Progress(total=1), ())


def test_applying_tells_progress_and_problems_or_leaves_them() -> None:
    before = of(RUN, problems=(PROBLEM,), progress=Progress(total=3))
    assert apply(before, Event()) == before
    after = apply(before, Event(progress=Progress(total=4), problems=()))
    assert (after.progress, after.problems, after.runs) == (Progress(total=4), (), before.runs)


def test_applying_leaves_the_old_snapshot_as_it_was() -> None:
    before = of(RUN)
    apply(before, Event((Change("removed", "r"),)))
    assert set(before.runs) == {"r"}


runs = st.builds(
    changed,
    run_id=st.sampled_from("abcd"),
    state=st.sampled_from(["running", "stale", "completed", "failed", "x"]),
    notes=st.sampled_from(["", "n"]),
    tags=st.lists(st.sampled_from("ab")).map(tuple),
    summary=st.dictionaries(st.sampled_from("ab"), st.floats(), max_size=2).map(Values.of),
    heartbeat_at=st.none() | st.just(1.0),
)
snapshots = st.builds(
    lambda runs, problems: of(*runs, problems=problems, progress=Progress(total=len(runs))),
    st.lists(runs, max_size=5),
    st.sampled_from([(), (PROBLEM,)]),
)


@given(st.lists(snapshots, min_size=2, max_size=6))
@settings(max_examples=100, deadline=None)
def test_folding_the_events_of_a_history_gives_its_last_snapshot(history: list[Snapshot]) -> None:
    folded = history[0]
    for old, new in pairwise(history):
        folded = apply(folded, diff(old, new))
        assert (folded.runs, folded.problems, folded.progress) == (new.runs, new.problems, new.progress)


@given(snapshots, snapshots)
@settings(max_examples=100, deadline=None)
def test_a_reader_that_skipped_snapshots_gets_the_net_difference(old: Snapshot, new: Snapshot) -> None:
    assert apply(old, diff(old, new)).runs == new.runs
    assert diff(new, new) == Event()
