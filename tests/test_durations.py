"""Durations and moments, as people type them."""

from __future__ import annotations

import pytest

from spt_cli.errors import UsageError
from spt_cli.words.durations import moment, seconds
from tests.trees import NOW


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("500ms", 0.5),
        ("0.3s", 0.3),
        (".5s", 0.5),
        ("2s", 2),
        ("10m", 600),
        ("3h", 10_800),
        ("2d", 172_800),
        ("1.5 h", 5_400),
        (" 7 ", 7),
        ("0", 0),
        ("90", 90),
    ],
)
def test_a_duration_is_a_number_with_a_unit_or_seconds(text: str, length: float) -> None:
    assert seconds(text) == pytest.approx(length, rel=1e-12)


@pytest.mark.parametrize("text", ["", "d", "2w", "-2d", "1h30m", "1e3", "inf", "nan", "٣s", "9" * 5000, "2,5s"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(UsageError, match="is no duration") as caught:
        seconds(text)
    assert caught.value.hint == "write it like 500ms, 0.3s, 10m, 3h or 2d"
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2d", NOW - 172_800),
        ("60", NOW - 60),
        ("2026-11-20T09:00:00Z", 1_795_165_200),
        ("2026-11-20T10:00:00+01:00", 1_795_165_200),
        ("2026-11-20 09:00:00.5Z", 1_795_165_200.5),
    ],
)
def test_a_moment_is_a_duration_ago_or_a_time(text: str, expected: float) -> None:
    assert moment(text, NOW) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "10:00", "2d ago", "99999-01-01"])
def test_anything_else_is_no_moment(text: str) -> None:
    with pytest.raises(UsageError, match="neither a duration nor a time"):
        moment(text, NOW)
