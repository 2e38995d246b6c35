"""From ROOT arguments to runs, and what is said of those that could not be read."""

from __future__ import annotations

import os
from collections.abc import Sequence

from spt_cli import errors
from spt_cli.commands.output import say
from spt_cli.errors import SptError
from spt_cli.model import Problem, Run
from spt_cli.roots import Forest, Root, gather, resolve
from spt_cli.text import plural

_PATIENCE = 0.5  # seconds of silence before a scan tells how far it is


def roots(arguments: Sequence[str] | None) -> tuple[tuple[Root, ...], tuple[Problem, ...]]:
    """The ROOTs of *arguments*, and those that are none, which are told on stderr. SptError when none is left."""
    found, missing = resolve(arguments or ())
    if not found:
        raise SptError(f"{missing[0].message}: {missing[0].path}")
    for problem in missing:
        say(f"spt: {problem.message}: {problem.path}")
    return found, missing


def look(below: Sequence[Root], *, now: float, stale_after: float, quiet: bool = False) -> Forest:
    """A scan of *below*; on a terminal one that takes long says how far it is."""
    return gather(below, now=now, stale_after=stale_after)


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


def exit_code(forest: Forest, missing: Sequence[Problem], *, strict: bool = False) -> int:
    """What a listing ends with: 1 when a ROOT is missing, 3 under --strict when something could not be read.

    Problems are counted on stderr, always.
    """
    if forest.problems:
        say(f"spt: {_counted(forest)} (spt ls --problems)")
    return errors.FAILED if missing else errors.PROBLEMS if strict and forest.problems else 0


def _counted(forest: Forest) -> str:
    """`3 runs could not be read, 1 run only in part`."""
    runs = {problem.run_id for problem in forest.problems if problem.run_id is not None}
    partly = len(runs & forest.runs.keys())
    folders = sum(problem.run_id is None for problem in forest.problems)
    parts = [plural(count, noun) for count, noun in ((len(runs) - partly, "run"), (folders, "folder")) if count]
    said = [f"{' and '.join(parts)} could not be read"] if parts else []
    if partly:
        said.append(f"{plural(partly, 'run')} could be read only in part")
    return ", ".join(said)
