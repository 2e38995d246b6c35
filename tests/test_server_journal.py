"""The journal of changes: whoever comes back from any moment ends with the runs as they are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spt_cli.model import Folder, Run, Snapshot, Stamp, Stamps
from spt_cli.server.journal import Journal, News, news
from spt_cli.tree.roots import Forest, Root, join
from tests.made import a_run

ROOT = Root("runs", "/runs", "runs")


def forest(**notes: str) -> Forest:
    """A Forest of one root with a run for each of *notes*."""
    return of({run_id: a_run(run_id, notes=text) for run_id, text in notes.items()})


def of(runs: dict[str, Run], **folders: Folder) -> Forest:
    return join([ROOT], [Snapshot("/runs", runs, folders=folders)])


def test_of_nothing_all_runs_are_news() -> None:
    assert news(None, forest(a="", b="")) == News(("a", "b"), ())


def test_news_are_the_runs_that_differ() -> None:
    assert news(forest(a="1", b="1", c="1"), forest(b="2", c="1", d="1")) == News(("b", "d"), ("a",))


def test_an_equal_run_that_is_another_object_is_no_news() -> None:
    assert news(forest(a="1"), forest(a="1")) == News()


@pytest.mark.parametrize("file", ["metrics", "media"])
def test_a_run_of_which_only_metrics_or_media_changed_is_news(file: str) -> None:
    """The logger writes media without a heartbeat, and a header can be rewritten at the same size."""
    run = a_run("a")
    before, after = (Folder(1, run=run, stamps=Stamps(**{file: Stamp(mtime_ns=at, size=9)})) for at in (1, 2))
    assert news(of({"a": run}, a=before), of({"a": run}, a=after)) == News(("a",), ())
    assert news(of({"a": run}, a=before), of({"a": run}, a=before)) == News()


def test_a_heartbeat_without_a_change_of_the_row_is_no_news() -> None:
    run = a_run("a")
    before, after = (Folder(1, run=run, stamps=Stamps(heartbeat=Stamp(mtime_ns=at))) for at in (1, 2))
    assert news(of({"a": run}, a=before), of({"a": run}, a=after)) == News()


def test_a_run_that_is_not_shown_is_no_news() -> None:
    """`spt serve -w` shows a choice of the runs that a root holds."""
    before, after = (Folder(1, run=a_run("a"), stamps=Stamps(media=Stamp(size=size))) for size in (1, 2))
    assert news(of({}, a=before), of({}, a=after)) == News()


def test_of_several_roots_the_ids_are_those_that_are_shown() -> None:
    roots = [Root("x", "/x", "x"), Root("y", "/y", "y")]
    run = a_run("a")
    folders = [{"a": Folder(1, run=run, stamps=Stamps(media=Stamp(size=size)))} for size in (1, 2)]
    before = join(roots, [Snapshot("/x", {"a": run}), Snapshot("/y", {"a": run}, folders=folders[0])])
    after = join(roots, [Snapshot("/x"), Snapshot("/y", {"a": run}, folders=folders[1])], before)
    assert news(before, after) == News(("y/a",), ("x/a",))


def test_nothing_new_is_no_new_moment() -> None:
    journal = Journal()
    journal.add(News())
    assert journal.number == 0


def test_since_a_moment_is_what_came_after_it_each_run_once() -> None:
    journal = Journal()
    journal.add(News(("a", "b", "c")))
    journal.add(News(("b",), ("c",)))
    journal.add(News(("b", "c"), ("a",)))
    assert [journal.since(number) for number in range(4)] == [
        News(("b", "c"), ("a",)),
        News(("b", "c"), ("a",)),
        News(("b", "c"), ("a",)),
        News(),
    ]


def test_a_cursor_is_a_place_and_another_epochs_is_none() -> None:
    journal, other = Journal(), Journal()
    for _ in range(2):
        journal.add(News(("a",)))
    places = [journal.place(journal.cursor(number)) for number in (0, 1, 2, 3)]
    assert places == [0, 1, 2, None]
    assert journal.place(other.cursor(1)) is None


@pytest.mark.parametrize(
    "cursor", ["", "-", "1", "x-1", "-1", "{}-", "{}--1", "{}-x", "{}-1e1", "{}-\u0661", "{}-" + "9" * 30]
)
def test_what_is_no_cursor_is_no_place(cursor: str) -> None:
    journal = Journal()
    journal.add(News(("a",)))
    assert journal.place(cursor.format(journal.epoch)) is None


def test_who_missed_a_removal_that_is_forgotten_must_begin_anew() -> None:
    journal = Journal(remember=2)
    journal.add(News(("a", "b", "c")))
    for run_id in "abc":
        journal.add(News((), (run_id,)))
    assert [journal.place(journal.cursor(number)) for number in range(5)] == [None, None, 2, 3, 4]
    assert journal.since(2) == News((), ("b", "c"))


RUNS = st.dictionaries(st.sampled_from("abcde"), st.integers(0, 2).map(str), max_size=5)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(RUNS, st.booleans()), min_size=1, max_size=12))
def test_who_looks_only_now_and_then_knows_what_is_there(history: list[tuple[dict[str, str], bool]]) -> None:
    """The client keeps rows by id, fetches those that changed and drops those that were removed."""
    journal, place, kept, before = Journal(), 0, dict[str, Any](), None
    for notes, looks in [*history, (history[-1][0], True)]:
        now = forest(**notes)
        journal.add(news(before, now))
        before = now
        if looks:
            told = journal.since(place)
            for run_id in told.removed:
                kept.pop(run_id, None)
            kept |= {run_id: now.runs[run_id].notes for run_id in told.changed}
            place = journal.number
            assert kept == notes
