"""The columns that the table of a screen may have, the most important first, each with its cells of some runs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest

from msgspec import Struct, structs

from spt_cli.choice.names import Column as Name
from spt_cli.choice.names import Row, duration, getter, is_nan
from spt_cli.choice.telling import judges, lower_is_better
from spt_cli.render.runs import View, cell, has_name, state_cell, titled
from spt_cli.render.sparks import gauge, spark
from spt_cli.render.table import Cell
from spt_cli.watch.scene import Going, Mark, Scene
from spt_cli.words.text import cells, clip, measure, one_line
from spt_cli.words.text import duration as length

_CURVE, _GAUGE, _NUMBER, _STEP = 12, 10, 6, 9  # cells of a curve, a progress bar, a number, and how far it went
_ROOMY = 60  # cells of a line on which a curve has room
_TITLE, _LONG = 12, 24  # cells of a title, and of any text


class Look(Struct, frozen=True):
    """What a frame is made for."""

    scene: Scene
    view: View  # the terminal and the clock of the world
    clock: float  # our own, of the marks
    moment: float = 4.0  # s for which a change is shown


class Drawn(Struct, frozen=True):
    """A column as it may be shown."""

    place: str  # what it shows; another one of that place is a wider form of it
    title: str
    cells: Sequence[Sequence[Cell]]  # of each run its parts, one after the other, harmless
    order: tuple[int, int]  # among the others, from left to right
    right: bool = False  # numbers
    least: int = 0  # cells that it takes at least, so that it does not move with what it shows
    elastic: bool = False  # text that may be cut at its beginning

    @property
    def width(self) -> int:
        """Cells it takes when nothing is cut."""
        body = max((sum(cells(part.text) for part in parts) for parts in self.cells), default=0)
        return max(cells(self.title), body, self.least)


def candidates(look: Look, rows: Sequence[Row]) -> Iterator[Drawn]:
    """The columns of *rows*, the most important first; with -c those and the curve, in the order that was typed."""
    if look.scene.columns:
        yield from _chosen(look, rows)
        return
    scene = look.scene
    hparams = [Name("hparams", key) for key in scene.hparams]
    metrics = [Name("summary", key) for key in scene.metrics]
    yield _state(look, rows)
    yield _id(look, rows)
    yield from (_metric(look, rows, name, at) for at, name in enumerate(metrics[:1]))
    if any(row.run.run_id in scene.bad for row in rows):
        yield _bad(look, rows)
    if any(each.done is not None for each in scene.going.values()):
        yield _progress(look, rows, wide=False)
    if scene.curve_of is not None:
        yield _curve(look, rows)
    if any(each.left is not None for each in scene.going.values()):
        yield _left(look, rows)
    yield _duration(look, rows)
    yield from (_metric(look, rows, name, at) for at, name in enumerate(metrics[1:2], 1))
    yield _plain(look, rows, Name("field", "age"), (2, 0), least=4)
    yield from (_hparam(look, rows, name, at) for at, name in enumerate(hparams[:1]))
    if any(each.speed is not None for each in scene.going.values()):
        yield _speed(look, rows)
    if any(each.done is not None for each in scene.going.values()):
        yield _progress(look, rows, wide=True)
    if any(has_name(row.run) for row in rows):
        yield _plain(look, rows, Name("field", "name"), (1, 1))
    moving = "running" in scene.tally
    others = zip_longest(
        (_metric(look, rows, name, at, wide=moving) for at, name in enumerate(metrics)),
        (_hparam(look, rows, name, at) for at, name in enumerate(hparams[1:], 1)),
    )
    yield from (column for column in chain.from_iterable(others) if column is not None)


def _chosen(look: Look, rows: Sequence[Row]) -> Iterator[Drawn]:
    """The columns of -c, and on a line with some room the curve before those that may find none."""
    columns = look.scene.columns
    narrow = (look.view.terminal.width or 0) < _ROOMY
    for at, (title, name) in enumerate((*columns, ("", None))):
        if at == (len(columns) if narrow else min(2, len(columns))) and look.scene.curve_of is not None:
            curve = _curve(look, rows)
            yield structs.replace(curve, title=_cut(look, look.scene.curve_of, _CURVE), order=(len(columns), 0))
        if at < len(columns):
            found = _asked(look, rows, title, name)
            yield structs.replace(found, place=f"{at}", title=one_line(title), order=(at, 0))


def _asked(look: Look, rows: Sequence[Row], title: str, name: Name | None) -> Drawn:
    """The column *title*, which means *name*; None: it is one of a screen alone, or no run has it."""
    match name:
        case None if title in _OWN:
            return _OWN[title](look, rows)
        case None:
            return Drawn("", title, [(Cell(),)] * len(rows), (0, 0))
        case Name("field", "state"):
            return _state(look, rows)
        case Name("field", "run_id"):
            return _id(look, rows)
        case Name("summary"):
            return _metric(look, rows, name)
    return _plain(look, rows, name)


def _fresh(look: Look, row: Row) -> Mark | None:
    """What changed of the run a moment ago."""
    mark = look.scene.marks.get(row.run.run_id)
    return mark if mark is not None and look.clock - mark.at < look.moment else None


def _state(look: Look, rows: Sequence[Row]) -> Drawn:
    body = []
    for row in rows:
        shown = state_cell("stuck" if row.run.run_id in look.scene.stuck else row.run.state, look.view)
        mark = _fresh(look, row)
        turned = mark is not None and (mark.new or "state" in mark.fields)
        body.append((_said(look, Cell(shown.text, f"{shown.style} bold reverse" if turned else shown.style)),))
    longest = max((cells(one_line(state)) for state in look.scene.tally), default=0)
    return Drawn("state", "state", body, (0, 0), least=min(2 + longest, _LONG))


def _bad(look: Look, rows: Sequence[Row]) -> Drawn:
    """Says of a run that a metric of it is NaN or infinite, whether that metric is shown or not."""
    body = []
    for row in rows:
        values = [row.summary.get(name) for name in look.scene.bad.get(row.run.run_id, ())]
        word = "nan" if any(map(is_nan, values)) else "inf" if values else ""
        body.append((Cell(word, "bold red"),))
    return Drawn("bad", "", body, (0, 1), least=3)


def _id(look: Look, rows: Sequence[Row]) -> Drawn:
    body = []
    for row in rows:
        mark = _fresh(look, row)
        shown = look.view.terminal.shown(one_line(row.run.run_id))
        body.append((Cell(shown, "bold" if mark is not None and mark.new else ""),))
    return Drawn("id", "id", body, (1, 0), elastic=True)


def _metric(look: Look, rows: Sequence[Row], name: Name, at: int = 0, *, wide: bool = False) -> Drawn:
    """The last values: the best marked, with an arrow for where each went last, *wide* with how far."""
    star = "★" if look.view.terminal.unicode else "*"
    texts = [_cut(look, measure(row.summary.get(name.key)), _LONG) for row in rows]
    room = max([_NUMBER, *map(cells, texts)])
    body = []
    for row, text in zip(rows, texts, strict=True):
        item = row.summary.get(name.key)
        now = _fresh(look, row)
        changed = now is not None and f"summary.{name.key}" in now.fields
        top = item is not None and item == look.scene.best.get(name.key)
        bad = isinstance(item, float) and not math.isfinite(item)
        style = "bold red" if bad else "bold" if top or changed else ""
        number = Cell((star * top + text).rjust(1 + room - cells(text) + len(text)), style)
        body.append((number, _step(look, row, name.key, bold=changed, wide=wide) if text else Cell(" ")))
    more = _STEP if wide else 1
    title = _cut(look, name.key, max(1 + room + more, _TITLE))
    title = " " * (1 + room - cells(title)) + title  # above the numbers
    return Drawn(name.key, title, body, (5, 2 * at), least=1 + room + more)


def _step(look: Look, row: Row, metric: str, *, bold: bool, wide: bool) -> Cell:
    """An arrow for where *metric* went last, *wide* with how far, in the colour of what that means."""
    up, down = "▲▼" if look.view.terminal.unicode else "+-"
    mark = look.scene.marks.get(row.run.run_id)
    step = mark.moved.get(metric, 0.0) if mark is not None and row.run.live else 0.0
    if not step:
        return Cell(" ")
    better = "green" if (step < 0) == lower_is_better(metric) else "red"
    arrow = up if step > 0 else down
    return Cell(f"{arrow}{step:+.2g}" if wide else arrow, "bold " * bold + (better if judges(metric) else "dim"))


def _curve(look: Look, rows: Sequence[Row]) -> Drawn:
    fine = look.view.terminal.unicode
    curves = [look.scene.curves.get(row.run.run_id, ()) for row in rows]
    body = [(Cell(spark(curve, _CURVE, unicode=fine), "cyan"),) for curve in curves]
    return Drawn("curve", "curve", body, (5, 1), least=_CURVE)


def _progress(look: Look, rows: Sequence[Row], *, wide: bool = False) -> Drawn:
    body: list[tuple[Cell, ...]] = []
    for row in rows:
        going = look.scene.going.get(row.run.run_id)
        if going is None or going.done is None:
            body.append((Cell(),))
            continue
        bar = (Cell(gauge(going.done, _GAUGE, unicode=look.view.terminal.unicode) + " ", "cyan"),) if wide else ()
        body.append((*bar, Cell(f"{math.floor(going.done * 100):>3}%")))
    return Drawn("progress", "progress" if wide else "done", body, (3, 0), right=True, least=4)


def _left(look: Look, rows: Sequence[Row]) -> Drawn:
    body = [(Cell(length(each.left) if each is not None else ""),) for each in _moving(look, rows)]
    return Drawn("left", "left", body, (3, 1), right=True, least=7)


def _speed(look: Look, rows: Sequence[Row]) -> Drawn:
    speeds = [each.speed if each is not None else None for each in _moving(look, rows)]
    body = [(Cell(f"{speed:.3g}" if speed is not None else ""),) for speed in speeds]
    return Drawn("speed", "steps/s", body, (3, 2), right=True)


def _moving(look: Look, rows: Sequence[Row]) -> list[Going | None]:
    """How each run goes; None also of one that is stuck: nobody knows what becomes of it."""
    scene = look.scene
    return [scene.going.get(row.run.run_id) if row.run.run_id not in scene.stuck else None for row in rows]


def _duration(look: Look, rows: Sequence[Row]) -> Drawn:
    body = [(Cell(length(duration(row.run, look.view.now))),) for row in rows]
    return Drawn("duration", "duration", body, (2, 1), right=True)


def _hparam(look: Look, rows: Sequence[Row], name: Name, at: int) -> Drawn:
    return structs.replace(
        _plain(look, rows, name), title=_cut(look, titled(name, look.scene.names), _LONG), order=(4, at)
    )


def _plain(look: Look, rows: Sequence[Row], name: Name, order: tuple[int, int] = (0, 0), *, least: int = 0) -> Drawn:
    """Any other column, as `spt ls` shows it; texts are cut to what a glance takes in."""
    values = list(map(getter(name, look.view.now), rows))
    given = [item for item in values if item is not None]
    right = bool(given) and all(isinstance(item, (int, float)) and not isinstance(item, bool) for item in given)
    body = [(_said(look, cell(name, row, item, look.view)),) for row, item in zip(rows, values, strict=True)]
    return Drawn(name.key, name.key, body, order, right=right, least=least)


def _said(look: Look, shown: Cell) -> Cell:
    """A cell of foreign text, harmless and not too long."""
    return structs.replace(shown, text=_cut(look, shown.text, _LONG, keep_end=False))


def _cut(look: Look, text: str, room: int, *, keep_end: bool = True) -> str:
    terminal = look.view.terminal
    shown = terminal.shown(one_line(text))
    return clip(shown, room, ellipsis="…" if terminal.unicode else "~", keep_end=keep_end)


_COLORS = {True: "green", False: "red"}  # of a step to the better, and to the worse
_OWN = {"progress": _progress, "left": _left, "speed": _speed}  # columns of -c that only a screen has
