"""The ROOT folders of a command: which they are, and their runs under one set of ids."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from spt_cli.errors import SptError
from spt_cli.files.inside import inside
from spt_cli.model import Other, Problem, Progress, Run, Snapshot
from spt_cli.tree.snapshot import scanning
from spt_cli.tree.walk import comes_to

if TYPE_CHECKING:
    from spt_cli.exported.reading import Exported

_NO_FOLDER = "not a folder"


class Root(Struct, frozen=True):
    """A folder that runs are looked for in."""

    typed: str  # as given, `~` expanded
    path: str  # absolute, links resolved
    label: str  # its last part, unique among the roots: the first part of ids when there are several
    report: Exported | None = None  # it is no folder but a report of runs


class Forest(Struct, frozen=True):
    """All roots at one moment. With one root ids are its own, with several they are `<label>/<id>`."""

    roots: tuple[Root, ...]
    snapshots: tuple[Snapshot, ...]  # one for each root
    runs: dict[str, Run]  # by shown id, which is their run_id here
    problems: tuple[Problem, ...]
    other: tuple[Other, ...]
    progress: Progress = Progress()  # of all roots together

    def place(self, shown: str) -> tuple[Root, Run]:
        """The root of the run that is shown as *shown*, and the run under its own id. KeyError if there is none."""
        if len(self.roots) == 1:
            return self.roots[0], self.snapshots[0].runs[shown]
        label, _, run_id = shown.partition("/")
        for root, snapshot in zip(self.roots, self.snapshots, strict=True):
            if root.label == label:
                return root, snapshot.runs[run_id]
        raise KeyError(shown)


def resolve(
    arguments: Sequence[str] = (),
    *,
    environ: Mapping[str, str] = os.environ,
    cwd: str | None = None,
    reports: bool = False,
) -> tuple[tuple[Root, ...], tuple[Problem, ...]]:
    """The roots that *arguments* name, and a Problem for each that is no folder.

    Without arguments they are those of $SPT_ROOT, with `:` between them, else $SPT_CACHE_DIR/runs, else `.`.
    A root that is given twice, or that the scan of another comes to, is there once. With *reports* a file that
    `spt export` wrote is a root too, and is read.
    """
    found: dict[str, str] = {}  # path: typed
    read: dict[str, Exported] = {}  # by path
    problems = []
    for argument, source in _given(arguments, environ):
        typed = _expanded(argument, environ)
        place = os.path.join(cwd or "", typed)
        wrong = _wrong(place) if typed else "no such folder"
        if wrong == _NO_FOLDER and reports and os.path.isfile(place):
            wrong = _read(os.path.realpath(place), read)
        if wrong:
            problems.append(Problem(typed, f"{wrong}{source}"))
        else:
            found.setdefault(os.path.realpath(place), typed)
    roots: list[Root] = []
    for path, typed in found.items():
        if path in read or not any(path != other and inside(path, other) and comes_to(path, other) for other in found):
            label = os.path.basename(os.path.abspath(os.path.join(cwd or "", typed)))  # noqa: PTH100 - of a link its own
            unique = _unique(label or "root", {root.label for root in roots})
            roots.append(Root(typed, path, unique, read.get(path)))
    return tuple(roots), tuple(problems)


def gather(
    roots: Sequence[Root],
    previous: Forest | None = None,
    *,
    now: float | None = None,
    stale_after: float = 180.0,
    sweep: float = 30.0,
    seen: Callable[[Progress], object] | None = None,
) -> Forest:
    """A scan of every root, as `snapshot.scan` does it. A root that cannot be read is a Problem.

    *seen* is told how far a root's scan is, about five times a second.
    """
    known = {snapshot.root: snapshot for snapshot in previous.snapshots} if previous else {}
    snapshots = []
    for root in roots:
        if root.report:
            snapshots.append(root.report.snapshot(time.time() if now is None else now))
            continue
        try:
            looks = scanning(root.path, known.get(root.path), now=now, stale_after=stale_after, sweep=sweep)
            for snapshot in looks:
                if seen:
                    seen(snapshot.progress)
        except SptError as error:
            snapshot = Snapshot(root.path, problems=(Problem(root.path, str(error)),))
        snapshots.append(snapshot)
    return join(roots, snapshots)


def join(roots: Sequence[Root], snapshots: Sequence[Snapshot], previous: Forest | None = None) -> Forest:
    """The Forest of *snapshots*, one for each of *roots*.

    What did not change since *previous*, the Forest of earlier snapshots of these roots, is the same object. A root
    whose first scan is not complete keeps the runs that it had there.
    """
    if len(roots) == 1:
        (one,) = snapshots
        runs = one.runs if one.progress.initial_done or not previous else previous.runs | one.runs
        return Forest(tuple(roots), (one,), runs, one.problems, one.other, one.progress)
    runs = {}
    problems: list[Problem] = []
    other: list[Other] = []
    for place, (root, snapshot) in enumerate(zip(roots, snapshots, strict=True)):
        before = previous.snapshots[place].runs if previous else {}
        for run_id, run in (snapshot.runs if snapshot.progress.initial_done else before | snapshot.runs).items():
            shown = f"{root.label}/{run_id}"
            same = previous is not None and before.get(run_id) is run
            runs[shown] = previous.runs[shown] if previous and same else structs.replace(run, run_id=shown)
        for problem in snapshot.problems:
            of = f"{root.label}/{problem.run_id}" if problem.run_id else problem.run_id
            problems.append(structs.replace(problem, run_id=of))
        other += [structs.replace(folder, path=f"{root.label}/{folder.path}") for folder in snapshot.other]
    return Forest(tuple(roots), tuple(snapshots), runs, tuple(problems), tuple(other), _together(snapshots))


def _together(snapshots: Sequence[Snapshot]) -> Progress:
    """How far the scans of all roots are: the phase of the one that is behind."""
    phases = ("starting", "discovering", "loading", "idle")
    every = [snapshot.progress for snapshot in snapshots]
    return Progress(
        phase=min((progress.phase for progress in every), key=phases.index, default="idle"),
        total=sum(progress.total for progress in every),
        done=sum(progress.done for progress in every),
        initial_done=all(progress.initial_done for progress in every),
    )


def typed_path(root: Root, run: Run) -> str:
    """The folder of *run* in the words of its root, as `find ROOT` prints it: `runs/g0/r1`, `./g0/r1` below `.`.

    It never begins with `-`, so it pipes into anything.
    """
    below = run.run_dir[len(root.path) :].strip("/")
    path = os.path.join(root.typed, below) if below else root.typed
    return f"./{path}" if path.startswith("-") else path


def _given(arguments: Sequence[str], environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """The folders to look at, each with where it comes from when nobody typed it."""
    if arguments:
        return [(argument, "") for argument in arguments]
    if listed := [part for part in environ.get("SPT_ROOT", "").split(":") if part]:
        return [(part, " (from $SPT_ROOT)") for part in listed]
    if cache := environ.get("SPT_CACHE_DIR"):
        return [(os.path.join(cache, "runs"), " (from $SPT_CACHE_DIR)")]
    return [(".", "")]


def _expanded(argument: str, environ: Mapping[str, str]) -> str:
    """*argument* with a `~` that no shell has seen: in $SPT_ROOT, in `--root=~/runs`."""
    home = environ.get("HOME")
    if home and (argument == "~" or argument.startswith("~/")):
        return home + argument[1:]
    return os.path.expanduser(argument)  # noqa: PTH111 - Path raises where there is no home


def _wrong(path: str) -> str | None:
    """Why *path* is no folder, or None."""
    try:
        os.stat(os.path.join(os.path.realpath(path), ""))  # ending in `/`: what is no folder is an error
    except (FileNotFoundError, ValueError):  # ValueError: a null byte
        return "no such folder"
    except NotADirectoryError:
        return _NO_FOLDER
    except OSError as error:
        return (error.strerror or "cannot be read").lower()
    return None


def _read(path: str, read: dict[str, Exported]) -> str | None:
    """Adds the report in the file *path* to *read*, or says why it is none."""
    from spt_cli.exported import reading as exported

    if not path.lower().endswith(exported.FORMS):
        return _NO_FOLDER
    try:
        read[path] = exported.read(path)
    except SptError as error:
        return str(error)
    return None


def _unique(label: str, taken: set[str]) -> str:
    number, unique = 1, label
    while unique in taken:
        number += 1
        unique = f"{label}-{number}"
    return unique
