"""From ROOT and RUN arguments to runs, and what is said of those that could not be read."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from spt_cli import errors
from spt_cli.choice.choose import Chosen, choose, expanded
from spt_cli.choice.selection import Selection
from spt_cli.commands import completion
from spt_cli.commands.output import say
from spt_cli.errors import SptError
from spt_cli.model import Problem, Progress, Run
from spt_cli.tree.roots import Forest, Root, gather, join, resolve
from spt_cli.words.text import plural, when

_PATIENCE = 0.5  # seconds of silence before a scan tells how far it is


def roots(arguments: Sequence[str] | None, *, reports: bool = False) -> tuple[tuple[Root, ...], tuple[Problem, ...]]:
    """The ROOTs of *arguments*, and those that are none, which are told on stderr. SptError when none is left.

    With *reports* a ROOT can be a file of `spt export`.
    """
    found, missing = resolve(arguments or (), reports=reports)
    _tell_missing(found, missing)
    return found, missing


def look(below: Sequence[Root], *, now: float, stale_after: float, quiet: bool = False) -> Forest:
    """A scan of *below*; on a terminal one that takes long tells how far it is."""
    with _progress(quiet=quiet) as seen:
        forest = gather(below, now=now, stale_after=stale_after, seen=seen)
    if sys.stdout and sys.stdout.isatty():  # who has a terminal has a TAB key
        completion.remember(forest)
    return forest


def chosen(
    arguments: Sequence[str] | None,
    below: Sequence[str] | None,
    selection: Selection,
    *,
    now: float,
    stale_after: float,
    quiet: bool = False,
    null: bool = False,
    reports: bool = False,
) -> tuple[list[Chosen], Forest, tuple[Problem, ...]]:
    """The runs that RUN *arguments* mean below the roots *below*, the scan, empty if none was needed, missing roots.

    Missing roots that nobody typed are an error only when runs are looked for there: a folder needs no $SPT_ROOT.
    With *reports* a root can be a file of `spt export`.
    """
    found, missing = resolve(below or (), reports=reports)
    if below:
        _tell_missing(found, missing)
    scans: list[Forest] = []

    def scan_once() -> Forest:
        if not below:
            _tell_missing(found, missing)
        scans.append(look(found, now=now, stale_after=stale_after, quiet=quiet))
        return scans[0]

    references = expanded(arguments, sys.stdin.buffer if sys.stdin else io.BytesIO(), null=null)
    runs = choose(references, found, selection=selection, now=now, stale_after=stale_after, look=scan_once)
    return runs, scans[0] if scans else join((), ()), missing if below or scans else ()


def tell_moments(below: Sequence[Root], *, utc: bool = False, quiet: bool = False) -> None:
    """Says on stderr of when the runs are that stand in reports."""
    for root in below:
        if root.report and not quiet:
            say(f"spt: {root.typed} shows runs as of {when(root.report.head.as_of, utc=utc) or 'long ago'}")


def tell_thinned(runs: Sequence[Chosen], *, quiet: bool = False) -> None:
    """Says on stderr that the values of those of *runs* that stand in a report are not what was logged."""
    for path, points in dict.fromkeys((one.report.path, one.report.head.points) for one in runs if one.report):
        if not quiet:
            say(f"spt: {path} holds rounded means of at most {points:,} buckets a curve, not the points themselves")


def others(forest: Forest) -> list[Run]:
    """Folders that look like runs and have no sidecar, as rows: their kind is the state, they are not alive."""
    return [
        Run(
            run_id=f"{root.label}/{other.path}" if len(forest.roots) > 1 else other.path,
            run_dir=os.path.join(root.path, other.path),
            display_name=other.path.rpartition("/")[2],
            status="",
            state=other.kind,
            alive=False,
        )
        for root, snapshot in zip(forest.roots, forest.snapshots, strict=True)
        for other in snapshot.other
    ]


def report(forest: Forest) -> None:
    """Counts on stderr what could not be read: `3 runs could not be read (spt ls --problems)`."""
    if forest.problems:
        say(f"spt: {_counted(forest.problems, forest.runs)} (spt ls --problems)")


def exit_code(problems: Collection[Problem], missing: Collection[Problem] = (), *, strict: bool = False) -> int:
    """What a command ends with: 1 when a ROOT is missing, 3 under --strict when something could not be read."""
    return errors.FAILED if missing else errors.PROBLEMS if strict and problems else 0


def _tell_missing(found: Sequence[Root], missing: Sequence[Problem]) -> None:
    """Tells on stderr which ROOTs are none. SptError when no other was *found*."""
    if not found:
        raise SptError(f"{missing[0].message}: {missing[0].path}")
    for problem in missing:
        say(f"spt: {problem.message}: {problem.path}")


def _counted(problems: Collection[Problem], listed: Collection[str]) -> str:
    """`3 runs could not be read, 1 run could be read only in part`."""
    runs = {problem.run_id for problem in problems if problem.run_id is not None}
    partly = len(runs.intersection(listed))
    folders = sum(problem.run_id is None for problem in problems)
    parts = [plural(count, noun) for count, noun in ((len(runs) - partly, "run"), (folders, "folder")) if count]
    said = [f"{' and '.join(parts)} could not be read"] if parts else []
    if partly:
        said.append(f"{plural(partly, 'run')} could be read only in part")
    return ", ".join(said)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[Progress], None] | None]:
    """What to tell a scan's progress to: a line on the terminal, wiped at the end; None where there is no terminal."""
    shown = all(stream and stream.isatty() for stream in (sys.stdout, sys.stderr))
    if quiet or not shown or os.environ.get("TERM") == "dumb":
        yield None
        return
    began = time.monotonic()
    told = False

    def tell(progress: Progress) -> None:
        nonlocal told
        if time.monotonic() - began > _PATIENCE and not progress.initial_done:
            print(f"\r\x1b[Klooking for runs: {progress.total:,} found", end="", file=sys.stderr, flush=True)
            told = True

    try:
        yield tell
    finally:
        if told:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
