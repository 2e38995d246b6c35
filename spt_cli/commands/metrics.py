"""`spt metrics`: what runs logged, as numbers and as curves."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from spt_cli.choice.selection import selection
from spt_cli.commands import completion, options, trees
from spt_cli.commands.output import say
from spt_cli.errors import UsageError
from spt_cli.words.durations import seconds

FORMS = ("table", "json", "ndjson", "csv", "tsv", "md", "parquet")
_WHAT = "What to show"


def command(
    run: options.Runs = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            "-m",
            "--metric",
            metavar="GLOB",
            rich_help_panel=_WHAT,
            help="Points of these metrics: val/loss, 'val/*'; may be repeated.",
            autocompletion=completion.metrics,
        ),
    ] = None,
    pivot: Annotated[bool, typer.Option("--pivot", rich_help_panel=_WHAT, help="A column a metric.")] = False,
    plot: Annotated[
        bool, typer.Option("--plot", rich_help_panel=_WHAT, help="Draw curves, several runs overlaid.")
    ] = False,
    points: Annotated[
        int | None,
        typer.Option("--points", metavar="N", min=1, rich_help_panel=_WHAT, help="Thinned to N buckets a metric."),
    ] = None,
    since_step: Annotated[
        float | None, typer.Option("--since-step", metavar="STEP", rich_help_panel=_WHAT, help="From this step on.")
    ] = None,
    last: Annotated[
        int | None, typer.Option("--last", metavar="N", min=0, rich_help_panel=_WHAT, help="The last N points of each.")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", rich_help_panel=_WHAT, help="Go on with new points as they are logged.")
    ] = False,
    raw: Annotated[
        bool, typer.Option("--raw", rich_help_panel=_WHAT, help="Also the points that a requeued run logged again.")
    ] = False,
    root: options.RunRoots = None,
    where: options.Where = None,
    state: options.States = None,
    tag: options.Tags = None,
    alive: options.Alive = False,
    since: options.Since = None,
    before: options.Before = None,
    archived: options.Archived = False,
    limit: options.Limit = None,
    stale_after: options.StaleAfter = "180s",
    output: Annotated[str | None, options.output(*FORMS)] = None,
    as_json: options.AsJson = False,
    null: options.NullIn = False,
    color: options.Color = "auto",
    quiet: options.Quiet = False,
    strict: options.Strict = False,
    _debug: options.Debug = False,
) -> None:
    """Show what runs logged: a summary, or with -m the points.

    spt metrics @latest -m 'val/*' --plot
    """
    form = options.form(output, as_json)
    _check(form, pivot=pivot, plot=plot, points=points, follow=follow)
    view = options.view(color)
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
    if (follow or raw) and any(one.report for one in runs):
        raise UsageError(f"--{'follow' if follow else 'raw'} needs the runs themselves, and not a report of them")
    if metric or pivot or plot or points or since_step is not None or last is not None or form == "json":
        trees.tell_thinned(runs, quiet=quiet)  # only what a report knows of all points is exact
    from spt_cli.commands import pointlines  # and numpy with it
    from spt_cli.metrics.points import Pick

    pick = Pick(tuple(metric or ()), raw, since_step, last)
    if follow:
        pointlines.print_following(runs[:limit], pick, form)
    source = pointlines.Source(runs[:limit], pick)
    if plot:
        pointlines.print_plots(source, view)
    else:
        shape = "pivot" if pivot else "buckets" if points else "points" if metric else "summary"
        pointlines.print_rows(source, form, shape, points or 0, view)
    if points and source.longest > points and not quiet:
        say(f"spt: thinned: a value is the mean of one of at most {points:,} equal parts of the steps")
    source.finish(quiet=quiet)
    trees.report(forest)
    raise typer.Exit(trees.exit_code([*forest.problems, *source.problems], missing, strict=strict))


def _check(form: str, *, pivot: bool, plot: bool, points: int | None, follow: bool) -> None:
    """UsageError for options that do not go together."""
    if plot and (form != "table" or pivot or follow):
        raise UsageError("--plot draws, and goes with no other form of output")
    if pivot and (form == "json" or points):
        raise UsageError("--pivot goes with rows: " + ("--points has its own columns" if points else "json has none"))
    if follow and (pivot or points or form in {"json", "md", "parquet"}):
        raise UsageError("--follow prints points as they come, as table, csv, tsv or ndjson")
    if form == "parquet" and sys.stdout and sys.stdout.isatty():
        raise UsageError(
            "parquet is not for a terminal", hint="send it to a file: spt metrics … -o parquet > metrics.parquet"
        )
