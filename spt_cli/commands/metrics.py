"""`spt metrics`: what runs logged, as numbers and as curves."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Annotated, NoReturn

import typer
from msgspec import structs

from spt_cli.choose import Chosen
from spt_cli.commands import completion, options, trees
from spt_cli.commands.output import emit, emit_data, say
from spt_cli.durations import seconds
from spt_cli.errors import NotFoundError, UsageError
from spt_cli.metrics import Cursor
from spt_cli.model import Problem, Series
from spt_cli.points import Pick, matching, news, picked
from spt_cli.render import json, lines
from spt_cli.render import metrics as render
from spt_cli.render.plot import plot as plotted
from spt_cli.render.runs import View
from spt_cli.render.table import draw
from spt_cli.selection import selection
from spt_cli.text import did_you_mean

FORMS = ("table", "json", "ndjson", "csv", "tsv", "md", "parquet")
_INTERVAL = 0.5  # seconds between two looks with --follow

_DELIMITERS = {"csv": ",", "tsv": "\t"}
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
    null: options.Null = False,
    color: options.Color = "auto",
    quiet: options.Quiet = False,
    strict: options.Strict = False,
    _debug: options.Debug = False,
) -> None:
    """Show what runs logged: a summary of each metric, or with -m its points.

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
    )
    pick = Pick(tuple(metric or ()), raw, since_step, last)
    if follow:
        _follow(runs[:limit], pick, form)
    source = Source(runs[:limit], pick)
    if plot:
        _draw(source, view)
    else:
        shape = "pivot" if pivot else "buckets" if points else "points" if metric else "summary"
        _print(source, form, shape, points or 0, view)
    if points and source.longest > points and not quiet:
        say(f"spt: thinned: a value is the mean of one of at most {points:,} equal parts of the steps")
    problems = [*(forest.problems if forest else ()), *source.problems]
    source.finish(quiet=quiet)
    if forest:
        trees.report(forest)
    raise typer.Exit(trees.exit_code(problems, missing, strict=strict))


class Source:
    """Metrics of runs, one run at a time, so that memory holds one; and afterwards what was not there."""

    def __init__(self, runs: Sequence[Chosen], pick: Pick) -> None:
        self.runs = runs
        self.pick = pick
        self.problems: list[Problem] = []
        self.longest = 0  # points of the longest metric
        self._known: set[str] = set()  # names of all metrics seen
        self._lacking: dict[str, list[str]] = {pattern: [] for pattern in pick.patterns}  # pattern -> runs without it

    def __iter__(self) -> Iterator[tuple[str, dict[str, Series]]]:
        """(run id, its metrics) of each run that has some. NotFoundError when no run has one that was asked for."""
        empty = True
        for one in self.runs:
            metrics = self._read(one)
            if metrics:
                empty = False
                self.longest = max(self.longest, *(len(series.value) for series in metrics.values()))
                yield one.shown, metrics
        if empty and self.pick.patterns and self.runs:
            self.finish()

    def finish(self, *, quiet: bool = False) -> None:
        """Tells of what runs lack. NotFoundError for a metric that all of them lack."""
        for problem in self.problems:
            say(f"spt: {problem.path}: {problem.message}")
        for pattern, lacking in self._lacking.items():
            if lacking and len(lacking) == len(self.runs):
                raise NotFoundError(f"no metric {pattern}", hint=did_you_mean(pattern, self._known))
            for shown in lacking if not quiet else ():
                say(f"spt: {shown} has no metric {pattern}")

    def _read(self, one: Chosen) -> dict[str, Series]:
        try:
            metrics = picked(one.run, structs.replace(self.pick, patterns=()))
        except OSError as error:
            self.problems.append(Problem(str(error.filename), error.strerror or "cannot be read", one.shown))
            return {}
        self._known.update(metrics)
        for pattern, lacking in self._lacking.items():
            if not any(matching(name, (pattern,)) for name in metrics):
                lacking.append(one.shown)
        return {name: series for name, series in metrics.items() if matching(name, self.pick.patterns)}


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


def _draw(source: Source, view: View) -> None:
    curves: dict[str, list[tuple[str, Series]]] = {}
    for shown, found in source:
        for name, series in found.items():
            curves.setdefault(name, []).append((shown, series))
    for number, (name, runs) in enumerate(curves.items()):
        emit(["\n"] if number else [])
        emit(plotted(name, runs, view.terminal))


def _print(source: Source, form: str, shape: str, count: int, view: View) -> None:
    if form == "json":
        emit_data(json.document({"runs": render.documents(source, shape, count), "problems": source.problems}))
        return
    header, rows = render.rows(source, shape, count)
    first = list(islice(rows, 1))  # before a header is written: there may be nothing to write it for
    rows = chain(first, rows)
    match form:
        case "table" | "md":
            table = render.as_table(header, rows, several=len(source.runs) > 1)
            emit(lines.markdown(table) if form == "md" else draw(table, view.terminal))
        case "ndjson":
            emit_data(json.lines(dict(zip(header, row, strict=True)) for row in rows))
        case "parquet":
            from spt_cli.render.parquet import parquet

            emit([parquet(header, rows)])
        case _:
            emit_data(lines.separated(header, rows, "\t" if form == "tsv" else ","))


def _follow(runs: Sequence[Chosen], pick: Pick, form: str) -> NoReturn:
    """Prints points in the order in which they were logged, and goes on until it is interrupted."""
    cursors = dict.fromkeys(range(len(runs)), Cursor())
    emit(lines.separated(render.POINTS, (), _DELIMITERS[form]) if form in _DELIMITERS else [])
    while True:
        for number, one in enumerate(runs):
            found, cursors[number] = news(one.run, cursors[number], pick)
            rows = render.by_row(one.shown, found)
            if form in _DELIMITERS:
                emit_data(islice(lines.separated(render.POINTS, rows, _DELIMITERS[form]), 1, None))
            elif form == "ndjson":
                emit_data(json.lines(dict(zip(render.POINTS, row, strict=True)) for row in rows))
            else:
                emit(render.plainly(row, several=len(runs) > 1) for row in rows)
        time.sleep(_INTERVAL)
