"""What happens to runs: an object for programs, a line for people and grep."""

from __future__ import annotations

import json as stdlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

from spt_cli.choice.names import FIELDS, LENGTHS, Column, Row, getter
from spt_cli.choice.telling import common
from spt_cli.render import json
from spt_cli.render.runs import View, cell
from spt_cli.watch.watching import Happening
from spt_cli.words.text import printable, rfc3339, when

Titled = tuple[str, Column | None]  # a column and what it is called; None while no run has it


def row(happened: Happening, *, cursor: str | None, now: float) -> dict[str, Any]:
    """What *happened*, for `render.json`: `event`, `cursor`, `time` (*now*) and `run` as in `ls -o json`.

    `fields` is there when the run changed, `nan` when metrics became NaN or infinite.
    """
    fields = {"fields": happened.fields} if happened.kind not in ("added", "removed") else {}
    nan = {"nan": happened.nan} if happened.nan else {}
    run = json.row(happened.run)
    return {"event": happened.kind, "cursor": cursor, "time": rfc3339(now), "run": run, **fields, **nan}


def line(happened: Happening, view: View, columns: Sequence[Titled] = ()) -> str:
    """`2026-11-23 12:00:01 finished g0/r1 duration=3h12m val/acc=0.91`: time, event, id, then what there is to say.

    That is the *columns*, else what changed, or of a run that is over its best known metrics. What holds a space or
    anything else that would not be one word is quoted, as in JSON; what is missing is `-`.
    """
    shown = _SHOWN if not columns else len(columns)
    pairs = list(_pairs(happened, view, columns))
    words = [_word(happened.run.run_id), *(f"{_word(title)}={text}" for title, text in pairs[:shown])]
    if len(pairs) > shown:
        words.append(f"+{len(pairs) - shown}")
    kind = view.terminal.paint(happened.kind, _STYLES.get(happened.kind, ""))
    return f"{when(view.now, utc=view.utc)} {kind} {view.terminal.shown(' '.join(words))}\n"


_STYLES = {"failed": "red", "stale": "yellow", "finished": "green", "removed": "dim"}
_SHOWN = 8  # of what changed
_METRICS = 4  # of a run that is over
_ONE_WORD = re.compile(r"[^\s\"=]+")
_UNSAID = frozenset({"alive", "status", "heartbeat_at", "metrics_size"})  # the state says it, or nobody asks


def _pairs(happened: Happening, view: View, columns: Sequence[Titled]) -> Iterator[tuple[str, str]]:
    """(title, text) of what a line says of the run."""
    row = Row(happened.run)
    for title, column in columns or _telling(happened, row):
        item = getter(column, view.now)(row) if column else None
        text = cell(column, row, item, view).text if column else ""
        if column and column.key in LENGTHS:
            text = text.replace(" ", "")
        yield title, _word(text or "-")
    if "problems" in happened.fields and not columns:
        yield "problems", str(len(happened.run.problems))


def _telling(happened: Happening, row: Row) -> Iterator[Titled]:
    """What changed, what became NaN first; of a run that is over its duration and most telling metrics."""
    if happened.kind in ("added", "removed"):
        yield "state", Column("field", "state")
    elif happened.kind == "changed":
        bad = [f"summary.{name}" for name in happened.nan]
        for field in dict.fromkeys([*bad, *happened.fields]):
            kind, _, key = field.partition(".")
            if key:
                yield (key if kind == "summary" else field), Column(kind, key)
            elif field in FIELDS - _UNSAID:
                yield field, Column("field", field)
    else:
        yield "duration", Column("field", "duration")
        for name in common([row.summary])[:_METRICS]:
            yield name, Column("summary", name)


def _word(text: str) -> str:
    harmless = printable(text)
    if _ONE_WORD.fullmatch(text) and harmless == text:
        return text
    return printable(stdlib.dumps(text, ensure_ascii=False))
