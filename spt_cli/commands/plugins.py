"""`spt plugins`: the layouts that are installed, and what is wrong with them."""

from __future__ import annotations

from typing import Annotated

import typer

from spt_cli.commands import options
from spt_cli.commands.output import emit, emit_data
from spt_cli.errors import PROBLEMS
from spt_cli.layouts import Plugin, plugins
from spt_cli.render import json, lines
from spt_cli.render.table import Cell, Column, Table, draw

FORMS = ("table", "json", "ndjson", "csv", "tsv", "md", "name")
FIELDS = ("name", "package", "version", "target", "seconds", "error")


def command(
    output: Annotated[str | None, options.output(*FORMS)] = None,
    as_json: options.AsJson = False,
    null: options.Null = False,
    color: options.Color = "auto",
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 when one could not be loaded.")] = False,
    _debug: options.Debug = False,
) -> None:
    """List the layouts, which know where launchers leave logs.

    spt plugins --json
    """
    form = options.form(output, as_json)
    found = plugins()
    rows = [{field: getattr(plugin, field) for field in FIELDS} for plugin in found]
    match form:
        case "table" | "md":
            table = _table(found)
            emit(lines.markdown(table) if form == "md" else draw(table, options.view(color).terminal))
        case "json":
            emit_data(json.document({"plugins": rows}))
        case "ndjson":
            emit_data(json.lines(rows))
        case "name":
            emit_data(lines.terminated((plugin.name for plugin in found), null=null))
        case _:
            emit_data(lines.separated(FIELDS, (row.values() for row in rows), "\t" if form == "tsv" else ","))
    raise typer.Exit(PROBLEMS if strict and any(plugin.error for plugin in found) else 0)


def _table(found: tuple[Plugin, ...]) -> Table:
    columns = (Column("layout"), Column("package"), Column("version"), Column("loaded in", right=True))
    rows = []
    for plugin in found:
        texts = (plugin.name, plugin.package, plugin.version, "" if plugin.error else f"{plugin.seconds * 1000:.0f} ms")
        rows.append([*map(Cell, texts), Cell(plugin.error, "red")])
    broken = any(plugin.error for plugin in found)
    return Table((*columns, Column("error")) if broken else columns, rows if broken else [row[:-1] for row in rows])
