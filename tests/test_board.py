"""What a screen shows out of each look."""

from __future__ import annotations

import math

from spt_cli.choice.names import Column
from spt_cli.choice.selection import selection
from spt_cli.choice.sorting import keys
from spt_cli.metrics.pace import Told
from spt_cli.model import Problem, Progress, Run
from spt_cli.tree.roots import Forest, Root
from spt_cli.watch.board import Board
from spt_cli.watch.figures import difference, mean_and_spread
from spt_cli.watch.scene import Going, Group, Mark, Wanted
from spt_cli.watch.watching import Choice
from tests.made import a_run
from tests.trees import NOW

ROOT = Root("runs", "/runs", "runs")


def forest(*runs: Run, found: int | None = None, problems: int = 0) -> Forest:
    """Runs below one root, which is still scanned when some number was *found* so far."""
    progress = Progress() if found is None else Progress("loading", total=found, initial_done=False)
    wrong = tuple(Problem(f"/runs/{number}", "torn") for number in range(problems))
    return Forest((ROOT,), (), {run.run_id: run for run in runs}, wrong, (), progress)


def live(run_id: str = "a", **fields: object) -> Run:
    sensible = {"status": "running", "state": "running", "alive": True, "created_at": NOW - 100, "heartbeat_at": NOW}
    return a_run(run_id, **(sensible | fields))


def board(*looks: Forest, wanted: Wanted = Wanted()) -> Board:  # noqa: B008 - a frozen value
    """A board after *looks*, one a second."""
    made = Board(wanted)
    for clock, look in enumerate(looks):
        made.look(look, now=NOW + clock, clock=float(clock))
    return made


def test_nothing_is_known_before_the_first_look() -> None:
    assert (Board(Wanted()).scene.rows, Board(Wanted()).scene.found) == ((), 0)


def test_while_the_first_scan_goes_on_it_says_how_many_were_found() -> None:
    assert board(forest(a_run("a"), found=7)).scene.found == 7
    assert board(forest(a_run("a"), found=7), forest(a_run("a"))).scene.found is None


def test_runs_are_counted_by_state_and_problems() -> None:
    scene = board(forest(live("a"), a_run("b"), a_run("c"), a_run("d", archived=True), problems=2)).scene
    assert (dict(scene.tally), scene.total, scene.problems) == ({"running": 1, "completed": 2}, 4, 2)


def test_whether_there_is_anything_new_is_known() -> None:
    made = board(forest(live(), found=1))
    run = next(iter(made.scene.rows))
    assert made.look(forest(run), now=NOW, clock=1.0)  # the scan is over
    assert not made.look(forest(run), now=NOW, clock=2.0)
    assert made.look(forest(run, problems=1), now=NOW, clock=3.0)
    assert made.look(forest(live(notes="x"), problems=1), now=NOW, clock=4.0)


# what changed


def test_a_change_says_what_moved_and_how_far() -> None:
    before, after = live(summary={"acc": 0.5, "loss": 2.0}), live(summary={"acc": 0.75, "loss": math.nan})
    marks = board(forest(before), forest(after)).scene.marks
    assert marks == {"a": Mark(1.0, frozenset({"summary.acc", "summary.loss"}), moved={"acc": 0.25})}


def test_how_far_a_metric_went_last_is_kept_until_it_moves_again() -> None:
    values = [{"acc": 0.5, "loss": 3}, {"acc": 0.75, "loss": 3}, {"acc": 0.75, "loss": 1}]
    mark = board(*(forest(live(summary=each)) for each in values)).scene.marks["a"]
    assert (mark.at, dict(mark.moved)) == (2.0, {"acc": 0.25, "loss": -2})


def test_a_requeue_forgets_how_far_the_attempt_before_went() -> None:
    before = [forest(live(summary={"acc": acc})) for acc in (0.5, 0.75)]
    after = forest(live(created_at=NOW, summary={}))
    assert board(*before, after).scene.marks["a"].moved == {}


def test_runs_of_the_first_scan_are_not_new_and_later_ones_are() -> None:
    first = [forest(live("a"), found=1), forest(live("a"), live("b"))]
    made = board(*first, forest(live("a"), live("b"), live("c")))
    assert {run_id: mark.new for run_id, mark in made.scene.marks.items()} == {"c": True}


def test_nothing_is_kept_of_runs_that_went_or_ended_long_ago() -> None:
    changed = [forest(live("a", notes=notes), live("b", notes=notes), live("c", notes=notes)) for notes in ("", "x")]
    made = board(*changed)
    made.tell({"a": Told(step=1.0), "gone": Told(step=1.0)}, {}, clock=2.0)
    made.look(forest(live("a", notes="x"), a_run("b")), now=NOW + 100, clock=100.0)
    made.look(forest(live("a", notes="x"), a_run("b", notes="y")), now=NOW + 200, clock=200.0)
    made.look(forest(live("a", notes="z"), a_run("b", notes="y")), now=NOW + 300, clock=300.0)
    assert (set(made.scene.marks), set(made.scene.paces)) == ({"a"}, {"a"})


# stuck


