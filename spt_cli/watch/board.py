"""Makes what a screen shows out of each look at the runs, once what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import structs

from spt_cli.choice.names import Column, Row, getter, in_one_line, written
from spt_cli.choice.sorting import Key
from spt_cli.choice.telling import common, differing, judges
from spt_cli.errors import UsageError
from spt_cli.metrics import pace
from spt_cli.metrics.pace import Pace, Told
from spt_cli.model import Run
from spt_cli.tree.changes import between
from spt_cli.tree.roots import Forest
from spt_cli.watch.figures import Figures, best, difference, figures, grouped, mean_and_spread
from spt_cli.watch.picking import Picker
from spt_cli.watch.scene import OWN, Going, Group, Mark, Scene, Wanted
from spt_cli.watch.watching import Choice
from spt_cli.words.text import cells, one_line, value

_SAMPLE = 300  # runs by which the telling columns are chosen
_KEPT = 60.0  # seconds that a mark of a run that has ended is kept: more than it is shown
_TOLD = 8  # hparams, and metrics, that may become columns


class Board:
    """Keeps the Scene of what was seen last."""

    def __init__(self, wanted: Wanted) -> None:
        self.scene = Scene()
        self.wanted = wanted
        self._picker = Picker(_by_group(wanted))
        self._forest: Forest | None = None
        self._told: dict[str, Told] = {}
        self._figures: Mapping[str, Figures] = {}
        self._known: tuple[object, ...] = ()  # the names that the columns were chosen by

    def choose(self, choice: Choice, *, now: float) -> None:
        """Shows another choice of the same runs; *now* is in s since 1970."""
        self.wanted = structs.replace(self.wanted, choice=choice)
        self._picker.choose(_by_group(self.wanted), now=now)
        self._arrange(anew=True)

    def look(self, forest: Forest, *, now: float, clock: float) -> bool:
        """Takes the newest *forest* at *now*, s since 1970; *clock* is our own, which only goes forward.

        What comes back is whether anything is to be shown that was not before.
        """
        shown = self.scene
        before, self._forest = self._forest, forest
        watched = before is not None and before.progress.initial_done
        moved = self._picker.look(forest.runs, now=now)
        if moved:
            old = before.runs if before and watched else forest.runs
            self._update(marks=_marked(self.scene.marks, old, forest.runs, self._picker.fresh, clock))
            self._told = {run_id: told for run_id, told in self._told.items() if run_id in forest.runs}
            self._pace(clock)
            self._arrange(anew=not watched)
        found = None if forest.progress.initial_done else forest.progress.total
        self._update(total=len(forest.runs), found=found, problems=len(forest.problems), looked=clock)
        self.tick(clock)
        return moved or _said_of(shown) != _said_of(self.scene)

    def tell(self, told: Mapping[str, Told], curves: Mapping[str, Sequence[float]], *, clock: float) -> None:
        """Takes what the files of some runs tell, and all curves that are known."""
        runs = self._forest.runs if self._forest else {}
        self._told |= {run_id: each for run_id, each in told.items() if run_id in runs}
        self._update(curves=curves)
        self._pace(clock)
        self.tick(clock)

    def tick(self, clock: float) -> None:
        """Finds out which runs are stuck at *clock*."""
        long = {run_id: pace.stuck_for(each, clock) for run_id, each in self.scene.paces.items()}
        stuck = {run_id: seconds for run_id, seconds in long.items() if seconds is not None}
        if stuck.keys() != self.scene.stuck.keys():
            self._update(tally=_tally(self.scene.rows, stuck))
        self._update(stuck=stuck)

    def _update(self, **fields: object) -> None:
        self.scene = structs.replace(self.scene, **fields)

    def _pace(self, clock: float) -> None:
        runs = self._forest.runs.values() if self._forest else ()
        before = self.scene
        paces = pace.look(before.paces, runs, clock, self._told)
        going = {}
        for run_id, each in paces.items():
            known = before.going.get(run_id) if before.paces.get(run_id) is each else _going(each)
            if known is not None:
                going[run_id] = known
        self._update(paces=paces, going=going)

    def _arrange(self, *, anew: bool) -> None:
        """All that follows from the rows; the columns are chosen *anew*, or because names came."""
        names, rows = self._picker.names, self._picker.rows
        self._update(rows=rows, names=names, longest=max((_cells(run.run_id) for run in rows), default=0))
        if anew or self._known != (names.metrics, names.hparams):
            self._known = (names.metrics, names.hparams)
            self._name()
        self._figures = figures(rows, self.scene.metrics, self._figures)
        bad = {run_id: each.bad for run_id, each in self._figures.items() if each.bad}
        most = best(self._figures.values(), filter(judges, self.scene.metrics))
        self._update(best=most, bad=bad, tally=_tally(rows, self.scene.stuck), lines=self._lines())

    def _name(self) -> None:
        """Chooses the columns, and finds out what those that were asked for mean."""
        said = dict.fromkeys(self._picker.unknown)
        sample = [Row(run) for run in self._picker.rows[:_SAMPLE]]
        columns = tuple((title, self._meant(title, said)) for title in self.wanted.columns)
        drawn = self._meant(self.wanted.metric, said) if self.wanted.metric is not None else None
        if drawn is not None and drawn.kind != "summary":
            said[f"{self.wanted.metric} is no metric"] = None
        curve_of = drawn.key if drawn is not None and drawn.kind == "summary" else None
        asked = [column.key for _, column in columns if column is not None and column.kind == "summary"]
        by_runs = common(row.summary for row in sample)
        told = sorted(by_runs, key=judges, reverse=True)  # stable: those that most runs have come first
        metrics = [*([curve_of] if curve_of is not None else []), *asked, *told[:_TOLD]]
        by = self._meant(self.wanted.group_by, said) if self.wanted.group_by is not None else None
        self._figures = {}
        self._update(
            hparams=tuple(differing(sample)[:_TOLD]),
            metrics=tuple(dict.fromkeys(metrics)),
            columns=columns,
            curve_of=curve_of,
            group_by=by,
            said=tuple(said),
        )

    def _meant(self, title: str, said: dict[str, None]) -> Column | None:
        """What *title* means as in a selection; None, which is *said*, when it is no name of these runs."""
        name, kind = written(title)
        try:
            return self._picker.names.resolve({"id": "run_id"}.get(name, name), kind)
        except UsageError as error:
            if title not in OWN:
                said[in_one_line(error)] = None
            return None

    def _lines(self) -> Sequence[Run | Group]:
        """The rows, after the heading of each group where they are grouped."""
        if self.scene.group_by is None:
            return self.scene.rows
        metric = next(iter(self.scene.metrics), "")
        lines: list[Run | Group] = []
        for of, rows in grouped(self.scene.rows, getter(self.scene.group_by, now=0.0)):
            numbers = [self._figures[run.run_id].finite for run in rows]
            mean, spread = mean_and_spread([each[metric] for each in numbers if metric in each])
            title = ", ".join(map(value, of if isinstance(of, tuple) else (of,)))
            lines += [Group(title, len(rows), Counter(run.state for run in rows), mean, spread), *rows]
        return lines


def _cells(run_id: str) -> int:
    """Of an id as it is shown."""
    return cells(run_id if run_id.isprintable() else one_line(run_id))


def _said_of(scene: Scene) -> tuple[object, ...]:
    """What is shown of all runs together."""
    return scene.found, scene.problems, scene.total, scene.stuck.keys()


def _going(each: Pace) -> Going | None:
    hparams = each.run.hparams.decode()
    done = pace.fraction(each, hparams)
    found = Going(done, pace.left(each, hparams), pace.steps_per_second(each)) if each.run.alive else Going(done)
    return None if found == Going() else found


def _by_group(wanted: Wanted) -> Choice:
    """The choice, ordered by the hparam that the rows are grouped by first."""
    if wanted.group_by is None:
        return wanted.choice
    name, kind = written(wanted.group_by)
    return structs.replace(wanted.choice, by=(Key(name, kind), *wanted.choice.by))


def _tally(rows: Iterable[Run], stuck: Mapping[str, float]) -> dict[str, int]:
    return dict(Counter("stuck" if run.run_id in stuck else run.state for run in rows))


def _marked(
    marks: Mapping[str, Mark], old: Mapping[str, Run], new: Mapping[str, Run], fresh: Iterable[Run], clock: float
) -> dict[str, Mark]:
    """*marks* with those of what changed from *old* to *new*, of which the *fresh* runs are not the same any more.

    Runs that went have none, and those that have ended lose theirs.
    """
    kept = {}
    for run_id, mark in marks.items():
        run = new.get(run_id)
        if run is not None and (run.live or clock - mark.at < _KEPT):
            kept[run_id] = mark
    now = {run.run_id: run for run in fresh}
    for change in between({run_id: old[run_id] for run_id in now if run_id in old}, now):
        known = kept.get(change.run_id)
        again = "created_at" in change.fields  # a new attempt, whose summary begins empty
        moved = dict(known.moved) if known is not None and not again else {}
        if change.kind != "added" and not again:
            moved |= _moves(old[change.run_id], now[change.run_id], change.fields)
        kept[change.run_id] = Mark(clock, frozenset(change.fields), change.kind == "added", moved)
    return kept


def _moves(before: Run, now: Run, fields: Sequence[str]) -> dict[str, float]:
    """How far each metric in *fields*, those of a Change, went up, where that can be said."""
    names = [field.removeprefix("summary.") for field in fields if field.startswith("summary.")]
    old, new = (before.summary.decode(), now.summary.decode()) if names else ({}, {})
    return {name: step for name in names if (step := difference(old.get(name), new.get(name))) is not None}
