"""Runs as a table."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from syrupy.assertion import SnapshotAssertion

from spt_cli.choice.names import Names
from spt_cli.choice.sorting import ordered
from spt_cli.errors import UsageError
from spt_cli.model import Run
from spt_cli.render.runs import View, counts, runs_table, values
from spt_cli.render.table import draw
from spt_cli.render.terminal import Terminal
from spt_cli.tree.snapshot import scan
from tests.made import a_run
from tests.trees import NOW

PIPE = View(Terminal(), NOW)
SWEEP = [
    a_run("r0", created_at=NOW - 7200, ended_at=NOW, hparams={"optim.lr": 0.1, "seed": 0}, summary={"val/acc": 0.5}),
    a_run(
        "r1", created_at=NOW - 60, state="failed", hparams={"optim.lr": 0.2, "seed": 0}, summary={"val/acc": math.nan}
    ),
]


def table(runs: list[Run], view: View = PIPE, **options: Any) -> list[list[str]]:
    """The titles and then the cells of each row."""
    made = runs_table(runs, Names(runs), view, **options)
    return [[column.title for column in made.columns], *([cell.text for cell in row] for row in made.rows)]


def test_the_columns_are_those_that_tell_runs_apart() -> None:
    assert table(SWEEP) == [
        ["state", "id", "age", "duration", "lr", "val/acc"],
        ["completed", "r0", "2h", "2h 00m", "0.1", "0.5"],
        ["failed", "r1", "60s", "", "0.2", "nan"],
    ]


def test_a_name_is_shown_where_a_person_gave_one() -> None:
    runs = [a_run("s/0", display_name="best"), a_run("s/1", display_name="1")]
    assert [row[2] for row in table(runs)] == ["name", "best", ""]


def test_wide_adds_tags_and_notes() -> None:
    runs = [a_run("r", tags=("a", "b"), notes="do not\nreuse")]
    assert table(runs, wide=True) == [
        ["state", "id", "age", "duration", "tags", "notes"],
        ["completed", "r", "", "", "a, b", "do not\nreuse"],
    ]


def test_chosen_columns_mean_what_they_mean_in_a_selection() -> None:
    assert table(SWEEP, chosen=["id", "lr", "summary.val/acc", "created"], view=View(Terminal(), NOW, utc=True)) == [
        ["id", "lr", "summary.val/acc", "created"],
        ["r0", "0.1", "0.5", "2027-01-15 06:00:00Z"],
        ["r1", "0.2", "nan", "2027-01-15 07:59:00Z"],
    ]


def test_an_unknown_column_is_an_error_with_a_suggestion() -> None:
    with pytest.raises(UsageError, match="no run has val/akk") as caught:
        table(SWEEP, chosen=["val/akk"])
    assert caught.value.hint == "did you mean val/acc?"


def test_what_differs_but_says_little_is_left_out() -> None:
    runs = [
        a_run(f"r{i}", hparams={"dir": f"/scratch/{i}", "tags.0": str(i), "text": "x" * 30 + str(i)}) for i in (1, 2)
    ]
    assert table(runs)[0] == ["state", "id", "age", "duration"]


def test_an_hparam_that_shows_nothing_is_no_column() -> None:
    runs = [a_run("0", hparams={"resume": None}), a_run("1")]
    assert table(runs)[0] == ["state", "id", "age", "duration"]


def test_an_hparam_whose_last_part_is_not_unique_keeps_its_name() -> None:
    runs = [a_run(f"r{i}", hparams={"a.lr": i, "b.lr": i}) for i in (1, 2)]
    assert table(runs)[0][4:] == ["a.lr", "b.lr"]


def test_validation_comes_before_training_and_counters_are_left_out() -> None:
    runs = [a_run("r", summary=dict.fromkeys(("epoch", "aux", "train/loss", "val/loss", "lr"), 1.0))]
    assert table(runs)[0][4:] == ["val/loss", "train/loss", "aux"]


@pytest.mark.parametrize(("width", "expected"), [(34, 4), (40, 5), (60, 6)])
def test_on_a_terminal_there_are_as_many_columns_as_fit(width: int, expected: int) -> None:
    shown = table(SWEEP, View(Terminal(width=width), NOW))
    assert len(shown[0]) == expected
    drawn = draw(runs_table(SWEEP, Names(SWEEP), View(Terminal(width=width), NOW)), Terminal(width=width))
    assert max(map(len, drawn)) <= width + 1


def test_a_state_is_a_glyph_and_a_word_on_a_terminal_and_one_word_in_a_pipe() -> None:
    runs = [a_run(state=state) for state in ("running", "stale", "completed", "failed", "never started", "odd")]
    on = [[row[0] for row in table(runs, view)][1:] for view in (View(Terminal(width=80), 0), PIPE)]
    plain = [row[0] for row in table(runs, View(Terminal(width=80, unicode=False), 0))][1:]
    assert on == [
        ["● running", "◌ stale", "✓ completed", "✗ failed", "· never started", "· odd"],
        ["running", "stale", "completed", "failed", "never-started", "odd"],
    ]
    assert plain == ["* running", "? stale", "+ completed", "x failed", "- never started", "- odd"]


def test_values_are_given_as_they_are() -> None:
    header, rows = values(SWEEP, Names(SWEEP), PIPE, ["id", "created", "lr", "val/acc"])
    assert header == ["id", "created", "lr", "val/acc"]
    assert next(rows) == ["r0", NOW - 7200, 0.1, 0.5]


def test_states_are_counted_with_the_most_urgent_first() -> None:
    states = ["completed", "odd", "failed", "completed", "running", ""]
    said = "1 failed, 1 running, 2 completed, 1 without a state, 1 odd"
    assert counts([a_run(state=state) for state in states]) == said


@pytest.mark.parametrize("width", [None, 100, 140])
def test_the_real_runs(real_runs: Path, snapshot: SnapshotAssertion, width: int | None) -> None:
    found = scan(real_runs, now=NOW).runs
    runs = ordered(found.values(), names=Names(found.values()), now=NOW)
    terminal = Terminal(width=width)
    assert "".join(draw(runs_table(runs, Names(runs), View(terminal, NOW)), terminal)) == snapshot


def test_the_real_runs_with_little_to_show_them(real_runs: Path, snapshot: SnapshotAssertion) -> None:
    found = scan(real_runs / "cache", now=NOW).runs
    runs = [structs.replace(found[run_id], notes="") for run_id in sorted(found)]
    terminal = Terminal(width=60, unicode=False, color=True)
    assert "".join(draw(runs_table(runs, Names(runs), View(terminal, NOW)), terminal)) == snapshot
