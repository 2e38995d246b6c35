"""Which runs a screen shows, look by look: the same as if all were looked at anew."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from spt_cli.choice.selection import selection
from spt_cli.choice.sorting import keys
from spt_cli.model import Run
from spt_cli.watch.picking import Picker
from spt_cli.watch.watching import Choice, chosen
from tests.made import a_run
from tests.trees import NOW

Runs = dict[str, Run]


def by_id(*runs: Run) -> Runs:
    return {run.run_id: run for run in runs}


def shown(picker: Picker) -> list[str]:
    return [run.run_id for run in picker.rows]


def test_runs_are_chosen_and_ordered() -> None:
    picker = Picker(Choice(selection("acc > 0.5"), keys("-acc"), 2))
    found = by_id(*(a_run(f"r{at}", summary={"acc": at / 10}) for at in range(10)))
    assert picker.look(found, now=NOW)
    assert shown(picker) == ["r9", "r8"]


def test_the_same_runs_again_are_nothing_to_look_at() -> None:
    picker = Picker(Choice())
    runs = by_id(a_run("a"))
    picker.look(runs, now=NOW)
    rows = picker.rows
    assert not picker.look(dict(runs), now=NOW + 100)
    assert picker.rows is rows


def test_a_run_that_went_is_not_shown() -> None:
    picker = Picker(Choice())
    both = by_id(a_run("a"), a_run("b"))
    picker.look(both, now=NOW)
    assert picker.look({"a": both["a"]}, now=NOW)
    assert shown(picker) == ["a"]


def test_a_new_name_may_change_what_others_mean() -> None:
    picker = Picker(Choice(selection("acc > 0.5")))
    picker.look(by_id(a_run("a", summary={"val/acc": 0.9})), now=NOW)
    assert shown(picker) == ["a"]
    picker.look(by_id(a_run("a", summary={"val/acc": 0.9}), a_run("b", summary={"train/acc": 0.9})), now=NOW)
    assert shown(picker) == []
    assert picker.unknown == ("acc could be one of 2 names; write one of: train/acc, val/acc",)


def test_ages_choose_anew_after_a_while() -> None:
    runs = by_id(a_run("a", created_at=NOW - 50))
    picker = Picker(Choice(selection('age > "1m"')))
    assert picker.look(runs, now=NOW)
    assert shown(picker) == []
    assert not picker.look(runs, now=NOW + 9)
    assert picker.look(runs, now=NOW + 15)
    assert shown(picker) == ["a"]


def test_another_choice_is_out_of_the_same_runs() -> None:
    picker = Picker(Choice(selection("acc > 0.5"), keys("acc")))
    picker.look(by_id(*(a_run(f"r{at}", summary={"acc": at / 4}) for at in range(5))), now=NOW)
    picker.choose(Choice(selection("acc < 0.5"), keys("-acc")), now=NOW)
    assert shown(picker) == ["r1", "r0"]


_looks = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(
        st.sampled_from([None, 0.1, 0.5, 0.9, float("nan")]),
        st.sampled_from([None, 1, 2, "x"]),
        st.sampled_from(["running", "failed"]),
    ),
    max_size=6,
)
_choices = st.sampled_from(
    [
        Choice(),
        Choice(selection("acc > 0.3"), keys("-acc,width")),
        Choice(selection('state == "running"', states=["running"]), keys("width,-acc"), 2),
        Choice(selection("width == 1 or acc is nan"), keys("duration")),
    ]
)


@given(_choices, st.lists(_looks, min_size=1, max_size=5))
@settings(max_examples=200, deadline=None)
def test_looking_at_what_changed_is_as_good_as_looking_at_everything(
    choice: Choice, history: list[dict[str, tuple[float | None, int | str | None, str]]]
) -> None:
    """Where runs have all the names there ever were; those that went stay known to a picker."""
    picker = Picker(choice)
    runs: Runs = {}
    for look in history:
        now = {}
        for run_id, (acc, width, state) in look.items():
            summary = {"acc": acc} if acc is not None else {}
            hparams = {"width": width} if width is not None else {}
            run = a_run(run_id, summary=summary, hparams=hparams, state=state, status=state, created_at=NOW)
            now[run_id] = runs[run_id] if runs.get(run_id) == run else run
        runs = now
        picker.look(runs, now=NOW)
        if {"acc", "width"} <= {name for run in runs.values() for name in (*run.summary, *run.hparams)}:
            assert shown(picker) == [run.run_id for run in chosen(runs.values(), choice, now=NOW)]


def test_runs_are_ordered_by_durations_as_they_are_now() -> None:
    took, going = a_run("a", created_at=NOW - 10, ended_at=NOW), a_run("b", created_at=NOW, alive=True)
    picker = Picker(Choice(by=keys("duration")))
    picker.look(by_id(took, going), now=NOW + 1)
    assert shown(picker) == ["b", "a"]
    picker.look(by_id(took, going, a_run("c")), now=NOW + 100)
    assert shown(picker) == ["a", "b", "c"]
