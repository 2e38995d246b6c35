"""RUN arguments -> runs: folders, ids and their beginnings, @latest, @best:METRIC, ids from stdin."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from difflib import get_close_matches
from functools import cached_property
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, BinaryIO

from msgspec import Struct, structs

from spt_cli.choice.names import Names, Row, UnknownNameError, getter, is_nan, written
from spt_cli.choice.selection import Selection, select
from spt_cli.choice.sorting import ordered
from spt_cli.choice.telling import lower_is_better
from spt_cli.errors import NotFoundError, UsageError
from spt_cli.files.inside import inside
from spt_cli.model import Run
from spt_cli.tree.roots import Forest, Root, gather
from spt_cli.tree.snapshot import read_run
from spt_cli.words.text import printable

if TYPE_CHECKING:
    from spt_cli.exported.reading import Exported

_SIDECAR = "sidecar.json"
_SHOWN = 10  # candidates named in an error
_LOOKED_AT = 2_000  # ids compared for "did you mean": 10 µs each


class Chosen(Struct, frozen=True):
    """A run that a command was asked for."""

    shown: str  # its id as the user sees it, unique among the chosen
    run: Run  # under its own id, the path below *root*
    root: str  # absolute; logs are looked for above the run's folder up to here
    report: Exported | None = None  # it stands in a report, and not in its folder


def choose(
    references: Sequence[str] | None,
    roots: Sequence[Root],
    *,
    selection: Selection | None = None,
    now: float,
    stale_after: float = 180.0,
    look: Callable[[], Forest] | None = None,
) -> list[Chosen]:
    """The runs that *references* mean, each once and in their order; without any (None), all that *selection* chooses.

    A reference is tried as a folder, an exact id, the exact last part of one, the beginning of a last part, the
    beginning of an id, then as `@latest` and `@best:METRIC`. With a *selection* only runs that it chooses are meant.
    The roots are scanned once, by *look* when it is given, and not at all when folders are all that is asked for.
    UsageError, with the candidates, for a reference to several runs; NotFoundError for one to none.
    """
    desk = _Desk(roots, None if selection == Selection() else selection, now, stale_after, look)
    if references is None:
        if desk.selection is None:
            raise UsageError("which run?", hint="name one (`spt ls` shows them), or @latest, or choose with -w")
        return [desk.chosen(run.run_id) for run in desk.newest]
    found: dict[str, Chosen] = {}
    for reference in references:
        one = desk.folder(reference) or desk.chosen(desk.meant(reference))
        found.setdefault(one.run.run_dir, one)
    return _told_apart(list(found.values()))


def expanded(arguments: Sequence[str] | None, stdin: BinaryIO, *, null: bool = False) -> list[str] | None:
    """*arguments* with `-` replaced by what stands in *stdin*: one reference a line, or with *null* before each NUL.

    None when there are none, which is not the same as an empty stdin: that asks for no run.
    """
    if not arguments:
        return None
    references = []
    for argument in arguments:
        if argument == "-":
            lines = stdin.read().split(b"\0" if null else b"\n")
            references += [os.fsdecode(line if null else line.removesuffix(b"\r")) for line in lines if line.strip()]
        else:
            references.append(argument)
    return references


def match(reference: str, ids: Collection[str]) -> str:
    """The one of *ids* that *reference* means: itself, its last part, or the beginning of either.

    UsageError when it could be several, with candidates; NotFoundError, with similar ones, when it is none.
    """
    wanted = reference.rstrip("/")
    if wanted in ids:
        return wanted
    for fits in (
        lambda run_id: _last_part(run_id) == wanted,
        lambda run_id: _last_part(run_id).startswith(wanted),
        lambda run_id: run_id.startswith(wanted),
    ):
        found = [run_id for run_id in ids if wanted and fits(run_id)]
        if len(found) == 1:
            return found[0]
        if found:
            candidates = [*map(printable, sorted(found)[:_SHOWN])]
            rest = [f"… and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
            raise UsageError(f"{reference} could be {len(found)} runs", hint="\n".join(candidates + rest))
    raise NotFoundError(f"no run {reference or 'without a name'}", hint=_similar(wanted, ids))


class _Desk:
    """Where references are looked up. The roots are scanned when somebody asks for what only a scan can tell."""

    def __init__(
        self,
        roots: Sequence[Root],
        selection: Selection | None,
        now: float,
        stale_after: float,
        look: Callable[[], Forest] | None = None,
    ) -> None:
        self.roots = roots
        self.selection = selection
        self.now = now
        self.stale_after = stale_after
        self.look = look

    @cached_property
    def forest(self) -> Forest:
        """The one scan."""
        return self.look() if self.look else gather(self.roots, now=self.now, stale_after=self.stale_after)

    @cached_property
    def pool(self) -> dict[str, Run]:
        """The runs that can be meant, by shown id: archived ones too, since who names one means it."""
        runs = self.forest.runs
        return runs if self.selection is None else {run.run_id: run for run in self.select(runs.values())}

    @cached_property
    def newest(self) -> list[Run]:
        """The runs that are meant when none is named, newest first."""
        archived = self.selection is not None and self.selection.archived
        runs = [run for run in self.pool.values() if archived or not run.archived]
        return ordered(runs, names=Names(()), now=self.now)

    def select(self, runs: Collection[Run]) -> list[Run]:
        """Those of *runs* that the selection chooses, archived ones too."""
        return select(runs, structs.replace(self.selection or Selection(), archived=True), now=self.now)

    def chosen(self, shown: str) -> Chosen:
        """The run shown as *shown*."""
        root, run = self.forest.place(shown)
        return Chosen(shown, run, root.path, root.report)

    def folder(self, reference: str) -> Chosen | None:
        """The run in the folder *reference*; None when that is no run's folder."""
        path = os.path.expanduser(reference)  # noqa: PTH111 - Path raises where there is no home
        if not os.path.lexists(os.path.join(path, _SIDECAR)) or not os.path.isdir(path):
            return None
        real = os.path.realpath(path)
        around = [root for root in self.roots if inside(real, root.path)]
        root = max(around, key=lambda root: len(root.path), default=None)
        run = read_run(path, root.path if root else None, now=self.now, stale_after=self.stale_after)
        shown = f"{root.label}/{run.run_id}" if root and len(self.roots) > 1 else run.run_id
        if self.selection:
            found = root is not None and shown in self.forest.runs  # its names mean what they do in the tree
            meant = shown in self.pool if found else bool(self.select([run]))
            if not meant:
                raise _left_out(reference)
        return Chosen(shown, run, root.path if root else _mount_point(real))

    def meant(self, reference: str) -> str:
        """The shown id of the run that *reference*, no folder, means."""
        try:
            return match(reference, self.pool)
        except NotFoundError:
            if reference == "@latest":
                if not self.newest:
                    raise NotFoundError("there are no runs to take the latest of") from None
                return self.newest[0].run_id
            if reference.startswith("@best:"):
                return self.best(reference.removeprefix("@best:"))
            if reference.startswith("@"):
                raise UsageError(f"{reference} is no run", hint="try @latest or @best:METRIC") from None
            if reference.rstrip("/") in self.forest.runs:
                raise _left_out(reference) from None
            raise

    def best(self, metric: str) -> str:
        """The shown id of the run with the best last value of *metric*, the newest of equals; NaN is no value."""
        try:
            column = Names(self.forest.runs.values()).resolve(*written(metric))
        except UnknownNameError as error:
            raise NotFoundError(str(error), hint=error.hint) from error
        value_of = getter(column, self.now)
        values = ((value_of(Row(run)), run.run_id) for run in self.newest)
        numbers = [(value, shown) for value, shown in values if isinstance(value, (int, float)) and not is_nan(value)]
        if not numbers:
            raise NotFoundError(f"no run has a value of {metric}")
        return (min if lower_is_better(column.key) else max)(numbers, key=itemgetter(0))[1]


def _left_out(reference: str) -> NotFoundError:
    return NotFoundError(f"{reference} is not among the chosen runs", hint="-w, --state and the like leave it out")


def _told_apart(chosen: list[Chosen]) -> list[Chosen]:
    """*chosen*, with the folder as id where two from outside every root have one name."""
    counts = Counter(one.shown for one in chosen)
    return [structs.replace(one, shown=one.run.run_dir) if counts[one.shown] > 1 else one for one in chosen]


def _similar(reference: str, ids: Collection[str]) -> str | None:
    near = [run_id for run_id in ids if reference and reference in run_id]
    if not near:
        known = {_last_part(run_id): run_id for run_id in islice(ids, _LOOKED_AT)}
        near = [known[part] for part in get_close_matches(reference.rpartition("/")[2], known, n=3)]
    return f"did you mean {', '.join(map(printable, sorted(near)[:3]))}?" if near else None


def _last_part(run_id: str) -> str:
    return run_id.rpartition("/")[2]


def _mount_point(path: str) -> str:
    while not os.path.ismount(path):
        path = os.path.dirname(path)
    return path
