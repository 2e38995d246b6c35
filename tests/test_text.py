"""Text for people."""

from __future__ import annotations

import math
import time
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spt_cli.words.text import (
    ago,
    cells,
    clip,
    did_you_mean,
    duration,
    measure,
    one_line,
    plural,
    printable,
    rfc3339,
    size,
    value,
    when,
)

ANYTHING = st.text(st.characters(codec=None, categories=None), max_size=40)


def test_what_acts_on_a_terminal_is_written_out() -> None:
    assert printable("[/] \x1b[2J <b>\n\x07\x7f\x9b") == r"[/] \x1b[2J <b>\n\x07\x7f\x9b"


def test_lines_and_tabs_may_stay() -> None:
    assert printable("a\tb\nc\rd\x1b", lines=True) == "a\tb\nc\\rd\\x1b"


def test_marks_of_direction_are_written_out() -> None:
    assert printable("\u202eevil\u2066 \u2028") == r"\u202eevil\u2066 \u2028"


def test_a_byte_that_is_not_utf8_shows_as_that_byte() -> None:
    assert printable(b"a\xff".decode(errors="surrogateescape") + "\ud800") == r"a\xff\ud800"


@settings(max_examples=200, deadline=None)
@given(ANYTHING)
def test_printable_text_can_be_written_and_has_no_control_characters(text: str) -> None:
    shown = printable(text)
    shown.encode()
    assert not [character for character in shown if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")]
    assert printable(shown) == shown


def test_white_space_becomes_one_space() -> None:
    assert one_line("  a\n\n b\t c ") == "a b c"


def test_wide_characters_take_two_cells_and_marks_none() -> None:
    assert [cells(text) for text in ("run", "実験", "e\u0301", "👍")] == [3, 4, 1, 2]
    assert cells(unicodedata.normalize("NFD", "한국")) == cells("한국") == 4
    assert cells("\u0378\xad") == 2  # unassigned, and a soft hyphen


def test_text_is_cut_at_its_end_or_its_beginning() -> None:
    assert clip("cache/runs/881290", 9) == "cache/ru…"
    assert clip("cache/runs/881290", 9, keep_end=True) == "…s/881290"
    assert clip("実験実験", 4) == "実…"
    assert clip("abc", 3) == "abc"


@settings(max_examples=200, deadline=None)
@given(ANYTHING, st.integers(0, 20), st.booleans())
def test_cut_text_fits(text: str, width: int, keep_end: bool) -> None:
    assert cells(clip(one_line(text), width, keep_end=keep_end)) <= width


@pytest.mark.parametrize(
    ("scalar", "shown"),
    [
        (None, ""),
        (True, "true"),
        (0.0003, "0.0003"),
        (1e-05, "1e-05"),
        (0.89948465306515, "0.899485"),
        (3, "3"),
        ("adam", "adam"),
        (math.nan, "nan"),
    ],
)
def test_an_hparam_is_shown_as_it_was_typed(scalar: object, shown: str) -> None:
    assert value(scalar) == shown  # type: ignore[arg-type] # the parameters are scalars


@pytest.mark.parametrize(
    ("scalar", "shown"),
    [
        (0.45671234, "0.4567"),
        (12345.678, "12346"),
        (1.23456e8, "1.235e+08"),
        (1e-5, "1e-05"),
        (7, "7"),
        (10**12, "1e+12"),
        (-(10**400), "-inf"),
        (1.0, "1"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (None, ""),
        (True, "true"),
        ("text", "text"),
    ],
)
def test_a_metric_has_four_significant_digits(scalar: object, shown: str) -> None:
    assert measure(scalar) == shown  # type: ignore[arg-type] # the parameters are scalars


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, ""),
        (math.inf, ""),
        (0, "0s"),
        (0.02, "0.1s"),
        (0.4, "0.4s"),
        (59.9, "59s"),
        (303, "5m 03s"),
        (11_520, "3h 12m"),
        (2 * 86400 + 4 * 3600, "2d 4h"),
        (310 * 86400, "310d"),
        (-5, "0s"),
    ],
)
def test_a_duration_has_two_units(seconds: float | None, shown: str) -> None:
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, ""),
        (90, "90s"),
        (120, "2m"),
        (7200, "2h"),
        (3 * 86400, "3d"),
        (800 * 86400, "2y"),
        (-3, "0s"),
        (math.nan, ""),
    ],
)
def test_an_age_has_one_unit(seconds: float | None, shown: str) -> None:
    assert ago(seconds) == shown


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0 B"), (812, "812 B"), (1000, "1.0 kB"), (999_600, "1.0 MB"), (53_000_000_000, "53 GB")]
)
def test_a_size_has_two_digits_or_more(count: int, shown: str) -> None:
    assert size(count) == shown


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A local zone of UTC+9."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("tokyo")
def test_times_are_local_or_utc() -> None:
    assert when(0) == "1970-01-01 09:00:00"
    assert when(0, utc=True) == "1970-01-01 00:00:00Z"


def test_times_for_programs_are_utc_with_milliseconds() -> None:
    assert rfc3339(1795417022.2147467) == "2026-11-23T06:57:02.214Z"


@pytest.mark.parametrize("seconds", [None, math.nan, math.inf, 1e300, -1e300])
def test_what_no_calendar_holds_is_no_time(seconds: float | None) -> None:
    assert rfc3339(seconds) is None
    assert when(seconds) == ""


def test_nouns_agree_with_their_number() -> None:
    assert [plural(1, "run"), plural(1200, "run"), plural(2, "entry", "entries")] == [
        "1 run",
        "1,200 runs",
        "2 entries",
    ]


def test_near_words_are_offered_or_nothing_is() -> None:
    assert did_you_mean("val/akk", ["val/acc", "train/loss"]) == "did you mean val/acc?"
    assert did_you_mean("x", ["val/acc"]) is None
