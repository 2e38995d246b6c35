"""Frames of the screen: any size, what stands out, where a person is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from msgspec import structs
from syrupy.assertion import SnapshotAssertion

from spt_cli.choice.selection import selection
from spt_cli.choice.sorting import keys
from spt_cli.render.screen import Bar, Place, frame, moved, page, pointed_at, settled
from spt_cli.watch.board import Board
from spt_cli.watch.scene import Scene, Wanted
from spt_cli.watch.watching import Choice
from spt_cli.words.text import cells
from tests.made import a_run
from tests.screens import CLOCK, busy, busy_scene, forest, live, look_at, text
from tests.trees import NOW

BAR = Bar("runs", "created ↓")
SIZES = [(40, 12), (80, 24), (200, 50)]


def drawn(scene: Scene, width: int = 80, lines: int = 24, bar: Bar = BAR, **options: Any) -> list[str]:
    return frame(look_at(scene, width, **options), settled(Place(), scene, lines), bar, lines)


def scene_of(*runs: Any, wanted: Wanted = Wanted(), **fields: Any) -> Scene:  # noqa: B008 - a frozen value
    board = Board(wanted)
    board.look(forest(*runs, **fields), now=NOW, clock=CLOCK)
    return board.scene


def plain(line: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", line)


@pytest.mark.parametrize(("width", "lines"), SIZES)
def test_a_busy_tree(width: int, lines: int, snapshot: SnapshotAssertion) -> None:
    assert text(drawn(busy_scene(Wanted(metric="val/acc")), width, lines)) == snapshot


@pytest.mark.parametrize(("width", "lines"), SIZES)
def test_groups(width: int, lines: int, snapshot: SnapshotAssertion) -> None:
    assert text(drawn(busy_scene(Wanted(group_by="width")), width, lines)) == snapshot


def test_colours(snapshot: SnapshotAssertion) -> None:
    assert text(drawn(busy_scene(Wanted(metric="val/acc")), color=True)).replace("\x1b", "^") == snapshot


def test_ascii(snapshot: SnapshotAssertion) -> None:
    shown = text(
        drawn(
            busy_scene(Wanted(metric="val/acc", group_by="width")), 120, bar=Bar("runs", "created down"), unicode=False
        )
    )
    assert shown.isascii()
    assert shown == snapshot


@pytest.mark.parametrize("width", [40, 43, 47, 53, 59, 60, 72, 80, 97, 119, 120, 150, 200, 300])
def test_a_frame_fits_whatever_the_size(width: int) -> None:
    for lines in (1, 2, 3, 4, 5, 6, 9, 10, 12, 24, 60):
        for wanted in (Wanted(), Wanted(metric="val/acc", group_by="width")):
            for color in (True, False):
                shown = drawn(busy_scene(wanted), width, lines, color=color)
                assert len(shown) == lines
                assert max(cells(plain(line)) for line in shown) <= width


def test_numbers_are_never_cut() -> None:
    """What stands behind the id of one run, at any width, is a part of what stands there where all fits."""
    rows = [
        re.split(r" {2,}", next(line for line in drawn(busy_scene(), width) if "fast" in line).strip())
        for width in range(40, 301)
    ]
    whole = set(rows[-1]) | {"0.62▲", "45%", "0.62"}  # the narrow forms
    assert [row for row in rows if not whole.issuperset(row)] == []


def row_of(scene: Scene, run: str, width: int = 80, **options: Any) -> str:
    (row,) = [line for line in drawn(scene, width, color=True, **options) if f"{run} " in plain(line)]
    return row


def test_what_changed_stands_out_for_a_moment() -> None:
    scene = busy_scene()
    assert "\x1b[1m   0.62\x1b[0m\x1b[1;32m▲\x1b[0m" in row_of(scene, "fast", clock=CLOCK + 3.9)
    assert "   0.62\x1b[32m▲\x1b[0m" in row_of(scene, "fast", clock=CLOCK + 4)


def test_a_run_that_came_stands_out() -> None:
    scene = busy_scene(Wanted(Choice(by=keys("-val/acc"))))
    row = row_of(scene, "new")
    assert row.startswith("  \x1b[32;1;7m● running\x1b[0m")
    assert "\x1b[1msweep/new\x1b[0m" in row


def test_worse_is_red_and_of_a_norm_nobody_knows() -> None:
    board = Board(Wanted(Choice(by=keys("-run_id"))))
    for value in (1.0, 2.0):
        summary = {"val/acc": -value, "val/loss": value, "norm": value}
        board.look(forest(live("a", summary=summary), a_run("z")), now=NOW, clock=CLOCK)
    shown = row_of(board.scene, "a", 200)
    assert [shown.count(step) for step in ("\x1b[1;31m▼-1\x1b[0m", "\x1b[1;31m▲+1\x1b[0m", "\x1b[1;2m▲+1\x1b[0m")] == [
        1,
        1,
        1,
    ]


def test_only_the_row_that_is_pointed_at_is_reversed_and_marked() -> None:
    shown = drawn(busy_scene(), color=True)
    assert [number for number, line in enumerate(shown) if line.startswith("\x1b[7m▸ \x1b[0m")] == [3]
    assert re.sub(r"\x1b\[7m[^\x1b]*\x1b\[0m", "", shown[3]) == ""


def test_a_glyph_and_a_word_say_every_state() -> None:
    shown = "\n".join(drawn(busy_scene()))
    for state in ("● running", "! stuck", "◌ stale", "✗ failed", "✓ completed", "· preempted"):
        assert state in shown


# the head


def test_counts_lose_words_before_they_lose_numbers() -> None:
    scene = busy_scene()
    assert [drawn(scene, width, 12)[1].strip() for width in (80, 60, 40)] == [
        "✗ 1 failed  ! 1 stuck  ◌ 1 stale  ● 3 running  ✓ 12 completed  · 1 preempted",
        "✗ 1 failed  ! 1 stuck  ◌ 1 stale  ● 3 running  ✓ 12  · 1",
        "✗ 1 failed  ! 1  ◌ 1  ● 3  ✓ 12  · 1",
    ]


def test_while_the_first_scan_goes_on_it_says_so() -> None:
    assert drawn(scene_of(found=0))[0].split() == ["runs", "looking…", "0", "found"]
    assert drawn(scene_of(a_run("a"), found=1234), lines=5)[0].split()[-3:] == ["looking…", "1,234", "found"]


def test_that_nothing_comes_any_more_is_said() -> None:
    assert drawn(busy_scene(), bar=structs.replace(BAR, silent=75.0))[0].endswith("no look for 75s")


@pytest.mark.parametrize(
    ("scene", "said"),
    [
        (scene_of(), "no runs below runs"),
        (scene_of(a_run("a"), wanted=Wanted(Choice(selection("archived")))), "none of 1 run is chosen"),
        (scene_of(found=0), ""),
    ],
)
def test_a_screen_without_rows_says_why(scene: Scene, said: str) -> None:
    assert drawn(scene)[2].strip() == said


# the foot


def test_the_foot_says_which_rows_and_how_they_were_chosen() -> None:
    bar = Bar("runs", "created ↓", "val/acc > 0.5")
    assert drawn(busy_scene(), 120, 12, bar)[-1].startswith("1-8 of 19 · where val/acc > 0.5 · by created ↓  ")


def test_a_message_takes_the_place_of_that() -> None:
    assert drawn(busy_scene(), bar=structs.replace(BAR, message="no run has\nfoo"))[-1].startswith("no run has foo  ")


def test_names_that_no_run_has_are_said_once_all_runs_are_seen() -> None:
    wanted = Wanted(Choice(selection("los > 1")))
    assert drawn(scene_of(a_run("a"), wanted=wanted))[-1].startswith("no run has los")
    assert "los" not in drawn(scene_of(a_run("a"), wanted=wanted, found=1))[-1]


def test_foreign_text_does_nothing() -> None:
    evil = "\x1b[2J\x9b31m\u202e\n<b>"
    run = a_run(f"r{evil}", display_name=evil, state=evil, status=evil, hparams={evil: evil}, summary={evil: 1.0})
    other = a_run("s", hparams={evil: "x"}, summary={evil: 2.0})
    board = Board(Wanted(metric=None))
    board.look(forest(run, other), now=NOW, clock=CLOCK)
    shown = "\n".join(drawn(board.scene, 200, bar=Bar(evil, evil, evil, "")))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown)
    assert "\\x1b[2J" in shown


# chosen columns


def test_chosen_columns_stand_in_their_order_and_the_curve_after_them() -> None:
    wanted = Wanted(columns=("val/acc", "id", "progress", "speed", "left", "lr", "nix"), metric="val/acc")
    shown = drawn(busy_scene(wanted), 120)
    assert shown[2].split() == ["val/acc", "id", "progress", "speed", "left", "lr", "nix", "val/acc"]
    assert shown[4].split() == ["0.62▲", "sweep/fast", "45%", "6.83", "12m", "11s", "0.01", "▁▄▇█"]


# where a person is


def many(count: int = 100) -> Scene:
    return scene_of(*(a_run(f"r{at:03}", created_at=NOW - at) for at in range(count)))


def at(scene: Scene, place: Place) -> str:
    run = pointed_at(place, scene)
    return run.run_id if run else ""


def test_a_place_is_the_first_row_until_somebody_moves() -> None:
    scene = many()
    place = settled(Place(), scene, 24)
    assert (at(scene, place), place.run_id) == ("r000", None)
    newer = scene_of(*(a_run(f"r{number:03}", created_at=NOW - number) for number in range(-1, 100)))
    assert at(newer, settled(place, newer, 24)) == "r-01"


def test_moving_stays_within_the_rows() -> None:
    scene = many(10)
    assert at(scene, moved(Place(), scene, 24, -1)) == "r000"
    assert at(scene, moved(Place(), scene, 24, 3)) == "r003"
    assert at(scene, moved(Place(), scene, 24, 99)) == "r009"


def test_the_table_scrolls_as_little_as_it_must() -> None:
    scene, lines = many(), 14  # of which the table has 10
    assert page(lines) == 10
    place = moved(Place(), scene, lines, 9)
    assert (place.at, place.top) == (9, 0)
    place = moved(place, scene, lines, 1)
    assert (place.at, place.top) == (10, 1)
    assert moved(place, scene, lines, -9).top == 1
    assert moved(place, scene, lines, -10).top == 0
    assert moved(place, scene, lines, 1000).top == 90


def test_a_person_stays_on_a_run_that_moves() -> None:
    scene = many()
    place = moved(Place(), scene, 24, 5)
    reversed_ = scene_of(*(a_run(f"r{number:03}", created_at=NOW + number) for number in range(100)))
    found = settled(place, reversed_, 24)
    assert (at(reversed_, found), found.at, found.top) == ("r005", 94, 75)


def test_when_the_run_went_its_line_is_kept() -> None:
    scene = many()
    place = moved(Place(), scene, 24, 5)
    rest = scene_of(*(a_run(f"r{number:03}", created_at=NOW - number) for number in range(100) if number != 5))
    assert at(rest, settled(place, rest, 24)) == "r006"
    few = many(3)
    assert at(few, settled(place, few, 24)) == "r002"
    none = scene_of()
    assert settled(place, none, 24) == Place()
    assert pointed_at(Place(), none) is None


def test_headings_are_passed_over() -> None:
    scene = busy_scene(Wanted(group_by="width"))
    first = settled(Place(), scene, 24)
    assert (first.at, first.top) == (1, 0)
    seen = []
    place = first
    for _ in range(len(scene.rows)):
        seen.append(at(scene, place))
        place = moved(place, scene, 24, 1)
    assert seen == [run.run_id for run in scene.rows]
    back = moved(place, scene, 24, -1000)
    assert (back.at, back.top) == (1, 0)


def test_rows_below_each_other_are_all_drawn() -> None:
    scene = many(30)
    place = moved(Place(), scene, 14, 29)
    shown = frame(look_at(scene), place, BAR, 14)
    assert [re.findall(r"r\d+", line)[0] for line in shown[3:13]] == [f"r{number:03}" for number in range(20, 30)]


def test_all_runs_of_the_busy_tree_are_there() -> None:
    assert {run.run_id for run in busy_scene().rows} == {run.run_id for run in busy()}
