"""Which points of a run's metrics are meant."""

from __future__ import annotations

import pytest

from spt_cli.metrics.points import Pick, matching, news, picked
from spt_cli.metrics.reading import Cursor
from spt_cli.model import Run, Series
from tests.made import a_run
from tests.trees import Tree

ROWS = "epoch,step,loss,val/acc\r\n0,0,1.0,\r\n0,1,2.0,0.5\r\n0,2,3.0,\r\n"


@pytest.fixture
def run(tree: Tree) -> Run:
    tree.write("r/metrics.csv", ROWS)
    return a_run("r", run_dir=str(tree.root / "r"), status="running")


def steps(metrics: dict[str, Series]) -> dict[str, list[float]]:
    return {name: series.step.tolist() for name, series in metrics.items()}


def test_without_a_choice_every_point_that_counts_is_meant(run: Run) -> None:
    assert steps(picked(run, Pick())) == {"loss": [0, 1, 2], "val/acc": [1]}


def test_metrics_are_meant_by_name_or_glob(run: Run) -> None:
    assert list(picked(run, Pick(("val/*",)))) == ["val/acc"]
    assert list(picked(run, Pick(("loss", "*acc")))) == ["loss", "val/acc"]


def test_a_name_with_brackets_is_itself_too() -> None:
    assert matching("loss[0]", ("loss[0]",))
    assert not matching("loss", ("loss[0]",))


def test_points_from_a_step_on_and_the_last_few(run: Run) -> None:
    assert steps(picked(run, Pick(since_step=1))) == {"loss": [1, 2], "val/acc": [1]}
    assert steps(picked(run, Pick(last=1))) == {"loss": [2], "val/acc": [1]}
    assert steps(picked(run, Pick(since_step=1, last=0))) == {"loss": [], "val/acc": []}


def test_what_a_requeue_logged_again_is_there_raw_only(run: Run, tree: Tree) -> None:
    tree.write("r/metrics.csv", ROWS + "0,1,9.0,\r\n")
    assert steps(picked(run, Pick(("loss",)))) == {"loss": [0, 1]}
    assert steps(picked(run, Pick(("loss",), raw=True))) == {"loss": [0, 1, 2, 1]}


def test_before_anything_is_logged_there_is_nothing(tree: Tree) -> None:
    run = a_run("none", run_dir=str(tree.root))
    assert picked(run, Pick()) == {}
    assert news(run, Cursor(), Pick()) == ({}, Cursor())


def test_a_file_that_cannot_be_read_is_an_error(tree: Tree) -> None:
    (tree.root / "metrics.csv").mkdir()
    with pytest.raises(IsADirectoryError):
        picked(a_run(run_dir=str(tree.root)), Pick())


def test_news_are_the_points_that_came_since(run: Run, tree: Tree) -> None:
    first, cursor = news(run, Cursor(), Pick(last=1))
    tree.write("r/metrics.csv", ROWS + "0,3,4.0,\r\n0,4,5.0,0.9\r\n0,5,tor")
    second, cursor = news(run, cursor, Pick(last=1))
    assert steps(first) == {"loss": [2], "val/acc": [1]}
    assert steps(second) == {"loss": [3, 4], "val/acc": [4]}
    assert news(run, cursor, Pick())[0] == {}


def test_a_new_header_brings_only_rows_that_were_not_there(run: Run, tree: Tree) -> None:
    _, cursor = news(run, Cursor(), Pick())
    tree.write("r/metrics.csv", ROWS.replace("acc\r", "acc,new\r").replace(",\r", ",,\r") + "0,3,4.0,,7.0\r\n")
    assert steps(news(run, cursor, Pick())[0]) == {"loss": [3], "new": [3]}
