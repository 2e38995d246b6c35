"""A tree as a screen knows it, for tests: all that can be shown at once, at a clock that stands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

from spt_cli.metrics.pace import Told
from spt_cli.model import Problem, Progress, Run
from spt_cli.render.runs import View
from spt_cli.render.screen_cells import Look
from spt_cli.render.terminal import Terminal
from spt_cli.tree.roots import Forest, Root
from spt_cli.watch.board import Board
from spt_cli.watch.scene import Scene, Wanted
from tests.made import a_run
from tests.trees import NOW

ROOT = Root("runs", "/runs", "runs")
CLOCK = 1000.0  # our own
RISING = [0.1, 0.3, 0.45, 0.55, 0.6, 0.64, 0.66, 0.67]


def forest(*runs: Run, found: int | None = None, problems: int = 0) -> Forest:
    """Runs below one root, which is still scanned when some number was *found* so far."""
    progress = Progress() if found is None else Progress("loading", total=found, initial_done=False)
    wrong = tuple(Problem(f"/runs/{number}", "torn") for number in range(problems))
    return Forest((ROOT,), (), {run.run_id: run for run in runs}, wrong, (), progress)


def live(run_id: str = "a", **fields: Any) -> Run:
    """A run that is alive."""
    sensible = {"status": "running", "state": "running", "alive": True, "created_at": NOW - 100, "heartbeat_at": NOW}
    return a_run(run_id, **(sensible | {"display_name": run_id.rpartition("/")[2]} | fields))


def busy() -> list[Run]:
    """Runs of every kind."""
    sweep = [
        a_run(
            f"sweep/20261123/0701{at:02}/{880_000 + at}",
            display_name=f"{880_000 + at}",
            created_at=NOW - 9000 - 60 * at,
            ended_at=NOW - 3600,
            heartbeat_at=NOW - 3600,
            hparams={"model.width": 64 << at % 2, "optim.lr": 0.003, "trainer.max_epochs": 10},
            summary={"val/acc": 0.6 + at / 100, "val/loss": 1 - at / 100, "train/grad_norm": 2.0 + at},
        )
        for at in range(12)
    ]
    plans = {"hparams": {"model.width": 256, "optim.lr": 0.01, "trainer.max_epochs": 10}}
    return [
        live("sweep/new", created_at=NOW - 3, **plans),
        live("sweep/fast", created_at=NOW - 600, summary={"val/acc": 0.62, "val/loss": 0.9}, **plans),
        live("sweep/stuck", created_at=NOW - 1200, summary={"val/acc": 0.5, "val/loss": 1.1}, **plans),
        live("sweep/stale", created_at=NOW - 8000, heartbeat_at=NOW - 900, alive=False, state="stale", **plans),
        live("sweep/nan", created_at=NOW - 700, summary={"val/acc": 0.01, "val/loss": math.nan}, **plans),
        a_run(
            "sweep/failed",
            display_name="failed",
            status="failed",
            state="failed",
            created_at=NOW - 5000,
            ended_at=NOW - 4000,
            **plans,
        ),
        a_run("sweep/odd", status="preempted", state="preempted", created_at=NOW - 6000, display_name="a \x1b[2J name"),
        *sweep,
    ]


@cache
def busy_scene(wanted: Wanted = Wanted()) -> Scene:  # noqa: B008 - a frozen value
    """They were looked at for a while: one came just now, one got better, one stands still."""
    board = Board(wanted)
    first = {run.run_id: run for run in busy()}
    standing = first["sweep/stuck"]
    before = live(
        "sweep/fast", created_at=NOW - 600, summary={"val/acc": 0.61, "val/loss": 0.9}, hparams=dict(standing.hparams)
    )
    old = [before if run.run_id == "sweep/fast" else run for run in first.values() if run.run_id != "sweep/new"]
    board.look(forest(*old, problems=2), now=NOW - 200, clock=CLOCK - 200)
    told = {
        "sweep/fast": Told(step=4000.0, epoch=4.0, rows=400, stride=10.0),
        "sweep/stuck": Told(step=900.0, epoch=1.0, rows=90, stride=10.0),
        "sweep/stale": Told(step=500.0, epoch=2.0, rows=50, stride=10.0),
        "sweep/nan": Told(step=2000.0, epoch=2.0, rows=200, stride=10.0),
    }
    curves = {run_id: RISING[: 3 + at % 6] for at, run_id in enumerate(first)}
    board.tell(told, curves, clock=CLOCK - 199)
    board.tell({"sweep/fast": Told(step=4100.0, epoch=4.0, rows=410, stride=10.0)}, curves, clock=CLOCK - 20)
    board.tell({"sweep/nan": Told(step=2100.0, epoch=2.0, rows=210, stride=10.0)}, curves, clock=CLOCK - 10)
    board.look(forest(*first.values(), problems=2), now=NOW, clock=CLOCK)
    return board.scene


def look_at(scene: Scene, width: int = 80, *, color: bool = False, unicode: bool = True, clock: float = CLOCK) -> Look:
    """*scene* on a terminal of *width* columns, in UTC."""
    return Look(scene, View(Terminal(width, color, unicode), NOW, utc=True), clock)


def text(lines: Sequence[str]) -> str:
    """Lines as a snapshot keeps them: with nothing at their ends that an editor would take away."""
    return "\n".join(line.rstrip() for line in lines)
