"""`spt watch`: the runs below a folder, live."""

from __future__ import annotations

import os
import time
from typing import Annotated

import typer

from spt_cli.choice.selection import selection
from spt_cli.choice.sorting import NEWEST_FIRST, keys
from spt_cli.commands import completion, options, trees
from spt_cli.commands.lasting import ended_by_a_hangup, pause
from spt_cli.commands.output import say
from spt_cli.commands.watchlines import How, awaited, in_background, stream
from spt_cli.errors import UsageError
from spt_cli.tree.live import Live
from spt_cli.watch.waiting import until
from spt_cli.watch.watching import KINDS, Choice
from spt_cli.words.durations import seconds
from spt_cli.words.text import did_you_mean

FORMS = ("table", "ndjson")
_WAIT, _EVENTS = "How long", "Events"


def _kinds_beginning(incomplete: str) -> list[str]:
    """What a shell offers after the last comma of --events."""
    before, comma, last = incomplete.rpartition(",")
    return [before + comma + kind for kind in KINDS if kind.startswith(last)]


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
    limit: options.Limit = None,
    stale_after: options.StaleAfter = "180s",
    columns: options.Columns = None,
    metric: Annotated[
        str | None,
        typer.Option(
            "-m",
            "--metric",
            metavar="METRIC",
            rich_help_panel=options.OUTPUT,
            help="Draw this metric's curve.",
            autocompletion=completion.metrics,
        ),
    ] = None,
    group_by: Annotated[
        str | None,
        typer.Option(
            "--group-by", metavar="HPARAM", rich_help_panel=options.OUTPUT, help="Put runs with one value together."
        ),
    ] = None,
    interval: Annotated[
        str, typer.Option("--interval", metavar="TIME", rich_help_panel=_WAIT, help="Time between two looks.")
    ] = "2s",
    goal: Annotated[
        str | None,
        typer.Option(
            "--until",
            metavar="EXPR",
            rich_help_panel=_WAIT,
            help="End with 0 when every chosen run is like this, with 1 when all have ended and are not.",
        ),
    ] = None,
    one_is_enough: Annotated[
        bool, typer.Option("--any", rich_help_panel=_WAIT, help="--until is met by one chosen run.")
    ] = False,
    timeout: Annotated[
        str | None,
        typer.Option("--timeout", metavar="TIME", rich_help_panel=_WAIT, help="End with 124 after this time."),
    ] = None,
    events: Annotated[
        str | None,
        typer.Option(
            "--events",
            metavar="KINDS",
            rich_help_panel=_EVENTS,
            help=f"Only these: {','.join(KINDS)}.",
            autocompletion=_kinds_beginning,
        ),
    ] = None,
    execute: Annotated[
        str | None,
        typer.Option(
            "--exec", metavar="CMD", rich_help_panel=_EVENTS, help="Run CMD for each, with the event as JSON on stdin."
        ),
    ] = None,
    cursor: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="CURSOR",
            rich_help_panel=_EVENTS,
            help="Begin with what has happened since an event, by its cursor; now: with nothing.",
        ),
    ] = None,
    output: Annotated[str | None, options.output(*FORMS)] = None,
    as_json: Annotated[
        bool, typer.Option("--json", rich_help_panel=options.OUTPUT, help="The same as -o ndjson.")
    ] = False,
    utc: options.Utc = False,
    color: options.Color = "auto",
    quiet: options.Quiet = False,
    strict: options.Strict = False,
    _debug: options.Debug = False,
) -> None:
    """Watch the runs below ROOT: a live table, or a line an event in a pipe.

    spt watch runs -w 'state == "running"' -m val/acc
    """
    form = _form(output, as_json)
    if form == "ndjson" and (columns or metric or group_by):
        raise UsageError("-c, -m and --group-by choose what is shown, and ndjson has all of it")
    if one_is_enough and goal is None:
        raise UsageError("--any goes with --until")
    chosen = selection(
        where, states=state or (), tags=tag or (), alive=alive, since=since, before=before, archived=archived
    )
    below, missing = trees.roots(root)
    how = How(
        roots=below,
        choice=Choice(chosen, NEWEST_FIRST if sort is None else keys(sort), limit),
        view=options.view(color, utc=utc),
        form=form,
        columns=tuple(options.columns(columns)),
        metric=metric,
        group_by=group_by,
        kinds=_kinds(events),
        command=execute,
        cursor=cursor,
        until=until(goal, one_is_enough=one_is_enough) if goal is not None else None,
        ends_at=None if timeout is None else time.monotonic() + seconds(timeout),
        interval=pause(interval),
        quiet=quiet,
        strict=strict,
    )
    with ended_by_a_hangup(), Live(below, interval=how.interval, stale_after=seconds(stale_after)) as live:
        code = _on_the_screen(live, how) if _shown(how) else stream(live, how)
    raise typer.Exit(code or trees.exit_code((), missing))


def _shown(how: How) -> bool:
    """Whether there is a terminal that can show a table that changes."""
    return how.form == "table" and how.view.terminal.width is not None and os.environ.get("TERM") not in (None, "dumb")


def _on_the_screen(live: Live, how: How) -> int:
    from spt_cli.commands.screen import Shown, show  # and with it a library that a pipe has no use for

    shown = Shown(
        title=" ".join(root.typed for root in how.roots),
        view=how.view,
        chosen=how.choice.selection,
        by=how.choice.by,
        columns=how.columns,
        metric=how.metric,
        group_by=how.group_by,
        limit=how.choice.limit,
        interval=how.interval,
        until=awaited(how, lambda _: None),
        timeout=how.left,
    )
    with in_background(live, how) as hook:
        code = show(live, shown)
    if hook.failures:
        say(f"spt: --exec: {hook.failures:,} of {hook.calls:,} failed")
    return code


def _form(output: str | None, as_json: bool) -> str:
    if as_json and output not in (None, "ndjson"):
        raise UsageError(f"--json and -o {output} ask for two different things")
    return "ndjson" if as_json else output or "table"


def _kinds(typed: str | None) -> frozenset[str]:
    """The kinds of events that --events names, all by default."""
    kinds = frozenset(KINDS if typed is None else (word.strip() for word in typed.split(",")))
    for word in sorted(kinds.difference(KINDS)):
        hint = did_you_mean(word, KINDS) or f"there are {', '.join(KINDS)}"
        raise UsageError(f"no event is called {word or 'nothing'}", hint=hint)
    return kinds
