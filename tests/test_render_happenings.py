"""What happens to a run, for programs and for people."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from msgspec import structs

from spt_cli.choice.names import Column
from spt_cli.model import Problem, Run
from spt_cli.render import json as render
from spt_cli.render.happenings import Titled, line, row
from spt_cli.render.runs import View
from spt_cli.render.terminal import Terminal
from spt_cli.watch.watching import Happening
from tests.made import a_run
from tests.trees import NOW

VIEW = View(Terminal(), NOW, utc=True)
TIME = "2027-01-15 08:00:00Z"
LIVE: dict[str, Any] = {"status": "running", "state": "running", "alive": True, "created_at": NOW - 3700}


def told(kind: str, run: Run, *fields: str, nan: tuple[str, ...] = (), columns: tuple[Titled, ...] = ()) -> str:
    text = line(Happening(kind, run, fields, nan), VIEW, columns)
    assert text.endswith("\n")
    return text.removeprefix(TIME + " ").removesuffix("\n")


def test_an_object_has_the_event_the_cursor_the_time_and_the_run_as_ls_has_it() -> None:
    run = a_run("g/r", summary={"loss": math.nan})
    data = json.loads(
        render.encode(row(Happening("changed", run, ("summary.loss",), ("loss",)), cursor="c-1", now=NOW))
    )
    assert data == {
        "event": "changed",
        "cursor": "c-1",
        "time": "2027-01-15T08:00:00.000Z",
        "run": json.loads(render.encode(render.row(run))),
        "fields": ["summary.loss"],
        "nan": ["loss"],
    }


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("added", ["event", "cursor", "time", "run"]),
        ("removed", ["event", "cursor", "time", "run"]),
        ("stale", ["event", "cursor", "time", "run", "fields"]),
    ],
)
def test_fields_are_named_where_the_run_changed(kind: str, names: list[str]) -> None:
    assert list(row(Happening(kind, a_run()), cursor=None, now=NOW)) == names


@pytest.mark.parametrize(
    ("text", "kind", "run", "fields"),
    [
        ("added g0/r1 state=running", "added", a_run("g0/r1", **LIVE), ()),
        ("removed g0/r1 state=completed", "removed", a_run("g0/r1"), ()),
        ("changed r val/acc=0.9123", "changed", a_run(summary={"val/acc": 0.91234, "x": 1}), ("summary.val/acc",)),
        ("changed r state=running", "changed", a_run(**LIVE), ("status", "state", "alive", "heartbeat_at")),
        ("changed r hparams.lr=0.1", "changed", a_run(hparams={"lr": 0.1}), ("hparams.lr",)),
        ("changed r gone=-", "changed", a_run(), ("summary.gone",)),
        ("changed r tags=a,b", "changed", a_run(tags=("a,b",)), ("tags",)),
        ('changed r notes="two words"', "changed", a_run(notes="two words"), ("notes",)),
        ("changed r notes=-", "changed", a_run(), ("notes",)),
        ("changed r archived=true", "changed", a_run(archived=True), ("archived",)),
        ("changed r problems=1", "changed", a_run(problems=(Problem("p", "m"),)), ("problems",)),
        ("changed r", "changed", a_run(), ("summary",)),
    ],
)
def test_a_line_says_what_there_is_to_say(text: str, kind: str, run: Run, fields: tuple[str, ...]) -> None:
    assert told(kind, run, *fields) == text


@pytest.mark.parametrize("kind", ["finished", "failed", "stale"])
def test_of_a_run_that_is_over_it_says_how_long_it_took_and_how_good_it_is(kind: str) -> None:
    summary: dict[str, Any] = {"train/loss": 0.5, "epoch": 3, "val/acc": 0.9, "val/loss": 0.4, "x": 1, "y": 2}
    run = a_run(created_at=NOW - 3700, ended_at=NOW - 100, summary=summary)
    assert told(kind, run, "state") == f"{kind} r duration=1h00m val/acc=0.9 val/loss=0.4 train/loss=0.5 x=1"


def test_what_became_nan_is_said_first_and_a_long_line_is_counted() -> None:
    run = a_run(summary={f"m{number}": float(number) for number in range(10)} | {"m9": math.nan})
    fields = tuple(f"summary.m{number}" for number in range(10))
    shown = " ".join(f"m{number}={number}" for number in range(7))
    assert told("changed", run, *fields, nan=("m9",)) == f"changed r m9=nan {shown} +2"


def test_the_columns_that_were_asked_for_are_said_whatever_changed() -> None:
    run = a_run(created_at=NOW - 7300, ended_at=NOW, summary={"val/acc": 0.9})
    columns = (
        ("val/acc", Column("summary", "val/acc")),
        ("duration", Column("field", "duration")),
        ("created", Column("field", "created")),
        ("nope", None),
    )
    said = 'val/acc=0.9 duration=2h01m created="2027-01-15 05:58:20Z" nope=-'
    assert told("changed", run, "notes", "problems", columns=columns) == f"changed r {said}"


def test_nothing_in_it_acts_on_a_terminal_or_breaks_the_line() -> None:
    run = a_run("g0/\x1b[2J r\n\udcff\u202e", summary={"a=b c": 1.0, "\x9b": 2.0})
    said = r'changed "g0/\u001b[2J r\n\xff\u202e" "a=b c"=1 "\x9b"=2'
    assert told("changed", run, "summary.a=b c", "summary.\x9b") == said


def test_colours_and_ascii_are_those_of_the_terminal() -> None:
    view = structs.replace(VIEW, terminal=Terminal(color=True, unicode=False))
    assert line(Happening("failed", a_run("é")), view) == f"{TIME} \x1b[31mfailed\x1b[0m \\xe9 duration=-\n"
