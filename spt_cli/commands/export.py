"""`spt export`: a page that opens anywhere, and its data."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from msgspec import structs

from spt_cli.choice.choose import choose
from spt_cli.choice.names import Names
from spt_cli.choice.selection import select, selection
from spt_cli.choice.sorting import NEWEST_FIRST, keys, ordered
from spt_cli.commands import exporting, options, showing, trees
from spt_cli.commands.exporting import Job, Said
from spt_cli.commands.output import say
from spt_cli.commands.target import FORMS, target
from spt_cli.errors import UsageError
from spt_cli.model import Problem
from spt_cli.tree.roots import Forest, Root
from spt_cli.words.durations import seconds
from spt_cli.words.sizes import bytes_of
from spt_cli.words.text import plural, size

_Count = Annotated[
    int | None, typer.Option("-n", metavar="N", min=0, rich_help_panel=options.CHOICE, help="At most this many runs.")
]
_Output = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        rich_help_panel=options.OUTPUT,
        help="Where to; its ending is the format. - is stdout.",
    ),
]
_Form = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="FORM",
        rich_help_panel=options.OUTPUT,
        help=f"{', '.join(FORMS)}.",
        callback=options.one_of(*FORMS),
        autocompletion=lambda: list(FORMS),
    ),
]
_Split = Annotated[
    str | None,
    typer.Option(
        "--split",
        metavar="DIR",
        rich_help_panel=options.OUTPUT,
        help="A folder with page, script, style and pictures as files.",
    ),
]
_Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say what was written and what was left out.")]


def command(
    root: options.Roots = None,
    where: options.Where = None,
    state: options.States = None,
    tag: options.Tags = None,
    alive: options.Alive = False,
    since: options.Since = None,
    before: options.Before = None,
    archived: options.Archived = False,
    sort: options.Sort = None,
    count: _Count = None,
    stale_after: options.StaleAfter = "180s",
    title: showing.Title = None,
    metric: showing.Metric = None,
    limit: showing.Limit = None,
    points: showing.Points = None,
    media: showing.Media = None,
    logs: showing.Lines = None,
    logs_from: showing.LogsFrom = None,
    redact: showing.Redact = None,
    baseline: showing.Baseline = None,
    max_size: showing.MaxSize = None,
    output: _Output = None,
    form: _Form = None,
    split: _Split = None,
    verbose: _Verbose = False,
    quiet: options.Quiet = False,
    strict: options.Strict = False,
    _debug: options.Debug = False,
) -> None:
    """Write runs as one page that opens anywhere, or as data.

    spt export runs -o report.html -w 'created > "7d"'

    What has not changed since is left alone. A page needs no network and no other file; `spt ls report.html` reads it.
    """
    given = {
        "--title": title,
        "--metric": metric,
        "--limit": limit,
        "--points": points,
        "--media": media,
        "--logs": logs,
        "--logs-from": logs_from or None,
        "--redact": redact or None,
        "--baseline": baseline,
        "--max-size": max_size,
    }
    goal = target(output, form, split)
    wanted = showing.wanted(goal.form, given, stale_after=seconds(stale_after))
    now = _clock(os.environ)
    chosen = selection(
        where, states=state or (), tags=tag or (), alive=alive, since=since, before=before, archived=archived
    )
    by = NEWEST_FIRST if sort is None else keys(sort)
    below, missing = trees.roots(root)
    forest = trees.look(below, now=now, stale_after=wanted.stale_after, quiet=quiet)
    found = forest.runs.values()
    runs = ordered(select(found, chosen, now=now), by, names=Names(found), now=now)[:count]
    against = None if baseline is None else _baseline(baseline, below, forest, now)
    if against is not None and against not in {run.run_id for run in runs}:
        runs.append(forest.runs[against])
    wanted = structs.replace(wanted, baseline=against)
    job = Job(goal, forest, runs, wanted, bytes_of(max_size or showing.MOST))
    unread = _write(job, told=verbose or bool(sys.stdout and sys.stdout.isatty() and not quiet))
    trees.report(forest)
    raise typer.Exit(trees.exit_code([*forest.problems, *unread], missing, strict=strict))


def _write(job: Job, *, told: bool) -> list[Problem]:
    """Has *job* done, unless what it asks for stands there; tells, where it is to be *told*, what came of it.

    What comes back is what could not be read, which is told in any case.
    """
    made_of = exporting.digest(job)
    said = Said() if exporting.stands(job, made_of) else exporting.export(job)
    for sentence in said.unread:
        say(f"spt: {sentence}")
    if not said.unread:  # else the next export tries again, as the next scan does
        exporting.remember(job, made_of)
    if told:
        path = job.target.path or "stdout"
        held = exporting.size_of(path) if job.target.path else 0
        parts = [plural(len(job.runs), "run"), *([size(held)] if held else [])]
        say(f"spt: {f'wrote {path}' if said.changed else f'{path} is unchanged'}: {', '.join(parts)}")
        for what, sentences in (("left out", said.left_out), ("removed", said.redacted)):
            for sentence in sentences:
                if sentence not in said.unread:
                    say(f"     {what}: {sentence}")
    return [Problem(job.target.path or "-", sentence) for sentence in said.unread]


def _baseline(reference: str, below: Sequence[Root], forest: Forest, now: float) -> str:
    """The shown id of the run that *reference* means."""
    (one,) = choose([reference], below, now=now, look=lambda: forest)
    if one.shown not in forest.runs:
        raise UsageError(f"--baseline {reference} is below none of the ROOTs")
    return one.shown


def _clock(environ: Mapping[str, str]) -> float:
    """Now, or the moment that $SOURCE_DATE_EPOCH says: builds that are to be repeated set it."""
    told = environ.get("SOURCE_DATE_EPOCH")
    if not told:
        return time.time()
    try:
        return float(int(told))
    except ValueError as error:
        raise UsageError(f"$SOURCE_DATE_EPOCH is {told}, and should be seconds since 1970") from error
