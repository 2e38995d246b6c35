"""The names that runs have; what they mean is in test_where.py."""

from __future__ import annotations

from spt_cli.choice.names import Names
from tests.made import a_run


def test_names_grow_with_the_runs_and_keep_those_that_went() -> None:
    before = Names([a_run("a", summary={"acc": 1.0}, hparams={"width": 1})])
    assert before.metrics == {"acc"}
    fresh = [a_run("a", summary={"loss": 1.0}, hparams={"depth": 1})]
    after = before.grown(fresh, fresh)
    assert after.metrics == {"acc", "loss"}
    assert after.hparams == {"depth"}  # they had never been asked for before


def test_names_to_which_nothing_came_are_the_same_objects() -> None:
    runs = [a_run("a", summary={"acc": 1.0})]
    before = Names(runs)
    known = before.metrics
    assert before.grown(runs, runs).metrics is known