def test_a_stuck_run_is_counted_apart_until_it_moves() -> None:
    made = board(forest(live()))
    made.tell({"a": Told(step=5.0, rows=100)}, {}, clock=1.0)
    made.look(forest(live(notes="x")), now=NOW, clock=70.0)
    assert (dict(made.scene.stuck), dict(made.scene.tally)) == ({"a": 70.0}, {"stuck": 1})
    made.tell({"a": Told(step=6.0, rows=101)}, {}, clock=71.0)
    assert (dict(made.scene.stuck), dict(made.scene.tally)) == ({}, {"running": 1})


def test_time_alone_makes_a_run_stuck() -> None:
    made = board(forest(live()))
    made.tell({"a": Told(step=5.0, rows=100)}, {}, clock=1.0)
    made.tick(59.0)
    assert made.scene.stuck == {}
    made.tick(60.0)
    assert made.scene.stuck == {"a": 60.0}


# how runs go


def test_what_files_tell_says_how_far_a_run_is() -> None:
    made = board(forest(live(hparams={"max_steps": 100}), a_run("b")))
    made.tell({"a": Told(step=25.0, rows=5, stride=5.0)}, {"a": [1.0]}, clock=1.0)
    assert made.scene.going == {"a": Going(0.25, 300.0, 0.25)}
    assert made.scene.curves == {"a": [1.0]}


def test_a_stale_run_has_no_speed() -> None:
    made = board(forest(live(alive=False, state="stale", hparams={"max_steps": 100})))
    made.tell({"a": Told(step=25.0, rows=5, stride=5.0)}, {}, clock=1.0)
    assert made.scene.going == {"a": Going(0.25)}


# columns


def test_what_judges_runs_comes_before_other_metrics() -> None:
    summary = {"grad_norm": 1.0, "train/loss": 2.0, "val/acc": 0.5}
    assert board(forest(a_run("a", summary=summary))).scene.metrics == ("val/acc", "train/loss", "grad_norm")


def test_the_metric_that_was_asked_for_comes_first() -> None:
    runs = forest(a_run("a", summary={"val/acc": 0.5, "grad_norm": 1.0}))
    scene = board(runs, wanted=Wanted(metric="grad_norm", columns=("state", "acc"))).scene
    assert (scene.metrics, scene.curve_of) == (("grad_norm", "val/acc"), "grad_norm")
    assert scene.columns == (("state", Column("field", "state")), ("acc", Column("summary", "val/acc")))


def test_names_that_no_run_has_are_said() -> None:
    runs = forest(a_run("a", summary={"val/acc": 0.5}))
    wanted = Wanted(Choice(selection("los > 1"), keys("xyzzy")), columns=("progress", "wdth"), metric="created")
    assert board(runs, wanted=wanted).scene.said == (
        "no run has los",
        "no run has xyzzy",
        "no run has wdth",
        "created is no metric",
    )


def test_a_metric_that_comes_later_becomes_a_column() -> None:
    made = board(forest(live(summary={"loss": 1.0})), forest(live(summary={"loss": 1.0, "val/acc": 0.1})))
    assert made.scene.metrics == ("val/acc", "loss")


def test_the_best_values_of_several_runs() -> None:
    runs = [a_run(f"r{at}", summary={"val/acc": at / 10, "loss": at, "norm": at}) for at in range(3)]
    runs.append(a_run("bad", summary={"val/acc": math.inf, "loss": math.nan}))
    scene = board(forest(*runs)).scene
    assert scene.best == {"val/acc": 0.2, "loss": 0}
    assert scene.bad == {"bad": ("val/acc", "loss")}


def test_one_run_alone_is_not_the_best() -> None:
    assert board(forest(a_run("a", summary={"loss": 1.0}))).scene.best == {}


# groups


def test_rows_are_grouped_by_an_hparam() -> None:
    widths = {"a": 8, "b": 16, "c": 8}
    runs = [
        a_run(run_id, hparams={"model.width": width}, summary={"val/acc": at}, created_at=NOW + at)
        for at, (run_id, width) in enumerate(widths.items())
    ]
    scene = board(forest(*runs, live("d")), wanted=Wanted(group_by="width")).scene
    lines = [line.run_id if isinstance(line, Run) else line for line in scene.lines]
    first = Group("8", 2, {"completed": 2}, 1.0, math.sqrt(2))
    assert lines == [
        first,
        "c",
        "a",
        Group("16", 1, {"completed": 1}, 1.0, None),
        "b",
        Group("", 1, {"running": 1}),
        "d",
    ]


def test_a_group_by_a_name_that_no_run_has_is_none() -> None:
    scene = board(forest(a_run("a")), wanted=Wanted(group_by="width")).scene
    assert (scene.lines, scene.said) == (scene.rows, ("no run has width",))


# another choice


def test_another_choice_shows_other_rows_of_the_same_look() -> None:
    made = board(forest(a_run("a"), live("b")))
    made.choose(Choice(selection('state == "running"')), now=NOW)
    assert [run.run_id for run in made.scene.rows] == ["b"]
    assert made.scene.tally == {"running": 1}


def test_numbers_that_are_too_large_are_no_figures() -> None:
    assert difference(1, 10**400) is None
    assert difference(1.0, 1.5) == 0.5
    assert difference(True, 2) is None
    assert mean_and_spread([]) == (None, None)
    assert mean_and_spread([2.0]) == (2.0, None)
