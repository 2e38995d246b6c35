"""`spt logs`: what runs printed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

import typer

from spt_cli.choice.selection import selection
from spt_cli.commands import options, trees
from spt_cli.commands.listing import emit_listing
from spt_cli.commands.loglines import Desk, How, print_following, print_lines, print_tracebacks
from spt_cli.commands.output import say
from spt_cli.errors import UsageError
from spt_cli.logs.wanted import Wanted
from spt_cli.render import logs as render
from spt_cli.words.durations import seconds

FORMS = ("table", "json", "ndjson", "csv", "tsv", "md", "name")
_WHAT = "Which lines"
_LINES = 200  # shown on a terminal


def command(
    run: options.Runs = None,
    list_: Annotated[bool, typer.Option("--list", rich_help_panel=_WHAT, help="List the streams instead.")] = False,
    stream: Annotated[
        list[str] | None,
        typer.Option(
            "--stream",
            metavar="NAME",
            rich_help_panel=_WHAT,
            help="This stream, by name or id; may be repeated.",
        ),
    ] = None,
    rank: Annotated[
        list[str] | None,
        typer.Option("--rank", metavar="N", rich_help_panel=_WHAT, help="Of this rank, or all; may be repeated."),
    ] = None,
    err: Annotated[bool, typer.Option("--err", rich_help_panel=_WHAT, help="What went to stderr.")] = False,
    out: Annotated[bool, typer.Option("--out", rich_help_panel=_WHAT, help="What went to stdout.")] = False,
    count: Annotated[
        int | None,
        typer.Option(
            "-n",
            "--lines",
            metavar="N",
            min=0,
            rich_help_panel=_WHAT,
            help="The last N lines; 200 on a terminal, else all.",
        ),
    ] = None,
    follow: Annotated[
        bool, typer.Option("-f", "--follow", rich_help_panel=_WHAT, help="Go on with new lines as they come.")
    ] = False,
    pattern: Annotated[
        str | None, typer.Option("--grep", metavar="RE", rich_help_panel=_WHAT, help="Only lines in which RE is found.")
    ] = None,
    context: Annotated[
        int, typer.Option("-C", "--context", metavar="N", min=0, rich_help_panel=_WHAT, help="And N lines around each.")
    ] = 0,
    traceback: Annotated[
        bool, typer.Option("--traceback", rich_help_panel=_WHAT, help="Only the last Python traceback.")
    ] = False,
    raw: Annotated[
        bool, typer.Option("--raw", rich_help_panel=_WHAT, help="The bytes as they are, progress bars and all.")
    ] = False,
    root: options.RunRoots = None,
    where: options.Where = None,
    state: options.States = None,
    tag: options.Tags = None,
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
    """Show what runs printed: of rank 0, and stderr when a run failed.

    spt logs @latest -f
    """
    form = options.form(output, as_json)
    view = options.view(color)
    _check(form, listing=list_, follow=follow, context=context, pattern=pattern, raw=raw, traceback=traceback)
    if stream and (rank or err or out):
        raise UsageError("--stream names a stream, and goes with neither --rank nor --err and --out")
    want = Wanted(
        tuple(stream or ()), *_ranks(rank or ()), tuple(kind for kind, on in (("out", out), ("err", err)) if on)
    )
    if count is None and view.terminal.width is not None and not raw:
        count = _LINES
    how = How(view, count, _pattern(pattern), context, raw)
    runs, forest, missing = trees.chosen(
        run,
        root,
        selection(
            where, states=state or (), tags=tag or (), alive=alive, since=since, before=before, archived=archived
        ),
        now=view.now,
        stale_after=seconds(stale_after),
        quiet=quiet,
        null=null,
        reports=True,
    )
    if any(one.report for one in runs):
        if follow:
            raise UsageError("-f needs the runs themselves, and not a report of them")
        if not quiet:
            say("spt: a report holds only the ends of logs, of failed, stale and best runs")
    desk = Desk(runs, None if list_ else want, quiet=quiet)
    if list_:
        rows, table = list(render.rows(desk.logs)), render.streams_table(desk.logs, several=len(desk.runs) > 1)
        shown = table, view.terminal
        emit_listing(form, "streams", rows, render.FIELDS, *shown, name="path", null=null, problems=desk.problems)
    elif traceback:
        print_tracebacks(desk, view)
    elif follow:
        print_following(desk, how)
    else:
        print_lines(desk, how)
    desk.finish()
    trees.report(forest)
    raise typer.Exit(trees.exit_code([*forest.problems, *desk.problems], missing, strict=strict))


def _check(
    form: str, *, listing: bool, follow: bool, context: int, pattern: str | None, raw: bool, traceback: bool
) -> None:
    """UsageError for options that do not go together."""
    if form != "table" and not listing:
        raise UsageError(f"-o {form} goes with --list", hint="a log is text; --raw gives its bytes")
    if context and (pattern is None or follow):
        raise UsageError("-C goes with --grep, without -f")
    if raw and (pattern is not None or traceback):
        raise UsageError("--raw gives all bytes, and goes with neither --grep nor --traceback")
    if traceback and (follow or listing):
        raise UsageError("--traceback goes with neither -f nor --list")


def _ranks(typed: Sequence[str]) -> tuple[tuple[int, ...], bool]:
    try:
        return tuple(int(rank) for rank in typed if rank != "all"), "all" in typed
    except ValueError as error:
        raise UsageError(f"--rank is a number from 0 or all, not {' '.join(typed)}") from error


def _pattern(text: str | None) -> re.Pattern[str] | None:
    try:
        return None if text is None else re.compile(text)
    except re.error as error:
        raise UsageError(f"--grep {text} is no regular expression: {error}") from error
