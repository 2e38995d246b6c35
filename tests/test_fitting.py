"""A page of a limited size: what gives way, in which order, and that no more of it goes than has to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from spt_cli.commands.fitting import Fitted, fitted, total
from spt_cli.render import html, split
from spt_cli.report import Options, Report, report
from spt_cli.tree.roots import gather, resolve
from tests.trees import NOW

NOTHING = Options(media=0, logs=0, limit=0)


def one_file(made: Report) -> dict[str, bytes]:
    return {"": b"".join(html.page(made))}


@pytest.fixture(scope="module")
def make(real_runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Options], Report]:
    """Reports of the real runs."""
    cache = tmp_path_factory.mktemp("cache")
    forest = gather(resolve([str(real_runs)])[0], now=NOW)
    runs = list(forest.runs.values())
    return lambda options: report(forest, runs, structs.replace(options, cache=cache))


@pytest.mark.parametrize("show", [one_file, split.files])
def test_a_page_is_hardly_smaller_than_it_may_be(make: Any, show: Any) -> None:
    """A tenth more than has to may go, and one step: a picture, a line of all logs, the curves of a run."""
    whole, least = (total(show(make(options))) for options in (Options(), NOTHING))
    room = whole - least
    for eighths in range(1, 8):
        most = least + room * eighths // 8
        made = fitted(make, show, Options(), most)
        assert made.fits
        assert most - 0.2 * room <= total(made.files) <= most


def held(made: Fitted) -> tuple[int, int, int]:
    return made.options.media, made.options.logs, made.options.limit


def test_pictures_give_way_first_then_logs_then_curves(make: Any) -> None:
    whole, least = (total(one_file(make(options))) for options in (Options(), NOTHING))
    found = [fitted(make, one_file, Options(), whole - (whole - least) * part // 100) for part in (0, 9, 40, 80)]
    media, logs, curves = zip(*map(held, found), strict=True)
    assert media[0] == Options().media > media[1] > media[2] == media[3] == 0
    assert logs[0] == logs[1] == Options().logs > logs[2] > logs[3] == 0
    assert curves[0] == curves[1] == curves[2] == Options().limit > curves[3] > 0


def test_a_report_says_what_gave_way(make: Any) -> None:
    made = fitted(make, one_file, Options(), total(one_file(make(NOTHING))) + 200)
    (said,) = made.report.left_out  # nothing of an option that nobody gave
    assert said.startswith("all pictures, all logs, all curves, for a page of at most ")


def test_what_is_too_large_without_any_of_it_is_said(make: Any) -> None:
    made = fitted(make, one_file, Options(), 1_000)
    assert (made.fits, held(made)) == (False, (0, 0, 0))
