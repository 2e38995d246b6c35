"""Log streams as a list, and what stands before and in their lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from spt_cli.model import LogStream
from spt_cli.render.table import Cell, Column, Table
from spt_cli.render.terminal import Terminal
from spt_cli.words.text import cells, one_line, size

FIELDS = ("run_id", "name", "kind", "rank", "size", "stream_id", "path", "layout")
_COLORS = ("cyan", "green", "yellow", "magenta", "blue", "red")

Named = tuple[str, LogStream]  # the id of the run as it is shown, and a stream of it


def rows(streams: Iterable[Named]) -> Iterator[dict[str, Any]]:
    """*streams* as objects of FIELDS."""
    for run_id, stream in streams:
        values = {name: getattr(stream, name) for name in FIELDS[1:]}
        yield {"run_id": run_id} | values | {"path": str(stream.path)}


def streams_table(streams: Sequence[Named], *, several: bool) -> Table:
    """*streams* as a table; the runs' ids only where there are *several*."""
    columns = (
        Column("run", keep_end=True),
        Column("stream"),
        Column("kind"),
        Column("rank", right=True),
        Column("size", right=True),
        Column("layout"),
        Column("path", keep_end=True),
    )
    made = []
    for run_id, stream in streams:
        rank = "" if stream.rank is None else str(stream.rank)
        texts = (run_id, stream.name, stream.kind, rank, size(stream.size), stream.layout, str(stream.path))
        made.append([Cell(text) for text in texts[0 if several else 1 :]])
    return Table(columns[0 if several else 1 :], made)


def prefixes(streams: Sequence[Named], terminal: Terminal) -> list[str]:
    """What stands before each line of each of *streams*, in its own colour; nothing where there is one stream.

    It names the run, by the last part of its id where that is enough, and the stream, each only where they differ.
    """
    if len(streams) < 2:
        return [""] * len(streams)
    ids = list(dict.fromkeys(run_id for run_id, _ in streams))
    ends = [run_id.rpartition("/")[2] for run_id in ids]
    short = dict(zip(ids, ends if len(set(ends)) == len(ids) else ids, strict=True))
    alike = len(ids) == len(streams)
    labels = []
    for run_id, stream in streams:
        parts = ([short[run_id]] if len(ids) > 1 else []) + ([] if alike else [stream.name])
        labels.append(terminal.shown(one_line(" ".join(parts))))
    room = max(map(cells, labels))
    bar = "│" if terminal.unicode else "|"
    return [
        terminal.paint(f"{label}{' ' * (room - cells(label))} {bar} ", _COLORS[number % len(_COLORS)])
        for number, label in enumerate(labels)
    ]


def marked(text: str, pattern: re.Pattern[str], terminal: Terminal) -> str:
    """*text* with what *pattern* finds standing out, where there are colours."""
    return pattern.sub(lambda hit: terminal.paint(hit[0], "red"), text) if terminal.color else text
