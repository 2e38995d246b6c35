"""Markdown in which nothing of a run is markup: GitHub sees no mentions, links, images or references in code spans."""

from __future__ import annotations

import re
from collections.abc import Iterable

from spt_cli.words.text import clip, one_line

_TEXT, _LONGEST = 80, 200  # cells and characters of an id, a name or a message


def plain(text: str) -> str:
    """*text* as it is when nothing in it can be markup, else as a code span."""
    return text if _PLAIN.fullmatch(text) and len(text) <= _TEXT else code(text)


def code(text: str, *, keep_end: bool = False) -> str:
    """*text* as a code span of one line, in which nothing is markup; "" for nothing."""
    near = text[-_LONGEST:] if keep_end else text[:_LONGEST]  # marks that combine take no cells, and none is too many
    shown = clip(one_line(near), _TEXT, keep_end=keep_end)
    if not shown:
        return ""
    fence = "`" * (max((len(ticks) for ticks in _TICKS.findall(shown)), default=0) + 1)
    space = " " if "`" in (shown[0], shown[-1]) else ""
    return f"{fence}{space}{shown}{space}{fence}"


def line(cells: Iterable[str]) -> str:
    """A line of a table."""
    return f"| {' | '.join(_PIPE.sub(_escaped, cell) for cell in cells)} |\n"


_PLAIN = re.compile(r"[A-Za-z0-9]+(?:(?:[ .-]|, )[A-Za-z0-9]+)*")
_TICKS = re.compile("`+")
_PIPE = re.compile(r"(\\*)\|")


def _escaped(found: re.Match[str]) -> str:
    """A bar that ends no cell: an odd number of backslashes stands before it."""
    return found[1] + "\\" * (1 + len(found[1]) % 2) + "|"
