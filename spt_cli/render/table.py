"""Tables for people: the same aligned text for a terminal, cut to its width and coloured, and for a pipe, whole.

Not rich's: that takes 0.5 s for 1,000 rows of 8 columns and 27 ms to import, this 0.03 s and 1 ms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from spt_cli.render.terminal import Terminal
from spt_cli.words.text import cells, clip, one_line

GAP = "  "
_LEAST = 6  # cells that a cut text keeps


class Column(Struct, frozen=True):
    """A column of a table."""

    title: str
    right: bool = False  # numbers
    keep_end: bool = False  # what does not fit is cut at its beginning: the end of a path says most


class Cell(Struct, frozen=True, gc=False):
    """Text as it came, not yet harmless, and the style it is shown in."""

    text: str = ""
    style: str = ""


class Table(Struct, frozen=True):
    """Columns and rows of equally many cells."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]] = ()


def width(title: str, column: Sequence[Cell]) -> int:
    """Terminal columns that a column of a table takes."""
    return max(cells(one_line(title)), max((cells(one_line(cell.text)) for cell in column), default=0))


def draw(table: Table, terminal: Terminal, *, whole: bool = False) -> Iterator[str]:
    """Lines of *table*, header first. On a terminal the widest columns are cut until a line fits, unless *whole*.

    Numbers are not cut, since the beginning of one is another. In a pipe an empty cell is `-`, so that `awk` finds as
    many fields in every row.
    """
    empty = "-" if terminal.width is None else ""
    shown = [[terminal.shown(one_line(cell.text)) or empty for cell in row] for row in table.rows]
    titles = [terminal.shown(one_line(column.title)) for column in table.columns]
    bodies = [max(map(cells, column), default=0) for column in zip(*shown, strict=True)] or [0] * len(titles)
    widths = list(map(max, map(cells, titles), bodies))
    if terminal.width is not None and not whole:
        least = [max(_LEAST, body if column.right else 0) for column, body in zip(table.columns, bodies, strict=True)]
        widths = _fitted(widths, least, terminal.width)
    if table.rows or terminal.width is None:
        yield _line(table.columns, titles, widths, terminal, ["bold"] * len(titles))
    for row, texts in zip(table.rows, shown, strict=True):
        yield _line(table.columns, texts, widths, terminal, [cell.style for cell in row])


def _fitted(widths: list[int], least: list[int], available: int) -> list[int]:
    """*widths* made smaller, the widest first, until the line fits or every column is at its *least*."""
    fitted = [max(min(width, available), min(width, low)) for width, low in zip(widths, least, strict=True)]
    excess = sum(fitted) + len(GAP) * (len(fitted) - 1) - available
    for _ in range(excess):
        larger = [column for column, low in enumerate(least) if fitted[column] > low]
        if not larger:
            break
        fitted[max(larger, key=fitted.__getitem__)] -= 1
    return fitted


def _line(
    columns: Sequence[Column], texts: Sequence[str], widths: Sequence[int], terminal: Terminal, styles: Sequence[str]
) -> str:
    parts = []
    for column, text, room, style in zip(columns, texts, widths, styles, strict=True):
        cut = clip(text, room, ellipsis="…" if terminal.unicode else "~", keep_end=column.keep_end)
        pad = " " * (room - cells(cut))
        painted = terminal.paint(cut, style)
        parts.append(pad + painted if column.right else painted + pad)
    return GAP.join(parts).rstrip() + "\n"
