"""Whether what is waited for has come."""

from __future__ import annotations

import pytest

from spt_cli.errors import UsageError
from spt_cli.model import Run
from spt_cli.watch.waiting import met, until
from tests.made import a_run
from tests.trees import NOW

DONE = a_run("done", created_at=NOW - 60, summary={"val/acc": 0.9})
WEAK = a_run("weak", created_at=NOW - 60, summary={"val/acc": 0.5})
LIVE = a_run("live", status="running", state="running", alive=True, created_at=NOW - 60)
KILLED = a_run("killed", status="running", state="stale")


@pytest.mark.parametrize(
    ("text", "runs", "every", "any_"),
    [
        ("val/acc > 0.7", [DONE], True, True),
        ("val/acc > 0.7", [DONE, WEAK], False, True),
        ("val/acc > 0.7", [WEAK], False, False),
        ("val/acc > 0.7", [DONE, LIVE], None, True),
        ("val/acc > 0.7", [WEAK, LIVE], None, None),
        ('status == "completed"', [DONE, WEAK], True, True),
        ('status == "completed"', [DONE, KILLED], None, True),
        ('state != "running"', [DONE, KILLED], True, True),
        ('age > "1m"', [LIVE], None, None),
        ('age > "30s"', [LIVE], True, True),
        ("val/acc > 0.7", [], None, None),
    ],
)
def test_it_is_met_by_all_or_by_one_and_missed_when_all_have_ended(
    text: str, runs: list[Run], every: bool | None, any_: bool | None
) -> None:
    everything = [DONE, WEAK, LIVE, KILLED]
    assert met(until(text), runs, everything, now=NOW) is every
    assert met(until(text, one_is_enough=True), runs, everything, now=NOW) is any_


def test_a_name_means_what_it_means_among_all_runs() -> None:
    assert met(until("acc > 0.7"), [DONE], [DONE], now=NOW) is True
    said: list[str] = []
    ambiguous = a_run("other", summary={"train/acc": 0.1})
    assert met(until("acc > 0.7"), [DONE], [DONE, ambiguous], now=NOW, unknown=said.append) is False
    assert said == ["acc could be one of 2 names; write one of: train/acc, val/acc"]


def test_a_name_that_no_run_has_is_false_and_told() -> None:
    said: list[str] = []
    assert met(until("test/acc > 0.7"), [LIVE], [LIVE], now=NOW, unknown=said.append) is None
    assert said == ["no run has test/acc"]


@pytest.mark.parametrize(("text", "timed"), [('age > "1h"', True), ("val/acc > 1", False), ('ended > "1h"', True)])
def test_what_time_alone_can_meet_is_known(text: str, timed: bool) -> None:
    assert until(text).timed is timed


def test_what_is_no_selection_is_wrong_at_once() -> None:
    with pytest.raises(UsageError):
        until("val/acc >")
