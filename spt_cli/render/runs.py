"""Runs as a table: which columns say most about them, and their cells."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, zip_longest

from msgspec import Struct

from spt_cli.choice.names import LENGTHS, MOMENTS, Names, Row, Value, getter, written
from spt_cli.choice.names import Column as Name
from spt_cli.choice.telling import common, differing
from spt_cli.errors import SptError
from spt_cli.model import Run
from spt_cli.render.table import GAP, Cell, Column, Table, width
from spt_cli.render.terminal import Terminal
from spt_cli.words.text import ago, duration, measure, value, when


class View(Struct, frozen=True):
    """How runs are looked at: where, when and in which zone."""

    terminal: Terminal
    now: float  # s since 1970
    utc: bool = False


def runs_table(
    runs: Sequence[Run], names: Names, view: View, *, chosen: Sequence[str] = (), wide: bool = False
) -> Table:
    """*runs* in their order as a table of the *chosen* columns, which mean what they mean in a selection by *names*.

    Without a choice: state, id, name where there are names, age, duration, and of the hparams that differ and of the
    most common metrics as many as fit on the terminal; *wide* adds tags and notes and fits nothing.
    Raises UsageError for a name that no run has.
    """
    rows = [Row(run) for run in runs]
    columns = [_shown(title, column_of(title, names), rows, view) for title in chosen]
    if not columns:
        fields = ["state", "id", *(["name"] if any(map(has_name, runs)) else []), "age", "duration"]
        columns = [_shown(title, Name("field", _ALIASES.get(title, title)), rows, view) for title in fields]
        columns += _telling(rows, names, view, None if wide else view.terminal.width, columns)
        columns += [_shown(title, Name("field", title), rows, view) for title in (("tags", "notes") if wide else ())]
    return Table(tuple(column for column, _ in columns), list(zip(*(cells for _, cells in columns), strict=True)))


def values(
    runs: Sequence[Run], names: Names, view: View, chosen: Sequence[str]
) -> tuple[Sequence[str], Iterator[list[Value]]]:
    """Header and rows of the *chosen* columns of *runs* as they are, for csv. UsageError as in `runs_table`."""
    getters = [getter(column_of(title, names), view.now) for title in chosen]
    rows = map(Row, runs)
    return chosen, ([of(row) for of in getters] for row in rows)


def column_of(title: str, names: Names) -> Name:
    """What the column *title* means: as in a selection, and `id` is the run's id. Raises UsageError."""
    name, kind = written(title)
    return names.resolve(_ALIASES.get(name, name), kind)


def cell(name: Name, row: Row, item: Value, view: View) -> Cell:
    """The cell of *row* in the column *name*, whose value there is *item*."""
    if name.kind == "summary":
        bad = isinstance(item, float) and not math.isfinite(item)
        return Cell(measure(item), "red" if bad else "")  # type: ignore[arg-type] # a metric is no tuple
    if name.kind == "field" and name.key == "state":
        return state_cell(row.run.state, view)
    if name.kind == "field" and name.key == "name" and not has_name(row.run):
        return Cell()
    if name.kind == "field" and isinstance(item, float) and name.key in LENGTHS | MOMENTS:
        if name.key in MOMENTS:
            return Cell(when(item, utc=view.utc))
        return Cell(ago(item) if name.key == "age" else duration(item))
    return Cell(", ".join(map(value, item)) if isinstance(item, tuple) else value(item))


def counts(runs: Iterable[Run]) -> str:
    """How many runs are in each state, the most urgent first: `1 failed, 2 running, 27 completed`."""
    number = Counter(run.state for run in runs)
    order = [state for state in ("failed", "stale", "running", "completed") if number[state]]
    order += sorted(state for state in number if state not in order)
    return ", ".join(f"{number[state]:,} {state or 'without a state'}" for state in order)


def state_cell(state: str, view: View) -> Cell:
    """A state as glyph and word, in its colour."""
    glyph, plain, style = _STATES.get(state, ("·", "-", ""))
    if view.terminal.width is None:  # one word for awk
        return Cell(state.replace(" ", "-"), style)
    return Cell(f"{glyph if view.terminal.unicode else plain} {state}", style)


def has_name(run: Run) -> bool:
    """Whether a person gave *run* a name."""
    return run.display_name != run.run_id.rpartition("/")[2]


def titled(name: Name, names: Names) -> str:
    """The last part of an hparam's key where it means just that in a selection, else the whole name."""
    short = name.key.rpartition(".")[2]
    try:
        if name.kind == "hparams" and names.resolve(short) == name:
            return short
    except SptError:  # two keys end so
        pass
    return name.key


_Shown = tuple[Column, Sequence[Cell]]  # a column and its cell of each run

_ALIASES = {"id": "run_id"}
_PIPED = 4  # hparams, and metrics, where no width decides
_CUT = 18  # cells, the gap included, that ids and names keep when they are cut for others
_NARROW = 5  # cells, the gap included: in less no column fits
_STATES = {  # word: glyph, glyph in ASCII, style
    "running": ("●", "*", "green"),
    "completed": ("✓", "+", ""),
    "failed": ("✗", "x", "red"),
    "stale": ("◌", "?", "yellow"),
    "stuck": ("!", "!", "yellow"),  # of a screen that watches it
}


def _shown(title: str, name: Name, rows: Sequence[Row], view: View) -> _Shown:
    values = list(map(getter(name, view.now), rows))
    given = [item for item in values if item is not None]
    right = bool(given) and all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in given)
    cells = [cell(name, row, item, view) for row, item in zip(rows, values, strict=True)]
    return Column(title, right=right and name.key not in MOMENTS, keep_end=name.key in {"run_id", "run_dir"}), cells


def _telling(
    rows: Sequence[Row], names: Names, view: View, available: int | None, before: Sequence[_Shown]
) -> Iterator[_Shown]:
    """The columns that tell *rows* apart, hparams before metrics, as many as fit beside those *before* them.

    Where fewer than two fit, two do, and ids and names are cut for them.
    """
    hparams = [Name("hparams", key) for key in differing(rows)]
    metrics = [Name("summary", key) for key in common(row.summary for row in rows)]
    ranked = [name for name in chain.from_iterable(zip_longest(metrics, hparams)) if name]
    if available is None:
        kept = {*hparams[:_PIPED], *metrics[:_PIPED]}
        fitting = {name: _shown(titled(name, names), name, rows, view) for name in ranked if name in kept}
    else:
        fitting = {}
        free = available - sum(_room(shown) for shown in before) + len(GAP)
        spare = sum(max(_room(shown) - _CUT, 0) for shown in before if shown[0].title in {"id", "name"})
        for name in ranked:
            shown = _shown(titled(name, names), name, rows, view)
            if _room(shown) <= free + (spare if len(fitting) < 2 else 0):
                fitting[name] = shown
                free -= _room(shown)
            elif free + spare < _NARROW:
                break
    yield from (fitting[name] for name in hparams + metrics if name in fitting)


def _room(shown: _Shown) -> int:
    """Cells that a column takes with the gap beside it."""
    return width(shown[0].title, shown[1]) + len(GAP)
