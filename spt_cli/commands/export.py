"""`spt export`: a page that opens anywhere, and its data."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from spt_cli.choice.choose import choose
from spt_cli.choice.names import Names
from spt_cli.choice.selection import select, selection
from spt_cli.choice.sorting import NEWEST_FIRST, keys, ordered
from spt_cli.commands import completion, exporting, options, trees
from spt_cli.commands.exporting import Job, Said
from spt_cli.commands.output import say
from spt_cli.commands.target import FORMS, target
from spt_cli.errors import UsageError
from spt_cli.files.caches import cache_folder
from spt_cli.model import Problem
from spt_cli.report import Options
from spt_cli.tree.roots import Forest, Root
from spt_cli.words.durations import seconds
from spt_cli.words.sizes import bytes_of
from spt_cli.words.text import plural, size

_WHAT = "What to show"
_MOST, _MEDIA, _LINES, _CURVES, _POINTS = "20M", "2M", 50, 200, 200
_PAGES = frozenset({"html", "split"})
_REPORTS = _PAGES | {"json", "ndjson"}
_MEANT_BY = {  # the forms in which an option changes anything
    "--points": _REPORTS,
    "--limit": _REPORTS | {"md"},
    "--media": _REPORTS,
    "--logs": _REPORTS | {"md"},
    "--logs-from": _REPORTS | {"md"},
    "--title": _REPORTS | {"md"},
    "--metric": _REPORTS | {"md"},
    "--max-size": _PAGES,
    "--baseline": {"md"},
}


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
    count: Annotated[
        int | None,
        typer.Option("-n", metavar="N", min=0, rich_help_panel=options.CHOICE, help="At most this many runs."),
    ] = None,
    stale_after: options.StaleAfter = "180s",
    title: Annotated[
        str | None,
        typer.Option("--title", metavar="TEXT", rich_help_panel=_WHAT, help="Instead of the names of the ROOTs."),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            "--metric",
            metavar="NAME",
            rich_help_panel=_WHAT,
            help="The metric that runs are judged by; else one is chosen.",
            autocompletion=completion.metrics,
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            metavar="N",
            min=0,
            rich_help_panel=_WHAT,
            help=f"Curves of N runs, the best and the newest; {_CURVES} unless given.",
        ),
    ] = None,
    points: Annotated[
        int | None,
        typer.Option("--points", metavar="N", min=2, rich_help_panel=_WHAT, help=f"Buckets a curve; {_POINTS}."),
    ] = None,
    media: Annotated[
        str | None,
        typer.Option("--media", metavar="SIZE", rich_help_panel=_WHAT, help=f"Bytes of pictures at most; {_MEDIA}."),
    ] = None,
    logs: Annotated[
        int | None,
        typer.Option(
            "--logs",
            metavar="LINES",
            min=0,
            rich_help_panel=_WHAT,
            help=f"Last lines of logs of failed, stale and best runs; {_LINES}.",
        ),
    ] = None,
    logs_from: Annotated[
        list[str] | None,
        typer.Option(
            "--logs-from", metavar="DIR", rich_help_panel=_WHAT, help="Also logs that lie in DIR; may be repeated."
        ),
    ] = None,
    redact: Annotated[
        list[str] | None,
        typer.Option(
            "--redact", metavar="GLOB", rich_help_panel=_WHAT, help="Leave these hparams and metrics out; repeatable."
        ),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            metavar="RUN",
            rich_help_panel=_WHAT,
            help="md: the run that others are compared with, instead of the best.",
            autocompletion=completion.runs,
        ),
    ] = None,
    max_size: Annotated[
        str | None,
        typer.Option(
            "--max-size",
            metavar="SIZE",
            rich_help_panel=_WHAT,
            help=f"Of a page; pictures give way, then logs, then curves. {_MOST}.",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            rich_help_panel=options.OUTPUT,
            help="Where to; its ending is the format. - is stdout.",
        ),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORM",
            rich_help_panel=options.OUTPUT,
            help=f"{', '.join(FORMS)}.",
            callback=options.one_of(*FORMS),
            autocompletion=lambda: list(FORMS),
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            "--split",
            metavar="DIR",
            rich_help_panel=options.OUTPUT,
            help="A folder with page, script, style and pictures as files.",
        ),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Say what was written and what was left out.")
    ] = False,
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
        "--logs-from": tuple(logs_from) if logs_from else None,
        "--baseline": baseline,
        "--max-size": max_size,
    }
    goal = target(output, form, split)
    _check_meant(goal.form, given)
    now = _clock(os.environ)
    wanted = _options(goal.form, given, redact=tuple(redact or ()), stale_after=seconds(stale_after))
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
    job = Job(goal, forest, runs, wanted, bytes_of(max_size or _MOST), against)
    unread = _write(job, told=verbose or bool(sys.stdout and sys.stdout.isatty() and not quiet))
    trees.report(forest)
    raise typer.Exit(trees.exit_code([*forest.problems, *unread], missing, strict=strict))


def _write(job: Job, *, told: bool) -> list[Problem]:
    """Has *job* done, unless what it asks for stands there; tells, where it is to be *told*, what came of it.

    What comes back is what could not be read, which is told in any case.
    """
    made_of = exporting.digest(job)
    said = Said()
    changed = not exporting.stands(job, made_of) and exporting.export(job, said)
    for sentence in said.unread:
        say(f"spt: {sentence}")
    if not said.unread and not job.forest.problems:  # else the next export tries again
        exporting.remember(job, made_of)
    if told:
        path = job.target.path or "stdout"
        here = f", {size(exporting.size_of(path))}" if job.target.path else ""
        say(f"spt: {f'wrote {path}' if changed else f'{path} is unchanged'}: {plural(len(job.runs), 'run')}{here}")
        for what, sentences in (("left out", said.left_out), ("removed", said.redacted)):
            for sentence in sentences:
                if sentence not in said.unread:
                    say(f"     {what}: {sentence}")
    return [Problem(job.target.path or "-", sentence) for sentence in said.unread]


def _check_meant(form: str, given: Mapping[str, Any]) -> None:
    """UsageError for an option that changes nothing in this *form*."""
    for name, value in given.items():
        if value is not None and form not in _MEANT_BY[name]:
            raise UsageError(
                f"{name} says nothing about {form}", hint=f"it is for {', '.join(sorted(_MEANT_BY[name]))}"
            )


def _options(form: str, given: Mapping[str, Any], *, redact: tuple[str, ...], stale_after: float) -> Options:
    """The report that is asked for; of one that is not shown nothing that costs reading."""
    media = given["--media"]
    shown = form in _MEANT_BY["--limit"]
    return Options(
        title=given["--title"] or "",
        points=given["--points"] or (_POINTS if form in _REPORTS else 2),
        limit=(_CURVES if given["--limit"] is None else given["--limit"]) if shown else 0,
        metric=given["--metric"],
        logs=(_LINES if given["--logs"] is None else given["--logs"]) if shown else 0,
        logs_from=given["--logs-from"] or (),
        media=bytes_of(media if media is not None else _MEDIA if form in _PAGES else "0"),
        redact=redact,
        stale_after=stale_after,
        cache=cache_folder("export"),
    )


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
