"""What a log says for people: lines, progress bars, escape sequences, matches."""

from __future__ import annotations

import re
import tracemalloc
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spt_cli.logs.text import LineBuffer, Match, clean, grep, lines

SLOW = settings(max_examples=200, deadline=None)
BITS = st.sampled_from([b"\r", b"\n", b"\r\n", b"10%", b"|##  |", b" ", b"\x1b[K", b"\xc3", b"\xa9", b"x" * 9])
LOGS = st.lists(BITS, max_size=30).map(b"".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", []),
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\nb", [b"a", b"b"]),
        (b"\n\n", [b"", b""]),
        (b"crlf\r\nnext\r\n", [b"crlf", b"next"]),
        (b"10%\r20%\r30%\n", [b"30%"]),
        (b"\r10%\r20%", [b"20%"]),
        (b"10%\r20%\r", [b"20%"]),
        (b"10%\r20%\r\r\n", [b"20%"]),
        (b"10%\r   \rdone\n", [b"done"]),
        (b"10%\r   \r\n", [b"   "]),
        (b"\r\r\n", [b""]),
    ],
)
def test_a_progress_bar_is_its_last_state(text: bytes, expected: list[bytes]) -> None:
    assert list(lines([text])) == expected


@SLOW
@given(LOGS, st.lists(st.integers(0, 200)), st.integers(1, 12))
def test_lines_do_not_depend_on_the_blocks_they_come_in(log: bytes, cuts: list[int], max_line: int) -> None:
    places = [0, *sorted(cut for cut in cuts if cut < len(log)), len(log)]
    blocks = [log[start:end] for start, end in pairwise(places)]
    assert list(lines(blocks, max_line)) == list(lines([log], max_line))


@SLOW
@given(LOGS)
def test_a_line_is_its_last_state_that_is_not_empty(log: bytes) -> None:
    """The rule in one line of Python, for logs that are held whole."""
    whole = [next((state for state in reversed(line.split(b"\r")) if state), b"") for line in log.split(b"\n")]
    assert list(lines([log])) == (whole if whole[-1] else whole[:-1])


def test_the_unfinished_line_shows_its_present_state() -> None:
    """What a terminal shows while a log is followed."""
    buffer = LineBuffer()
    seen = [(buffer.feed(data), buffer.pending) for data in (b"10%", b"\r2", b"0%\r", b"", b"\r30%\nnext")]
    assert seen == [([], b"10%"), ([], b"2"), ([], b"20%"), ([], b"20%"), ([b"30%"], b"next")]


def test_a_line_without_end_is_not_held() -> None:
    tracemalloc.start()
    try:
        (line,) = lines((bytes(1 << 16) for _ in range(1_000)), max_line=100)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert line == bytes(100) + "[… 65,535,900 bytes left out]".encode()
    assert peak < 1 << 20


