"""`spt ls`: the runs below a folder."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from msgspec import structs

from spt_cli.choice.names import Names
from spt_cli.choice.selection import select, selection
from spt_cli.choice.sorting import NEWEST_FIRST, keys, ordered
from spt_cli.commands import options, trees
from spt_cli.commands.listing import emit_listing
from spt_cli.commands.output import emit, emit_data
from spt_cli.errors import UsageError
from spt_cli.files.inside import inside
from spt_cli.model import Problem, Run
from spt_cli.render import json, lines
from spt_cli.render.runs import View, counts, runs_table, values
from spt_cli.render.table import Cell, Column, Table, draw
from spt_cli.tree.roots import Forest, typed_path
from spt_cli.words.durations import seconds
from spt_cli.words.text import one_line, plural

FORMS = ("table", "wide", "json", "ndjson", "csv", "tsv", "md", "name")


def command(
    root: options.Roots = None,
    where: options.Where = None,
    state: options.States = None,
    tag: options.Tags = None,
    alive: options.Alive = False,
    since: options.Since = None,
    before: options.Before = None,
    archived: options.Archived = False,
    everything: Annotated[
        bool,
        typer.Option(
            "--all", rich_help_panel=options.CHOICE, help="Also runs that never started, and plain Lightning's."
        ),
    ] = False,
    sort: options.Sort = None,
    limit: options.Limit = None,
    stale_after: options.StaleAfter = "180s",
    columns: options.Columns = None,
    problems: Annotated[
        bool,
        typer.Option("--problems", rich_help_panel=options.OUTPUT, help="What could not be read, instead of the runs."),
    ] = False,
    output: Annotated[str | None, options.output(*FORMS)] = None,
    as_json: options.AsJson = False,
    null: options.Null = False,
    utc: options.Utc = False,
    color: options.Color = "auto",
    quiet: options.Quiet = False,
    strict: options.Strict = False,
    _debug: options.Debug = False,
) -> None:
    """List the runs below ROOT, newest first.

    spt ls runs --state failed --json | jq -r '.runs[].run_dir'
    """
    began = time.perf_counter()
    form = options.form(output, as_json)
    if columns is not None and form in {"json", "ndjson", "name"}:
        raise UsageError(f"-c chooses columns, and {form} has none")
    view = options.view(color, utc=utc)
    chosen = selection(
        where, states=state or (), tags=tag or (), alive=alive, since=since, before=before, archived=archived
    )
    by = NEWEST_FIRST if sort is None else keys(sort)
    wanted = options.columns(columns)
    below, missing = trees.roots(root, reports=True)
    forest = trees.look(below, now=view.now, stale_after=seconds(stale_after), quiet=quiet)
    if problems:
        rows, fields = list(map(structs.asdict, forest.problems)), Problem.__struct_fields__
        table = _problems_table(forest.problems)
        emit_listing(form, "problems", rows, fields, table, view.terminal, name="path", null=null, whole=True)
    else:
        found = [*forest.runs.values(), *(trees.others(forest) if everything else ())]
        names = Names(found)
        runs = ordered(select(found, chosen, now=view.now), by, names=names, now=view.now)[:limit]
        if form in {"table", "wide", "md"}:
            table = runs_table(runs, names, view, chosen=wanted, wide=form == "wide")
            emit(lines.markdown(table) if form == "md" else draw(table, view.terminal, whole=form == "wide"))
        else:
            emit_data(_data(runs, forest, form, wanted, names, view, null=null))
        if form in {"table", "wide"} and view.terminal.width is not None and not quiet:
            emit(
                [
                    view.terminal.paint(_footer(runs, len(found), forest, time.perf_counter() - began, view), "dim")
                    + "\n"
                ]
            )
    trees.report(forest)
    trees.tell_moments(below, utc=utc, quiet=quiet)
    raise typer.Exit(trees.exit_code(forest.problems, missing, strict=strict))


def _data(
    runs: Sequence[Run], forest: Forest, form: str, columns: Sequence[str], names: Names, view: View, *, null: bool
) -> Iterator[str] | Iterator[bytes]:
    """*runs* for programs."""
    match form:
        case "json":
            return json.document({"runs": map(json.row, runs), "problems": forest.problems})
        case "ndjson":
            return json.lines(map(json.row, runs))
        case "name":
            return lines.terminated((_typed(run, forest) for run in runs), null=null)
    header, rows = values(runs, names, view, columns) if columns else lines.flat(runs)
    return lines.separated(header, rows, lines.DELIMITERS[form])


def _typed(run: Run, forest: Forest) -> str:
    """What names *run* to other commands: its folder, or of a report its id."""
    root = next((root for root in forest.roots if not root.report and inside(run.run_dir, root.path)), None)
    return typed_path(root, run) if root else run.run_id


def _footer(runs: Sequence[Run], of: int, forest: Forest, seconds_taken: float, view: View) -> str:
    """`5 of 30 runs: 1 failed, 4 completed · 2 others (--all) · 0.06 s`."""
    shown = plural(of, "run") if len(runs) == of else f"{len(runs):,} of {plural(of, 'run')}"
    parts = [f"{shown}: {counts(runs)}" if runs else shown]
    if forest.other:
        parts.append(f"{plural(len(forest.other), 'other')} (--all)")
    return view.terminal.shown(one_line(" · ".join([*parts, f"{seconds_taken:.2f} s"])))


def _problems_table(problems: Sequence[Problem]) -> Table:
    cells = [[Cell(problem.path), Cell(problem.message)] for problem in problems]
    return Table((Column("path"), Column("problem")), cells)
