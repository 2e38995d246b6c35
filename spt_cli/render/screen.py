"""What the screen of `spt watch` looks like: a frame is a function of what is known, where a person is and the size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, structs

from spt_cli.choice.names import Row
from spt_cli.model import Run
from spt_cli.render.runs import state_cell, titled
from spt_cli.render.screen_cells import Drawn, Look, candidates
from spt_cli.render.table import GAP, Cell
from spt_cli.render.terminal import Terminal
from spt_cli.watch.scene import Group, Scene
from spt_cli.words.text import ago, cells, clip, measure, one_line, plural, when

_URGENT = ("failed", "stuck", "stale", "running", "completed")
_LEAST = 5  # cells, the gap included: in less no column fits
_ROOMY, _WIDE = 60, 120  # cells of a line from which on ids get more room, and all is less dense
_SHORT, _MEDIUM, _LONG = 10, 18, 28  # cells that ids have before other columns come, by the width of the line


class Place(Struct, frozen=True):
    """Where a person is in the table."""

    run_id: str | None = None  # the run that is pointed at; None: whichever comes first
    at: int = 0  # the line that it was on
    top: int = 0  # the first line that is shown


class Bar(Struct, frozen=True):
    """What stands around the table."""

    title: str  # the roots as they were typed
    sort: str = ""
    where: str = ""
    message: str = ""  # in place of these
    silent: float = 0.0  # s without a look, where that is more than it should be


def frame(look: Look, place: Place, bar: Bar, lines: int) -> list[str]:
    """The lines of a screen with the table, at most *lines* of them; *place* is settled in it."""
    head, titles, foot = _parts(lines)
    room = lines - head - titles - foot
    shown = look.scene.lines[place.top : place.top + room]
    body = list(_table(look, shown, place, titles=bool(titles)))
    if not look.scene.lines:
        body = [clip(_empty(look.scene, bar), look.view.terminal.width or 80)]
    body = body[: room + titles]
    body += [""] * (room + titles - len(body))
    return [*_head(look, bar, head), *body, *([_foot(look, place, bar, room)] if foot else [])]


def settled(place: Place, scene: Scene, lines: int) -> Place:
    """*place* where it is in *scene* on a screen of *lines*: on the same run, else on the one that took its line."""
    last = len(scene.lines) - 1
    if place.run_id is None:
        at = 0
    else:
        known = place.at <= last and _is(scene.lines[place.at], place.run_id)
        at = place.at if known else _found(scene, place.run_id, min(place.at, last))
    return moved(structs.replace(place, at=at), scene, lines, 0, free=place.run_id is None)


def moved(place: Place, scene: Scene, lines: int, by: int, *, free: bool = False) -> Place:
    """*place* moved *by* as many lines, to a run; *free*: it points at no run, but at what comes first."""
    if not scene.lines:
        return Place()
    last = len(scene.lines) - 1
    at = min(max(place.at + by, 0), last)
    way = 1 if by >= 0 else -1
    while isinstance(scene.lines[at], Group):
        at, way = (at + way, way) if 0 <= at + way <= last else (at, -way)
    room = page(lines)
    above = at - 1 if at and isinstance(scene.lines[at - 1], Group) and room > 1 else at  # with its heading
    top = min(max(place.top, at - room + 1), above, max(last - room + 1, 0))
    run = scene.lines[at]
    return Place(run.run_id if isinstance(run, Run) and not free else None, at, top)


def page(lines: int) -> int:
    """How many lines of the table a screen of *lines* holds."""
    return max(lines - sum(_parts(lines)), 1)


def pointed_at(place: Place, scene: Scene) -> Run | None:
    """The run at *place*, which is settled."""
    line = scene.lines[place.at] if place.at < len(scene.lines) else None
    return line if isinstance(line, Run) else None


def spread(left: str, right: str, terminal: Terminal, styles: tuple[str, str] = ("", "")) -> str:
    """A line with *left* and *right* at its ends, of which *left* is cut where both do not fit."""
    width = terminal.width or 80
    right = clip(right, width)
    cut = clip(left, max(width - cells(right) - 2, 0), ellipsis="…" if terminal.unicode else "~")
    gap = " " * (width - cells(cut) - cells(right))
    return terminal.paint(cut, styles[0]) + gap + terminal.paint(right, styles[1])


def _parts(lines: int) -> tuple[int, int, int]:
    """Lines of the head, of the titles and of the foot."""
    if lines >= 10:
        return 2, 1, 1
    return int(lines >= 3), int(lines >= 4), int(lines >= 5)


def _is(line: Run | Group, run_id: str) -> bool:
    return isinstance(line, Run) and line.run_id == run_id


def _found(scene: Scene, run_id: str, otherwise: int) -> int:
    return next((at for at, line in enumerate(scene.lines) if _is(line, run_id)), max(otherwise, 0))


def _head(look: Look, bar: Bar, lines: int) -> Iterator[str]:
    terminal, scene = look.view.terminal, look.scene
    width = terminal.width or 80
    notes, style = _notes(look, bar)
    title = terminal.shown(one_line(bar.title))
    if lines == 2:
        yield spread(title, notes, terminal, ("bold", style))
        notes = ""
    if lines:
        room = width - (cells(notes) + 2 if notes else 0)
        states = _counts(scene.tally, look, room)
        gap = " " * (width - sum(cells(cell.text) for cell in states) - cells(notes))
        yield "".join(terminal.paint(cell.text, cell.style) for cell in states) + gap + terminal.paint(notes, style)


def _notes(look: Look, bar: Bar) -> tuple[str, str]:
    """What is to be said of the looking itself, and its style."""
    scene, more = look.scene, "…" if look.view.terminal.unicode else "..."
    if bar.silent:
        return f"no look for {ago(bar.silent)}", "bold red"
    if scene.found is not None:
        return f"looking{more} {scene.found:,} found", "bold"
    parts = [plural(scene.problems, "problem")] if scene.problems else []
    return GAP.join([*parts, _clock(look)]), "yellow" if scene.problems else "dim"


def _clock(look: Look) -> str:
    return when(look.view.now, utc=look.view.utc)[11:16] + ("Z" if look.view.utc else "")


def _counts(tally: Mapping[str, int], look: Look, room: int) -> list[Cell]:
    """How many runs are in each state, with words where they fit, else with glyphs alone."""
    order = [state for state in _URGENT if tally.get(state)]
    order += sorted(state for state in tally if state not in order)
    for worded in (len(order), *range(len(order) - 1, -1, -1)):
        parts: list[Cell] = []
        for at, state in enumerate(order):
            shown = state_cell(state, look.view)
            glyph, _, word = look.view.terminal.shown(one_line(shown.text)).partition(" ")
            text = (
                f"{glyph} {tally[state]:,} {word or 'without a state'}" if at < worded else f"{glyph} {tally[state]:,}"
            )
            parts += [Cell(GAP)] * bool(parts) + [Cell(text, shown.style)]
        if sum(cells(part.text) for part in parts) <= room:
            return parts
    return [Cell(clip("".join(part.text for part in parts), max(room, 0), ellipsis=""))] if order else []


def _foot(look: Look, place: Place, bar: Bar, room: int) -> str:
    terminal, scene = look.view.terminal, look.scene
    message = bar.message or (scene.said[0] if scene.said and scene.found is None and scene.total else "")
    if message:
        return spread(terminal.shown(one_line(message)), "? help", terminal, ("yellow", "dim"))
    where = [f"where {bar.where}"] if bar.where else []
    count = len(scene.lines)
    seen = [f"{place.top + 1}-{min(place.top + room, count)} of {count:,}"] if count > room else []
    parts = [*seen, *where, *([f"by {bar.sort}"] if bar.sort else [])]
    left = (" · " if terminal.unicode else ", ").join(terminal.shown(one_line(part)) for part in parts)
    keys = "? help  q quit"
    for more in ("  / filter", "  s sort", "  Enter open"):
        keys += more if cells(left) + cells(keys + more) + 2 <= (terminal.width or 80) else ""
    return spread(left, keys, terminal, ("", "dim"))


def _empty(scene: Scene, bar: Bar) -> str:
    if scene.found is not None:
        return ""
    return (
        f"no runs below {one_line(bar.title)}" if not scene.total else f"none of {plural(scene.total, 'run')} is chosen"
    )


def _table(look: Look, lines: Sequence[Run | Group], place: Place, *, titles: bool) -> Iterator[str]:
    terminal = look.view.terminal
    width = terminal.width or 80
    gutter = 2 if width >= _ROOMY else 1
    columns = _fitting(look, [Row(line) for line in lines if isinstance(line, Run)], width - gutter)
    if titles:
        yield _line(" " * gutter, [([Cell(drawn.title, "bold")], drawn, room) for drawn, room in columns], terminal)
    number = 0
    for at, line in enumerate(lines, place.top):
        if isinstance(line, Group):
            yield _heading(look, line)
            continue
        parts = [(drawn.cells[number], drawn, room) for drawn, room in columns]
        number += 1
        if at == place.at:
            yield _line(("▸" if terminal.unicode else ">").ljust(gutter), parts, terminal, "reverse", width)
        else:
            yield _line(" " * gutter, parts, terminal)


def _fitting(look: Look, rows: Sequence[Row], width: int) -> list[tuple[Drawn, int]]:
    """The columns that fit, from left to right, each with the cells that it gets. Ids get what is left over."""
    kept: dict[str, tuple[Drawn, int]] = {}
    free = width + len(GAP)
    short = _SHORT if width < _ROOMY else _MEDIUM if width < _WIDE else _LONG
    for drawn in candidates(look, rows):
        room = min(max(look.scene.longest, 2), short) if drawn.elastic else drawn.width
        before = kept.get(drawn.place)
        needed = room + len(GAP) if before is None else room - before[1]
        if needed <= free:
            kept[drawn.place] = drawn, room
            free -= needed
        elif free < _LEAST:
            break
    for place, (drawn, room) in kept.items():
        if drawn.elastic:
            more = min(free, look.scene.longest - room)
            kept[place] = drawn, room + max(more, 0)
            free -= max(more, 0)
    return sorted(kept.values(), key=lambda each: each[0].order)


def _line(
    lead: str,
    parts: Sequence[tuple[Sequence[Cell], Drawn, int]],
    terminal: Terminal,
    style: str = "",
    width: int = 0,
) -> str:
    """A row of the table: the cells of each column in their room; with a *style*, *width* cells of it and no other."""
    painted = [terminal.paint(lead, style)]
    taken = cells(lead)
    for at, (whole, drawn, room) in enumerate(parts):
        shown = [_cut(whole[0], room, terminal)] if drawn.elastic else whole
        gap = GAP if at else ""
        pad = " " * (room - sum(cells(cell.text) for cell in shown))
        before, after = (gap + pad, "") if drawn.right else (gap, pad)
        painted.append(terminal.paint(before, style))
        painted += [terminal.paint(cell.text, style or cell.style) for cell in shown]
        painted.append(terminal.paint(after, style))
        taken += cells(gap) + room
    painted.append(terminal.paint(" " * (width - taken), style))
    return "".join(painted)


def _cut(text: Cell, room: int, terminal: Terminal) -> Cell:
    """*text* without its beginning where it is longer than its *room*."""
    return Cell(clip(text.text, room, ellipsis="…" if terminal.unicode else "~", keep_end=True), text.style)


def _heading(look: Look, group: Group) -> str:
    """`width 64 · 12 runs: 1 failed, 11 completed · val/acc 0.93 ± 0.02`; what does not fit is left out."""
    scene, terminal = look.scene, look.view.terminal
    assert scene.group_by is not None
    dot, spreads = (" · ", " ± ") if terminal.unicode else (" - ", " +- ")
    title = terminal.shown(one_line(f"{titled(scene.group_by, scene.names)} {group.value or 'is missing'}"))
    states = ", ".join(f"{count:,} {state or 'without a state'}" for state, count in sorted(group.tally.items()))
    count, mean = plural(group.count, "run"), ""
    if group.mean is not None:
        around = f"{spreads}{group.spread:.2g}" if group.spread is not None else ""
        mean = f"{scene.metrics[0]} {measure(group.mean)}{around}"
    width = terminal.width or 80
    for parts in ((title, f"{count}: {states}", mean), (title, count, mean), (title, mean), (title,)):
        text = dot.join(terminal.shown(one_line(part)) for part in parts[1:] if part)
        text = title + (dot + text if text else "")
        if cells(text) <= width:
            break
    return terminal.paint(clip(text, width, ellipsis="…" if terminal.unicode else "~"), "bold cyan")
