"""Lists in every output form: a table for people, their fields for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from spt_cli.commands.output import emit, emit_data
from spt_cli.model import Problem
from spt_cli.render import json, lines
from spt_cli.render.table import Table, draw
from spt_cli.render.terminal import Terminal


def emit_listing(
    form: str,
    key: str,
    rows: Sequence[Mapping[str, Any]],
    fields: Sequence[str],
    table: Table,
    terminal: Terminal,
    *,
    name: str,
    null: bool = False,
    whole: bool = False,
    problems: Sequence[Problem] | None = None,
) -> None:
    """Writes *rows*, objects of *fields*, in an output *form*: *table*, uncut when *whole*; JSON under *key*, with
    *problems* where they are given; or the field *name* alone, with *null* ending in NUL bytes.
    """
    match form:
        case "table" | "wide":
            emit(draw(table, terminal, whole=whole))
        case "md":
            emit(lines.markdown(table))
        case "json":
            emit_data(json.document({key: rows, "problems": problems} if problems is not None else {key: rows}))
        case "ndjson":
            emit_data(json.lines(rows))
        case "name":
            emit_data(lines.terminated((row[name] for row in rows), null=null))
        case _:
            emit_data(lines.separated(fields, (row.values() for row in rows), lines.DELIMITERS[form]))
