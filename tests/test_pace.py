"""How fast live runs go, and which are stuck: by our clock, whatever the file server's says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from spt_cli.metrics.pace import Pace, Told, fraction, left, limit, look, row_interval, steps_per_second, stuck_for
from spt_cli.model import Run, Scalar
from tests.made import a_run
from tests.trees import NOW


def live(**fields: Any) -> Run:
    sensible = {"status": "running", "state": "running", "alive": True, "created_at": NOW - 1000, "heartbeat_at": NOW}
    return a_run("r", **(sensible | fields))


def watched(*looks: tuple[float, float], **fields: Any) -> Pace:
    """The pace of a run after looks at (clock, largest step)."""
    paces: dict[str, Pace] = {}
    for at, step in looks:
        paces = look(paces, [live(metrics_size=int(step), **fields)], at, {"r": Told(step=step)})
    return paces["r"]


def steady(count: int, every: float, stride: float = 1.0) -> list[tuple[float, float]]:
    return [(every * number, stride * number) for number in range(count)]


def test_ended_runs_have_no_pace_and_are_forgotten() -> None:
    paces = look({}, [live()], 0.0)
    assert look(paces, [a_run("r"), a_run("s")], 1.0) == {}


def test_a_run_that_did_not_change_keeps_its_pace() -> None:
    run = live()
    paces = look({}, [run], 0.0, {"r": Told(step=1.0)})
    assert look(paces, [run], 9.0, {"r": Told(step=1.0)})["r"] is paces["r"]


def test_without_steps_more_bytes_of_metrics_are_a_move() -> None:
    paces = look({}, [live(metrics_size=10)], 0.0)
    paces = look(paces, [live(metrics_size=10, heartbeat_at=NOW + 1)], 50.0)
    assert (paces["r"].since, paces["r"].step) == (0.0, None)
    assert look(paces, [live(metrics_size=20)], 60.0)["r"].since == 60.0


def test_that_its_steps_become_known_is_no_move() -> None:
    paces = look({}, [live(metrics_size=10)], 0.0)
    found = look(paces, [live(metrics_size=10)], 50.0, {"r": Told(step=3.0)})["r"]
    assert (found.since, found.step, found.moves) == (0.0, 3.0, ())


def test_rows_of_smaller_steps_are_no_move() -> None:
    assert watched((0, 30), (5, 32), (10, 31)).since == 5


def test_what_is_known_of_a_run_is_kept_while_nobody_reads_its_files() -> None:
    paces = look({}, [live()], 0.0, {"r": Told(step=5.0, epoch=1.0)})
    assert look(paces, [live(metrics_size=7)], 1.0)["r"].told == Told(step=5.0, epoch=1.0)


def test_only_a_bounded_number_of_moves_is_kept() -> None:
    assert len(watched(*steady(500, 1.0)).moves) == 64


# stuck


def test_a_run_is_stuck_after_ten_of_its_median_row_intervals() -> None:
    pace = watched(*steady(12, 10.0))
    assert row_interval(pace) == 10.0
    assert [stuck_for(pace, 110.0 + after) for after in (99.9, 100.0, 150.0)] == [None, 100.0, 150.0]


def test_a_fast_run_is_not_stuck_within_a_minute() -> None:
    pace = watched(*steady(12, 1.0))
    assert [stuck_for(pace, 11.0 + after) for after in (59.9, 60.0)] == [None, 60.0]


def test_a_long_validation_does_not_move_the_median() -> None:
    times = [0.0, 2, 4, 6, 300, 302, 304, 306]
    assert row_interval(watched(*((at, float(step)) for step, at in enumerate(times)))) == 2.0


def test_a_stale_run_is_not_stuck() -> None:
    pace = watched(*steady(12, 1.0), state="stale", alive=False)
    assert stuck_for(pace, 1000.0) is None


def test_a_run_that_logs_rows_without_getting_further_is_stuck() -> None:
    paces = look({}, [live()], 0.0, {"r": Told(step=5.0, rows=100)})
    for at in range(1, 200):
        paces = look(
            paces, [live(metrics_size=at, heartbeat_at=NOW + at)], float(at), {"r": Told(step=5.0, rows=100 + at)}
        )
    assert stuck_for(paces["r"], 199.0) == 199.0


def test_a_run_of_which_no_interval_is_known_is_not_stuck() -> None:
    assert stuck_for(look({}, [live()], 0.0)["r"], 1000.0) is None


def test_a_requeue_begins_again() -> None:
    pace = watched(*steady(12, 1.0, 100.0))
    again = look({"r": pace}, [live(created_at=NOW)], 200.0, {"r": Told(step=0.0)})["r"]
    assert (again.step, again.since, again.moves) == (0.0, 200.0, ())


# before we have seen it move ourselves


def test_the_first_row_interval_is_what_the_files_tell() -> None:
    assert row_interval(look({}, [live()], 0.0, {"r": Told(step=5.0, rows=100)})["r"]) == 10.0


def test_what_was_seen_counts_once_it_was_seen_often() -> None:
    paces: dict[str, Pace] = {}
    for at, step in steady(7, 3.0):
        paces = look(paces, [live(metrics_size=int(step))], at, {"r": Told(step=step, rows=100)})
    assert row_interval(paces["r"]) == 3.0


@pytest.mark.parametrize("skew", [-3600.0, 0.0, 3600.0])
def test_how_long_a_run_stood_before_the_first_look_comes_from_the_servers_clock_alone(skew: float) -> None:
    runs = [
        live(heartbeat_at=NOW + skew - 100, created_at=NOW + skew - 1100),
        a_run("new", status="running", heartbeat_at=NOW + skew),
    ]
    pace = look({}, runs, 5.0, {"r": Told(step=5.0, rows=1000)})["r"]
    assert pace.since == -95.0
    assert stuck_for(pace, 5.0) == 100.0


# speed, how far, how long still


def test_steps_a_second_are_those_of_the_last_moves() -> None:
    assert steps_per_second(watched(*steady(20, 2.0, 50.0))) == 25.0


def test_the_first_look_is_no_move_for_who_knows_when_it_got_there() -> None:
    looks = [(0.0, 0.0), (100.0, 10.0), *((100.0 + number, 10.0 + number) for number in range(1, 7))]
    assert steps_per_second(watched(*looks)) == 1.0


def test_the_first_speed_is_what_the_files_tell() -> None:
    pace = look({}, [live()], 0.0, {"r": Told(step=5000.0, rows=100, stride=50.0)})["r"]
    assert steps_per_second(pace) == 5.0


def test_a_run_without_steps_has_no_speed() -> None:
    paces: dict[str, Pace] = {}
    for at in range(20):
        paces = look(paces, [live(metrics_size=at)], float(at))
    assert steps_per_second(paces["r"]) is None


def told(step: float | None, epoch: float | None = None) -> Pace:
    return look({}, [live()], 0.0, {"r": Told(step=step, epoch=epoch)})["r"]


@pytest.mark.parametrize(
    ("hparams", "expected"),
    [
        ({"max_steps": 1000}, 0.25),
        ({"trainer.max_steps": 500}, 0.5),
        ({"max_steps": 100}, 1.0),
        ({"max_epochs": 10}, 0.2394),
        ({"max_epochs": 10, "max_steps": 1000}, 0.25),
        ({"max_epochs": -1, "max_steps": None}, None),
        ({"max_epochs": "ten", "max_steps": True}, None),
        ({"max_steps": float("nan")}, None),
        ({"warmup_max_steps": 10}, None),
        ({}, None),
    ],
    ids=str,
)
def test_how_far_a_run_is(hparams: Mapping[str, Scalar], expected: float | None) -> None:
    """At step 250, in epoch 2: an epoch has 83.3 to 125.5 steps, so that 10 have about 1,044; whichever comes first."""
    found = fraction(told(250.0, 2.0), hparams)
    assert found == (None if expected is None else pytest.approx(expected, abs=0.0001))


def test_epochs_alone_tell_how_many_are_whole() -> None:
    assert fraction(told(None, 3.0), {"max_epochs": 4}) == 0.75


def test_in_the_first_epoch_nobody_knows_how_long_one_is() -> None:
    pace = told(50.0, 0.0)
    assert (fraction(pace, {"max_epochs": 4}), left(pace, {"max_epochs": 4})) == (0.0, None)


def test_epochs_get_sharper_as_they_pass() -> None:
    paces: dict[str, Pace] = {}
    for step in range(0, 1000, 7):
        paces = look(
            paces, [live(metrics_size=step)], float(step), {"r": Told(step=float(step), epoch=float(step // 100))}
        )
    assert fraction(paces["r"], {"max_epochs": 20}) == pytest.approx(994 / 2000, abs=0.005)


def test_what_is_left_follows_from_the_speed() -> None:
    pace = watched(*steady(20, 2.0, 50.0))
    assert left(pace, {"max_steps": 1200}) == 10.0
    assert left(pace, {"max_steps": 900}) == 0.0
    assert left(pace, {}) is None


def test_the_least_deep_limit_counts() -> None:
    assert limit({"a.b.max_steps": 1, "trainer.max_steps": 2}, "max_steps") == 2.0
    assert limit({"max_steps": -1, "trainer.max_steps": 2}, "max_steps") == 2.0
    assert limit({"max_steps": 10**400}, "max_steps") is None
