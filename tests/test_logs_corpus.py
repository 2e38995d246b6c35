"""A log reads in the browser as it reads here: both are held to tests/data/log-corpus.json.

This side writes the corpus, `node --test tests/site/logs.test.js` reads it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

from spt_cli.logs.text import LineBuffer, clean

CORPUS = Path(__file__).parent / "data" / "log-corpus.json"

WRITTEN = [
    # lines, and bars that write over themselves
    ["10%\r2", "0%\r", "", "\r30%\nnext"],
    ["a\r\n\r\n\rb\n"],
    ["one\n", "two"],
    ["bar\r\r\r\n", "\r", "\n"],
    ["a\rb\rc", "d\re\r\n"],
    ["\n\n\r\n"],
    ["x\r", "\ry\r", "\r"],
    ["long line without an end", " that goes on", "\r!"],
    # what acts on a terminal
    ["\x1b[1;31mred\x1b[0m"],
    ["\x1b[31mnever reset"],
    ["\x1b[38:2::1:2:3mtrue colour\x1b[m"],
    ["\x1b[2J\x1b[H\x1b[?1049hx"],
    ["\x1b[>4;2mnot a colour"],
    ["\x1b]0;title\x07after"],
    ["\x1b]52;c;cm0gLXJmIH4=\x07clipboard"],
    ["\x1b]0;\x1b[31m\x07"],
    ["\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\"],
    ["\x1bP1$r0m\x1b\\dcs"],
    ["\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\rest"],
    ["\x1bc\x1b(0\x1b#8reset"],
    ["\x1b["],
    ["\x1b"],
    ["\x1b("],
    ["\x1b[12;3"],
    ["\x1b]0;tit"],
    ["\x1b[12\x1b[31moff"],
    ["\xc2\x9b31mc1\xc2\x9d0;title\xc2\x9cafter\xc2\x85"],
    ["\x1b]0;open\nnext line"],
    ["cut \x1b[3", "1mred\n"],
    ["bell\x07 back\x08space del\x7f nul\x00 form\x0c\x0bfeed"],
    ["\x1b[K10%\x1b[K\r\x1b[K20%\x1b[K\n"],
    # bytes that are no text, and text that reorders itself
    ["latin-1 \xe9t\xe9"],
    ["\xff\xfe\x00x\x00"],
    ["\xed\xa0\x80 half"],
    ["\xf0\x9f\x99\x82 \xf0\x9f"],
    ["\xef\xbb\xbfbom"],
    ["\xf4\x90\x80\x80\xc0\x80"],
    ["a\xe2\x80\xaeb\xe2\x81\xa6c\xe2\x80\xa8d\xe2\x80\x8fe"],
    ["\xe6\x97\xa5\xe6\x9c", "\xac\n"],
]
TOKENS = [
    *("\x1b", "\x1b[", "\x1b]", "\x1bP", "31", "1;31", ";", "m", "?", "\\", "\x07"),
    *("\x9c", "K", "(B", "\x1b[0m", "\t", "\x00"),
    *("\xc2\x9b", "\xc2", "\xc2\x85", "\xe2\x80\xae", "\xe2\x80\xa8", "\xed\xa0\x80", "\xff"),
    *("\xf0\x9f\x99\x82", "\xf0\x9f", "\xef\xbb\xbf", "\xc3\xa9", "\x7f", "\r", "\r", "\n", "\r\n", "abc", " ", "10%"),
]  # fmt: skip


def pieces() -> Iterator[list[str]]:
    """Logs as they come in, a character a byte: those above, and drawn ones."""
    yield from WRITTEN
    drawn = random.Random(5)
    for _ in range(300):
        yield ["".join(drawn.choices(TOKENS, k=drawn.randint(0, 12))) for _ in range(drawn.randint(1, 3))]


def read(log: list[str], max_line: int) -> list[dict[str, object]]:
    """After each piece of *log* the lines that it ended and the one that has no end yet, with colours and without."""
    buffer = LineBuffer(max_line)
    told: list[dict[str, object]] = []
    for piece in log:
        ended = buffer.feed(piece.encode("latin-1"))
        lines = [*ended, buffer.pending]
        told.append({"lines": [clean(line, colours=True) for line in lines], "plain": [clean(line) for line in lines]})
    return told


def test_the_corpus_is_what_logs_read_as() -> None:
    """Written anew when it is not: then look at the difference, and at what Node says of it."""
    cases = [{"pieces": log, "max": most, "read": read(log, most)} for log in pieces() for most in (5, 4000)]
    made = "[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n"
    kept = CORPUS.read_text("utf-8") if CORPUS.exists() else ""
    if made != kept:
        CORPUS.write_text(made, "utf-8")
    assert made == kept, f"{CORPUS.name} was written anew"
