"""The other pages of the screen of `spt watch`: one run closely, and what the keys do."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from spt_cli.choice.names import age, duration
from spt_cli.model import Run, Scalar
from spt_cli.render.runs import has_name, state_cell
from spt_cli.render.screen import spread
from spt_cli.render.screen_cells import Look
from spt_cli.render.table import GAP, Cell, Column, Table, draw
from spt_cli.render.terminal import Terminal
from spt_cli.watch.scene import Details
from spt_cli.words.text import ago, cells, clip, measure, one_line, printable, value, when
from spt_cli.words.text import duration as length

_KEYS = (  # keys, keys in ASCII, what they do
    ("↑ ↓ j k", "j k", "up and down"),
    ("PgUp PgDn", "PgUp PgDn", "a page up and down"),
    ("g G Home End", "g G Home End", "to the first and to the last run"),
    ("Enter", "Enter", "look at one run closely; Esc leads back"),
    ("/", "/", 'choose runs, as in val/acc > 0.7 and "best" in tags; Esc clears'),
    ("s", "s", "sort by the next column"),
    ("S", "S", "sort the other way around"),
    ("← → Tab", "h l Tab", "of one run: another metric"),
    ("Ctrl-L", "Ctrl-L", "draw everything anew"),
    ("Ctrl-Z", "Ctrl-Z", "stop; `fg` goes on"),
    ("q", "q", "leave"),
)
_BEST_WIDTH = 100  # cells of a line from which on two lists stand side by side
_SGR = re.compile(r"\x1b\[[0-9;]*m")


def paged(body: Sequence[str], scroll: int, lines: int, title: str, terminal: Terminal) -> list[str]:
    """A screen of *lines* lines that shows *body* from its line *scroll* on, below a *title*."""
    room = max(lines - 2, 1)
    shown = list(body[scroll : scroll + room])
    seen = f"{scroll + 1}-{scroll + len(shown)} of {len(body)}" if len(body) > room else ""
    head = spread(terminal.shown(one_line(title)), "", terminal, ("bold", ""))
    foot = spread(seen, "Esc back  q quit", terminal, ("", "dim"))
    return [head, *shown, *[""] * (room - len(shown)), foot][: max(lines, 1)]


def furthest(body: Sequence[str], lines: int) -> int:
    """How far *body* can be scrolled on a screen of *lines* lines."""
    return max(len(body) - max(lines - 2, 1), 0)


def help_page(terminal: Terminal) -> list[str]:
    """What the keys do, and what the signs mean."""
    fine = terminal.unicode
    keys = [[Cell(nice if fine else plain, "bold"), Cell(does)] for nice, plain, does in _KEYS]
    star, up, down = "★▲▼" if fine else "*+-"
    signs = [
        [Cell(star, "bold"), Cell("the best value of a metric among these runs")],
        [
            Cell(f"{up} {down}", "bold"),
            Cell("where it went when it changed last: green is better, red is worse"),
        ],
        [Cell("! stuck", "yellow"), Cell("alive, but no step for ten of its row intervals and at least a minute")],
        [Cell("? stale" if not fine else "◌ stale", "yellow"), Cell("it says that it runs, and its heartbeat is old")],
        [Cell("nan", "bold red"), Cell("one of its metrics is not a number")],
    ]
    columns = (Column(""), Column(""))
    return ["", *_drawn(Table(columns, keys), terminal), "", *_drawn(Table(columns, signs), terminal)]


def run_page(look: Look, run: Run, found: Details | None, at: int, lines: int) -> list[str]:
    """One run closely: *found* is what was read of it, None while that is read; *at* is the place of its metric."""
    terminal = look.view.terminal
    body = list(_facts(look, run))
    if found is None:
        return [*body, "", "reading" + ("…" if terminal.unicode else "...")]
    if found.problem:
        body += [terminal.paint(_shown(found.problem, terminal), "yellow")]
    if found.trace:
        body += ["", _heading(f"why it failed, in {found.trace_of}", terminal)]
        body += [terminal.paint(_shown(line, terminal), "red") for line in found.trace]
    metrics = drawable(look, found)
    if metrics:
        body += ["", *_curve(look, found, metrics, at % len(metrics), lines)]
    body += ["", *_lists(run, found, terminal)]
    if found.log:
        body += ["", _heading(found.log, terminal)]
        body += [_shown(line, terminal) for line in found.lines]
    return body


def drawable(look: Look, found: Details) -> list[str]:
    """The metrics whose curves can be drawn: those of the table first."""
    first = [name for name in look.scene.metrics if name in found.points]
    return [*first, *(name for name in found.points if name not in first)]


def _facts(look: Look, run: Run) -> Iterator[str]:
    terminal, going = look.view.terminal, look.scene.going.get(run.run_id)
    stuck = look.scene.stuck.get(run.run_id)
    state = state_cell("stuck" if stuck is not None else run.state, look.view)
    parts = [
        f"for {ago(stuck)}" if stuck is not None else "",
        length(duration(run, look.view.now)),
        f"{math.floor(going.done * 100)}% done" if going is not None and going.done is not None else "",
        f"{length(going.left)} left" if going is not None and going.left is not None else "",
        f"{going.speed:.3g} steps/s" if going is not None and going.speed is not None else "",
        f"began {ago(age(run, look.view.now))} ago" if run.created_at else "",
        when(run.created_at, utc=look.view.utc),
    ]
    word = terminal.shown(one_line(state.text))
    rest = ""
    for part in parts:
        more = rest + (" · " if terminal.unicode else ", ") + part if part else rest
        rest = more if cells(word + more) <= (terminal.width or 80) else rest
    yield terminal.paint(word, f"{state.style} bold".strip()) + rest
    for title, text in (
        ("name", run.display_name if has_name(run) else ""),
        ("tags", ", ".join(run.tags)),
        ("notes", one_line(run.notes)),
    ):
        if text:
            yield terminal.paint(f"{title:<6}", "dim") + _shown(text, terminal, 6)
    yield terminal.paint(f"{'in':<6}", "dim") + _shown(run.run_dir, terminal, 6, keep_end=True)


def _curve(look: Look, found: Details, metrics: Sequence[str], at: int, lines: int) -> Iterator[str]:
    """The curve of one of *metrics*, as high as half of the screen."""
    from spt_cli.render.plot import HEIGHT, plot

    terminal = look.view.terminal
    name = metrics[at]
    arrows = "← →" if terminal.unicode else "h l"
    hint = f"{at + 1} of {len(metrics)}  {arrows}" if len(metrics) > 1 else ""
    attempts = f" ({found.attempts} attempts)" if found.attempts > 1 else ""
    title, *drawing = plot(name, [("", found.points[name])], terminal, height=min(max(lines // 2 - 2, 4), HEIGHT))
    yield spread(_SGR.sub("", title).rstrip("\n") + attempts, hint, terminal, ("bold", "dim"))
    yield from (line.rstrip("\n") for line in drawing)


def _lists(run: Run, found: Details, terminal: Terminal) -> Iterator[str]:
    """Metrics and hparams, side by side where there is room."""
    width = terminal.width or 80
    summary, hparams = run.summary.decode(), run.hparams.decode()
    columns = (Column("metric"), *(Column(title, right=True) for title in ("last", "min", "max")))
    metrics = Table(columns, [_metric(name, last, found.extremes.get(name)) for name, last in summary.items()])
    plain = Table(
        (Column("hparam"), Column("value")), [[Cell(key), Cell(value(item))] for key, item in hparams.items()]
    )
    if width < _BEST_WIDTH:
        both = [lines for lines in (_drawn(metrics, terminal), _drawn(plain, terminal)) if lines]
        for lines in both:
            yield from ([""] if lines is not both[0] else [])
            yield from lines
        return
    half = Terminal((width - len(GAP)) // 2, terminal.color, terminal.unicode)
    for left, right in zip_longest(_drawn(metrics, half), _drawn(plain, half), fillvalue=""):
        yield left + " " * ((half.width or 0) - cells(_SGR.sub("", left))) + GAP + right


def _metric(name: str, last: Scalar, extremes: tuple[float, float] | None) -> list[Cell]:
    bad = isinstance(last, float) and not math.isfinite(last)
    low, high = map(measure, extremes) if extremes is not None else ("", "")
    return [Cell(name), Cell(measure(last), "bold red" if bad else ""), Cell(low), Cell(high)]


def _heading(text: str, terminal: Terminal) -> str:
    return terminal.paint(_shown(text, terminal), "bold")


def _drawn(table: Table, terminal: Terminal) -> list[str]:
    lines = [line.rstrip("\n") for line in draw(table, terminal)]
    return lines if any(column.title for column in table.columns) else lines[1:]


def _shown(text: str, terminal: Terminal, indent: int = 0, *, keep_end: bool = False) -> str:
    """A line of foreign text, harmless and cut."""
    room = max((terminal.width or 80) - indent, 0)
    harmless = terminal.shown(printable(text.expandtabs(4)))
    return clip(harmless, room, ellipsis="…" if terminal.unicode else "~", keep_end=keep_end)
