"""The order of runs."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spt_cli.choice.names import Names
from spt_cli.choice.sorting import Key, Placed, keys, ordered
from spt_cli.errors import UsageError
from spt_cli.model import Run
from tests.made import a_run
from tests.trees import NOW


def order(by: str, *runs: Run) -> list[str]:
    return [run.run_id for run in ordered(runs, keys(by), names=Names(runs), now=NOW)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("created", (Key("created"),)),
        ("-val/acc,created", (Key("val/acc", descending=True), Key("created"))),
        (" - val/acc , created ", (Key("val/acc", descending=True), Key("created"))),
        ("layers.0", (Key("layers.0"),)),
        ("eval/5shot,lambda", (Key("eval/5shot"), Key("lambda"))),
        ('-hparams["a,b"],c', (Key("a,b", "hparams", descending=True), Key("c"))),
        ("summary['x']", (Key("x", "summary"),)),
        (r'hparams["a\"b\n"]', (Key('a"b\n', "hparams"),)),
        ("hparams[x]", (Key("hparams[x]"),)),
    ],
)
def test_keys_are_names_with_commas_between(text: str, expected: tuple[Key, ...]) -> None:
    assert keys(text) == expected


@pytest.mark.parametrize("text", ["", " ", "-", ",a", "a,,b", "a,-"])
def test_a_key_without_a_name_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="cannot sort by"):
        keys(text)


ACC = [a_run(name, summary={} if value is None else {"acc": value}) for name, value in
       [("nan", math.nan), ("low", 0.1), ("none", None), ("inf", math.inf), ("high", 0.9)]]  # fmt: skip


def test_missing_values_are_last_and_nan_before_them_in_both_directions() -> None:
    assert order("acc", *ACC) == ["low", "high", "inf", "nan", "none"]
    assert order("-acc", *ACC) == ["inf", "high", "low", "nan", "none"]


def test_equal_runs_stand_in_the_order_of_the_next_key_and_then_of_their_ids() -> None:
    runs = [a_run(f"{a}{b}{c}", hparams={"a": a, "b": b}) for a, b, c in itertools.product((2, 1), (1, 2), "yx")]
    assert order("a,-b", *runs) == ["12x", "12y", "11x", "11y", "22x", "22y", "21x", "21y"]
    assert order("-a", *runs) == ["21x", "21y", "22x", "22y", "11x", "11y", "12x", "12y"]


def test_newest_first_is_the_default() -> None:
    runs = [a_run("old", created_at=1.0), a_run("new", created_at=2.0), a_run("unknown")]
    assert [run.run_id for run in ordered(runs, names=Names(()), now=NOW)] == ["new", "old", "unknown"]


def test_numbers_texts_and_lists_have_an_order() -> None:
    runs = [a_run(str(place), hparams={"x": value}) for place, value in enumerate(["b", 10**400, True, "a", 0.5, None])]
    assert order("x", *runs) == ["4", "2", "1", "3", "0", "5"]
    assert order("-x", *runs) == ["0", "3", "1", "2", "4", "5"]
    assert order("tags", a_run("2", tags=("b",)), a_run("3", tags=("a", "c")), a_run("1")) == ["1", "3", "2"]


def test_a_last_part_is_a_name_here_too() -> None:
    assert order("-width", a_run("1", hparams={"model.width": 1}), a_run("2", hparams={"model.width": 2})) == ["2", "1"]


def test_an_unknown_name_is_refused_with_the_closest() -> None:
    with pytest.raises(UsageError, match="no run has wdith") as caught:
        order("wdith", a_run(hparams={"model.width": 1}))
    assert caught.value.hint == "did you mean model.width?"


def test_an_empty_tree_can_be_sorted_by_anything() -> None:
    assert order("wdith") == []


def test_with_unknown_an_unknown_name_is_said_and_missing() -> None:
    said: list[str] = []
    runs = [a_run("b"), a_run("a")]
    found = ordered(runs, keys("-acc"), names=Names(runs), now=NOW, unknown=said.append)
    assert ([run.run_id for run in found], said) == (["a", "b"], ["no run has acc"])


VALUES: st.SearchStrategy[Any] = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES), max_size=12), st.sampled_from(["x,y", "-x,y", "y,-x", "-y"]))
def test_any_values_are_ordered_the_same_from_any_order(values: list[tuple[Any, Any]], by: str) -> None:
    runs = [a_run(f"{place:02}", hparams={"x": x, "y": y}) for place, (x, y) in enumerate(values)]
    assert order(by, *runs) == order(by, *reversed(runs))
    assert sorted(order(by, *runs)) == [run.run_id for run in runs]


def test_runs_that_did_not_change_are_placed_as_remembered() -> None:
    runs = [a_run("a", summary={"acc": 1.0}), a_run("b", summary={"acc": 2.0})]
    known: dict[str, Placed] = {}
    ordered(runs, keys("acc"), names=Names(runs), now=NOW, known=known)
    known["a"] = (runs[0], [(0, 3.0)])
    later = [runs[0], a_run("b", summary={"acc": 4.0})]
    found = ordered(later, keys("-acc"), names=Names(later), now=NOW, known=known)
    assert [(each.run_id, known[each.run_id][1]) for each in found] == [("b", [(0, 4.0)]), ("a", [(0, 3.0)])]
