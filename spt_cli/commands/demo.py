"""`spt demo`: a tree of runs to try things on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from spt_cli.commands import options
from spt_cli.commands.output import emit, emit_data, say
from spt_cli.words.durations import seconds
from spt_cli.words.text import plural

Dest = Annotated[str, typer.Argument(metavar="DEST", show_default=False, help="A folder that is not there, or empty.")]
Runs = Annotated[int, typer.Option("--runs", metavar="N", min=0, help="How many runs.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Another seed, other runs.")]
Live = Annotated[bool, typer.Option("--live", help="Go on writing as trainers do, until interrupted.")]
Interval = Annotated[str, typer.Option("--interval", metavar="TIME", help="Between two rounds of --live.")]


def command(
    dest: Dest,
    runs: Runs = 30,
    seed: Seed = 0,
    live: Live = False,
    interval: Interval = "1s",
    quiet: options.Quiet = False,
    _debug: options.Debug = False,
) -> None:
    """Write a tree of runs that look like real training.

    spt demo /tmp/runs && spt ls /tmp/runs
    """
    from spt_cli import demo

    if not live:
        written = demo.write(Path(dest), runs=runs, seed=seed)
        emit_data([f"{written}\n"])
        if not quiet and sys.stdout.isatty():
            say(f"spt: {plural(runs, 'run')} written; try `spt ls {dest}`")
        return
    for tick in demo.live(Path(dest), runs=runs, seed=seed, interval=seconds(interval)):
        if not quiet:
            emit(f"{event}\n" for event in tick.events)