def test_a_progress_bar_without_end_is_not_held() -> None:
    tracemalloc.start()
    try:
        (line,) = lines(b"\r%9d%%" % step for step in range(10_000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert line == b"     9999%"
    assert peak < 50_000


COLOURED = b"\x1b[1;31mred\x1b[0m"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (b"tab\tand\nline", "tab\tand\nline"),
        (COLOURED, "red"),
        (b"\x1b[38:2::1:2:3mtrue colour\x1b[m", "true colour"),
        (b"\x1b[2J\x1b[H\x1b[?1049hscreen\x1b[10;20r", "screen"),
        (b"\x1b[>4;2mnot a colour", "not a colour"),
        (b"\x1b]0;title\x07after", "after"),
        (b"\x1b]0;title\x1b\\after", "after"),
        (b"\x1b]52;c;cm0gLXJmIH4=\x07clipboard", "clipboard"),
        (b"\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        (b"\x1bP1$r0m\x1b\\dcs", "dcs"),
        (b"\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\rest", "rest"),
        (b"\x1bc\x1b(0\x1b#8reset", "reset"),
        ("\x9b31mc1\x9d0;title\x9cafter\x85".encode(), "c1after"),
        (b"\x1b[", ""),
        (b"ends in \x1b", "ends in "),
        (b"ends in \x1b(", "ends in "),
        (b"ends in \x1b[12;3", "ends in "),
        (b"ends in \x1b]0;tit", "ends in "),
        (b"broken \x1b[12\x1b[31moff", "broken off"),
        (b"broken \x1b]0;ti\x1b[31moff", "broken off"),
        (b"bell\x07 back\x08space del\x7f nul\x00 form\x0c\x0bfeed", "bell backspace del nul formfeed"),
        ("a\u202eb\u2066c\u2028d".encode(), "abcd"),
        (b"latin-1 \xe9t\xe9", "latin-1 \ufffdt\ufffd"),
        ("é 日本 👩\u200d🔬".encode(), "é 日本 👩\u200d🔬"),
    ],
)
def test_what_acts_on_a_terminal_goes_as_a_whole(text: bytes, plain: str) -> None:
    assert clean(text) == plain


@pytest.mark.parametrize(
    ("text", "coloured"),
    [
        (COLOURED, COLOURED.decode()),
        (b"\x1b[31mnever reset", "\x1b[31mnever reset\x1b[0m"),
        (b"\x1b[2J\x1b[32mgreen\x1b[K", "\x1b[32mgreen\x1b[0m"),
        (b"\x1b]0;\x1b[31m\x07", "\x1b[31m\x1b[0m"),
        (b"\x1b[?25lplain", "plain"),
    ],
)
def test_colours_are_kept_alone_and_reset(text: bytes, coloured: str) -> None:
    assert clean(text, colours=True) == coloured


SEQUENCES = st.sampled_from(
    [
        b"\x1b",
        b"[",
        b"]",
        b"P",
        b"31",
        b";",
        b"m",
        b"?",
        b"\\",
        b"\x07",
        b"\x9c",
        b"\xc2",
        b"\x9b",
        b"\x9d",
        b"\r",
        b"8",
        b"H",
    ]
)


@SLOW
@given(st.lists(st.one_of(SEQUENCES, st.binary(max_size=3)), max_size=30).map(b"".join))
@example(b"\x1b\x1b[0m[31m")
@example(b"\x1b]\x1b]\x1b[0m")
def test_clean_text_has_no_control_characters(data: bytes) -> None:
    """None but line feeds, tabs and, when asked for, whole colour sequences."""
    plain, coloured = clean(data), clean(data, colours=True)
    assert controls(plain) == set()
    assert controls(re.sub(r"\x1b\[[0-9;:]*m", "", coloured)) == set()
    assert clean(plain.encode()) == plain


def controls(text: str) -> set[str]:
    return {character for character in text if unicodedata.category(character) in ("Cc", "Zl", "Zp")} - {"\n", "\t"}


LOG = [b"zero", b"one", b"two", b"\x1b[31mthree\x1b[0m", b"four", b"five", b"six", b"seven"]


@pytest.mark.parametrize(
    ("pattern", "context", "expected"),
    [
        ("nothing", 3, []),
        ("^three$", 0, ["4*"]),
        ("three", 1, ["3", "4*", "5"]),
        ("three|six", 1, ["3", "4*", "5", "6", "7*", "8"]),
        ("three|four", 1, ["3", "4*", "5*", "6"]),
        ("zero|seven", 2, ["1*", "2", "3", "6", "7", "8*"]),
    ],
)
def test_grep_gives_matches_with_their_context(pattern: str, context: int, expected: list[str]) -> None:
    matches = list(grep(LOG, re.compile(pattern), context))
    assert [f"{match.number}{'*' if match.hit else ''}" for match in matches] == expected
    assert all(LOG[match.number - 1] == match.line for match in matches)


def test_grep_sees_text_without_colours_and_gives_the_line_as_it_stands() -> None:
    assert list(grep(LOG, re.compile("^three"))) == [Match(4, LOG[3], hit=True)]
