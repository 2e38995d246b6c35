"""The points of metrics that `spt metrics` prints: as rows, as curves, and as they come."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import NoReturn

from msgspec import structs

from spt_cli.choice.choose import Chosen
from spt_cli.commands.output import emit, emit_data, say
from spt_cli.errors import NotFoundError, SptError
from spt_cli.exported.reading import Exported
from spt_cli.metrics.points import Pick, cut, matching, news, picked
from spt_cli.metrics.reading import Cursor
from spt_cli.model import Problem, Series, Thinned
from spt_cli.render import json, lines
from spt_cli.render import metrics as render
from spt_cli.render.plot import plot
from spt_cli.render.runs import View
from spt_cli.render.table import draw
from spt_cli.words.text import did_you_mean

_INTERVAL = 0.5  # seconds between two looks while following


class Source:
    """Metrics of runs, one run at a time, so that memory holds one; and afterwards what was not there."""

    def __init__(self, runs: Sequence[Chosen], pick: Pick) -> None:
        self.runs = runs
        self.pick = pick
        self.problems: list[Problem] = []
        self.longest = 0  # points of the longest metric
        self._known: set[str] = set()  # names of all metrics seen
        self._thinned: dict[str, dict[str, dict[str, Thinned]]] = {}  # path of a report: run id: metrics
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
        if empty:
            self._check()

    def finish(self, *, quiet: bool = False) -> None:
        """Tells of what runs lack. NotFoundError for a metric that all lack, SptError when none could be read."""
        for problem in self.problems:
            say(f"spt: {problem.path}: {problem.message}")
        for pattern, lacking in self._lacking.items():
            for shown in lacking if len(lacking) < len(self.runs) and not quiet else ():
                say(f"spt: {shown} has no metric {pattern}")
        self._check()
        if self.problems and len(self.problems) == len(self.runs):
            raise SptError("no metrics could be read")

    def _check(self) -> None:
        """NotFoundError for a metric that all runs lack."""
        for pattern, lacking in self._lacking.items():
            if lacking and len(lacking) == len(self.runs):
                raise NotFoundError(f"no metric {pattern}", hint=did_you_mean(pattern, self._known))

    def _read(self, one: Chosen) -> dict[str, Series]:
        every = structs.replace(self.pick, patterns=())
        try:
            metrics = self._exported(one, one.report, every) if one.report else picked(one.run, every)
        except OSError as error:
            self.problems.append(Problem(str(error.filename), error.strerror or "cannot be read", one.shown))
            return {}
        if metrics is None:
            self.problems.append(Problem(one.root, f"holds no curves of {one.run.run_id}", one.shown))
            return {}
        self._known.update(metrics)
        for pattern, lacking in self._lacking.items():
            if not any(matching(name, (pattern,)) for name in metrics):
                lacking.append(one.shown)
        return {name: series for name, series in metrics.items() if matching(name, self.pick.patterns)}

    def _exported(self, one: Chosen, report: Exported, every: Pick) -> dict[str, Series] | None:
        from spt_cli.exported.series import thinned  # and with it all that makes reports

        if report.path not in self._thinned:
            wanted = {each.run.run_id for each in self.runs if each.report is report}
            self._thinned[report.path] = thinned(report, wanted)
        metrics = self._thinned[report.path].get(one.run.run_id)
        return None if metrics is None else {name: cut(series, every) for name, series in metrics.items()}


def print_plots(source: Source, view: View) -> None:
    """Draws each metric, the runs overlaid."""
    curves: dict[str, list[tuple[str, Series]]] = {}
    for shown, found in source:
        for name, series in found.items():
            curves.setdefault(name, []).append((shown, series))
    for number, (name, runs) in enumerate(curves.items()):
        emit(["\n"] if number else [])
        emit(plot(name, runs, view.terminal))


def print_rows(source: Source, form: str, shape: str, count: int, view: View) -> None:
    """Prints a *shape* of `render.rows` in an output *form*."""
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
            emit_data(lines.separated(header, rows, lines.DELIMITERS[form]))


def print_following(runs: Sequence[Chosen], pick: Pick, form: str) -> NoReturn:
    """Prints points in the order in which they were logged, and goes on until it is interrupted."""
    cursors = dict.fromkeys(range(len(runs)), Cursor())
    emit(lines.separated(render.POINTS, (), lines.DELIMITERS[form]) if form in lines.DELIMITERS else [])
    while True:
        for number, one in enumerate(runs):
            found, cursors[number] = news(one.run, cursors[number], pick)
            rows = render.by_row(one.shown, found)
            if form in lines.DELIMITERS:
                emit_data(islice(lines.separated(render.POINTS, rows, lines.DELIMITERS[form]), 1, None))
            elif form == "ndjson":
                emit_data(json.lines(dict(zip(render.POINTS, row, strict=True)) for row in rows))
            else:
                emit(render.plainly(row, several=len(runs) > 1) for row in rows)
        time.sleep(_INTERVAL)
