"""`spt plugins`: the layouts that are installed, and what is wrong with them."""

from __future__ import annotations

from typing import Annotated

import typer

from spt_cli.commands import options
from spt_cli.commands.listing import emit_listing
from spt_cli.errors import PROBLEMS
from spt_cli.logs.layouts import Plugin, plugins
from spt_cli.render.table import Cell, Column, Table

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
    terminal = options.view(color).terminal
    emit_listing(form, "plugins", rows, FIELDS, _table(found), terminal, name="name", null=null, whole=True)
    raise typer.Exit(PROBLEMS if strict and any(plugin.error for plugin in found) else 0)


def _table(found: tuple[Plugin, ...]) -> Table:
    columns = (Column("layout"), Column("package"), Column("version"), Column("loaded in", right=True))
    rows = []
    for plugin in found:
        texts = (plugin.name, plugin.package, plugin.version, "" if plugin.error else f"{plugin.seconds * 1000:.0f} ms")
        rows.append([*map(Cell, texts), Cell(plugin.error, "red")])
    broken = any(plugin.error for plugin in found)
    return Table((*columns, Column("error")) if broken else columns, rows if broken else [row[:-1] for row in rows])
