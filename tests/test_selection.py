"""Which runs a command is about."""

from __future__ import annotations

from typing import Any

import pytest

from spt_cli.choice.names import Names
from spt_cli.choice.selection import Selection, select, selection
from spt_cli.errors import UsageError
from tests.made import a_run
from tests.trees import NOW

DAY = 86_400.0
RUNS = [
    a_run("failed", state="failed", tags=("a", "b"), created_at=NOW - DAY),
    a_run("running", state="running", alive=True, tags=("a",), created_at=NOW - 3 * DAY),
    a_run("odd", state="preempted", hparams={"width": 3}),
    a_run("archived", archived=True, created_at=NOW),
]


def chosen(**options: Any) -> list[str]:
    return [run.run_id for run in select(RUNS, selection(**options), now=NOW)]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["failed", "running", "odd"]),
        ({"states": ["failed"]}, ["failed"]),
        ({"states": ["failed", "running"]}, ["failed", "running"]),
        ({"states": ["preempted"]}, ["odd"]),
        ({"states": ["stale"]}, []),
        ({"tags": ["a"]}, ["failed", "running"]),
        ({"tags": ["a", "b"]}, ["failed"]),
        ({"alive": True}, ["running"]),
        ({"since": "2d"}, ["failed"]),
        ({"before": "2d"}, ["running"]),
        ({"since": "4d", "before": "2d"}, ["running"]),
        ({"since": "1d"}, ["failed"]),
        ({"before": "1d"}, ["running"]),
        ({"archived": True}, ["failed", "running", "odd", "archived"]),
        ({"since": "2d", "archived": True}, ["failed", "archived"]),
        ({"where": "width == 3"}, ["odd"]),
        ({"where": "width == 3", "states": ["failed"]}, []),
        ({"where": "archived"}, ["archived"]),
        ({"where": "not archived or true"}, ["failed", "running", "odd", "archived"]),
        ({"where": 'age >= "0s"'}, ["failed", "running"]),
    ],
)
def test_every_condition_is_met_and_archived_runs_are_left_out_unless_named(
    options: dict[str, Any], expected: list[str]
) -> None:
    assert chosen(**options) == expected


def test_no_option_is_the_empty_selection() -> None:
    assert selection() == Selection()


@pytest.mark.parametrize("options", [{"since": "soon"}, {"before": ""}, {"where": ""}, {"where": 'age > "x"'}])
def test_what_cannot_be_understood_is_refused_before_any_run_is_read(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        selection(**options)


def test_a_state_that_no_run_has_and_nobody_knows_is_refused() -> None:
    with pytest.raises(UsageError, match="no run is faild") as caught:
        chosen(states=["faild"])
    assert caught.value.hint == "did you mean failed?"


def test_with_unknown_the_state_is_said() -> None:
    said: list[str] = []
    assert select(RUNS, selection(states=["faild"]), now=NOW, unknown=said.append) == []
    assert said == ["no run is faild; did you mean failed?"]


def test_an_empty_tree_has_no_run_in_any_state() -> None:
    assert select([], selection(states=["faild"], where="width > 3"), now=NOW) == []


def test_names_may_be_those_of_more_runs() -> None:
    one = [a_run("a", hparams={"model.width": 3})]
    more = Names([*one, a_run("b", hparams={"head.width": 3})])
    said: list[str] = []
    assert select(one, selection("width == 3"), now=NOW, names=more, unknown=said.append) == []
    assert said == ["width could be one of 2 names; write one of: head.width, model.width"]
