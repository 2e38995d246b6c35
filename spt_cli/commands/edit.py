"""`spt edit`: what people say of runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from spt_cli.choice.selection import selection
from spt_cli.commands import completion, options, trees
from spt_cli.commands.listing import emit_listing
from spt_cli.commands.output import say
from spt_cli.errors import FAILED, SptError, UsageError
from spt_cli.model import Json, Run
from spt_cli.render.table import Cell, Column, Table
from spt_cli.tree import edits
from spt_cli.tree.editable import FIELDS, checked
from spt_cli.words.durations import seconds

FORMS = ("table", "json", "ndjson", "csv", "tsv", "md", "name")
COLUMNS = ("run_id", "run_dir", "field", "before", "after")
_WHAT = "What to change"


def command(
    run: options.Runs = None,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="TEXT", rich_help_panel=_WHAT, help="Its name; '' is the folder's again."),
    ] = None,
    notes: Annotated[
        str | None, typer.Option("--notes", metavar="TEXT", rich_help_panel=_WHAT, help="Its notes; '' empties them.")
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            "--tag",
            metavar="TAG",
            rich_help_panel=_WHAT,
            help="Add this tag; may be repeated.",
            autocompletion=completion.tags,
        ),
    ] = None,
    untag: Annotated[
        list[str] | None,
        typer.Option(
            "--untag",
            metavar="TAG",
            rich_help_panel=_WHAT,
            help="Take this tag away; may be repeated.",
            autocompletion=completion.tags,
        ),
    ] = None,
    archive: Annotated[
        bool, typer.Option("--archive", rich_help_panel=_WHAT, help="Leave it out of ls, watch and export.")
    ] = False,
    restore: Annotated[bool, typer.Option("--restore", rich_help_panel=_WHAT, help="Undo --archive.")] = False,
    root: options.RunRoots = None,
    where: options.Where = None,
    state: options.States = None,
    alive: options.Alive = False,
    since: options.Since = None,
    before: options.Before = None,
    archived: options.Archived = False,
    stale_after: options.StaleAfter = "180s",
    output: Annotated[str | None, options.output(*FORMS)] = None,
    as_json: options.AsJson = False,
    null: options.NullIn = False,
    color: options.Color = "auto",
    quiet: options.Quiet = False,
    strict: options.Strict = False,
    _debug: options.Debug = False,
) -> None:
    """Name, note, tag and archive runs.

    spt edit @latest --name baseline --tag paper --notes 'lr too high?'

    What you say is kept in annotations.json beside the trainer's files, which stay as they are, and shown instead.
    """
    form = options.form(output, as_json)
    view = options.view(color)
    change = _change(name, notes, tag or [], untag or [], archive=archive, restore=restore)
    chosen = selection(where, states=state or (), alive=alive, since=since, before=before, archived=archived)
    runs, forest, missing = trees.chosen(
        run, root, chosen, now=view.now, stale_after=seconds(stale_after), quiet=quiet, null=null
    )
    rows: list[dict[str, Any]] = []
    failed: list[SptError] = []
    for one in runs:
        try:
            rows += _differences(one.shown, *edits.amend(one.run.run_dir, change))
        except SptError as problem:
            failed.append(problem)
    if len(runs) == len(failed) == 1:
        raise failed[0]
    emit_listing(form, "edits", rows, COLUMNS, _table(rows), view.terminal, name="run_dir", null=null)
    if not rows and not failed and not quiet and form == "table":
        say("spt: nothing to change: it is so already" if runs else "spt: no run was chosen")
    trees.report(forest)
    for error in failed:
        say(f"spt: {error}", *(f"     {line}" for line in (error.hint or "").splitlines()))
    raise typer.Exit(FAILED if failed else trees.exit_code(forest.problems, missing, strict=strict))


def _change(
    name: str | None, notes: str | None, added: list[str], removed: list[str], *, archive: bool, restore: bool
) -> Callable[[Run], dict[str, Json]]:
    """What becomes of a run. UsageError for options that cannot be, or that leave everything as it is."""
    if archive and restore:
        raise UsageError("--archive and --restore ask for two different things")
    if both := sorted(set(added) & set(removed)):
        raise UsageError(f"--tag and --untag both name {', '.join(both)}")
    given = {"display_name": name, "notes": notes, "archived": archive if archive or restore else None}
    fixed = checked({field: value for field, value in given.items() if value is not None})
    added = checked({"tags": added})["tags"]
    if not (fixed or added or removed):
        raise UsageError("nothing to change", hint="try --name, --notes, --tag, --untag, --archive or --restore")

    def change(run: Run) -> dict[str, Json]:
        if not (added or removed):
            return fixed
        return fixed | {"tags": [*(tag for tag in run.tags if tag not in removed), *added]}

    return change


def _differences(shown: str, before: Run, after: Run) -> list[dict[str, Any]]:
    return [
        dict(zip(COLUMNS, (shown, after.run_dir, field, old, new), strict=True))
        for field in FIELDS
        if (old := getattr(before, field)) != (new := getattr(after, field))
    ]


def _table(rows: Sequence[dict[str, Any]]) -> Table:
    columns = (Column("run", keep_end=True), Column("field"), Column("was"), Column("is"))
    cells = [
        [
            Cell(row["run_id"]),
            Cell("name" if row["field"] == "display_name" else row["field"]),
            Cell(_text(row["before"]), "dim"),
            Cell(_text(row["after"])),
        ]
        for row in rows
    ]
    return Table(columns, cells)


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else ", ".join(value)
