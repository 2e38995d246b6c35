"""Curves in one line, and progress."""

from __future__ import annotations

import math

import pytest

from spt_cli.render.sparks import gauge, spark


def test_a_curve_goes_from_the_lowest_bar_to_the_highest() -> None:
    assert spark(list(range(8)), 8) == "▁▂▃▄▅▆▇█"
    assert spark(list(range(7)), 8, unicode=False) == "_.-=+*#"


def test_a_curve_with_few_points_takes_less_room() -> None:
    assert spark([1.0, 2.0], 12) == "▁█"


def test_more_points_than_cells_are_means() -> None:
    assert spark([0.0, 0.0, 1.0, 3.0, 4.0, 4.0], 3) == "▁▅█"


def test_what_is_not_finite_is_a_gap() -> None:
    assert spark([0.0, math.nan, 1.0, math.inf], 4) == "▁ █ "
    assert spark([0.0, 0.0, math.nan, 1.0, 1.0, 1.0], 3) == "▁ █"


def test_a_flat_curve_is_in_the_middle() -> None:
    assert spark([0.5, 0.5], 2) == "▅▅"


@pytest.mark.parametrize("points", [[], [math.nan]])
def test_a_curve_of_nothing_is_empty(points: list[float]) -> None:
    assert spark(points, 4).strip() == ""


def test_the_largest_floats_have_an_extent_too() -> None:
    assert spark([-1.7e308, 1.7e308], 2) == "▁█"


@pytest.mark.parametrize(
    ("done", "expected"), [(0.0, "────"), (0.5, "━━──"), (0.6, "━━──"), (0.63, "━━╸─"), (0.99, "━━━╸"), (1.0, "━━━━")]
)
def test_a_gauge_is_full_only_when_all_is_done(done: float, expected: str) -> None:
    assert gauge(done, 4) == expected


def test_a_gauge_in_ascii() -> None:
    assert gauge(0.5, 4, unicode=False) == "##--"
