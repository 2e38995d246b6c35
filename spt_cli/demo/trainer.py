"""Go on writing a demo tree as trainers do: rows, flushes, requeues, failures, new runs."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from spt_cli.demo import marker, process
from spt_cli.demo.marker import Marker
from spt_cli.demo.plan import Plan, plan
from spt_cli.demo.process import Process
from spt_cli.demo.tree import write
from spt_cli.errors import UsageError

_PERIOD = 12  # rounds
_SCHEDULE = {2: "start", 5: "requeue", 8: "start", 11: "fail"}  # by number modulo the period; runs end by themselves


class Tick(Struct, frozen=True):
    """One round of `live`."""

    number: int  # 0: the tree before the first round
    at: float  # what the clock said, s since 1970
    live: int  # runs being written
    events: tuple[str, ...]  # besides rows: a word and a run's folder below the root, such as `started runs/2026…`


def live(
    dest: Path,
    *,
    runs: int = 10,
    seed: int = 0,
    interval: float = 1.0,
    steps: int | None = None,
    rows: int = 300,
    wait: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.time,
) -> Iterator[Tick]:
    """Keep writing a demo tree like trainers do, a round each *interval* seconds, for *steps* rounds or until stopped.

    A missing or empty *dest* first gets a tree of *runs* runs; a demo tree goes on with its own seed and rows, its live
    runs requeued. Any other folder is refused with SptError: a demo never writes beside other files.
    A Tick comes back after each round, when all files are whole. What happens depends on the seed and the number of the
    round, what is dated on *clock*.
    """
    if interval < 0:
        raise UsageError("the interval of a demo cannot be negative")
    root, at = dest.expanduser().resolve(), clock()
    resumed = marker.exists(root)
    if not resumed:
        write(root, runs=runs, seed=seed, now=at, rows=rows)
    tree = marker.read(root)
    known = [process.found(root, _plan(root, tree, index, launch), launch) for index, launch in tree.live]
    running = [p for p in known if p]
    if resumed:
        running = [process.requeue(root, p, at) for p in running]
    yield Tick(0, at, len(running), tuple(f"requeued {p.plan.folder}" for p in running if resumed))
    number = 0
    while steps is None or number < steps:
        wait(interval)
        number, at = number + 1, clock()
        tree, running, events = _round(root, tree, running, number, at)
        marker.save(root, tree)
        yield Tick(number, at, len(running), tuple(events))


def _round(
    root: Path, tree: Marker, running: list[Process], number: int, at: float
) -> tuple[Marker, list[Process], list[str]]:
    """Each process logs some rows, those that reach their end end, and what is scheduled happens."""
    dice = random.Random(f"{tree.seed}/round/{number}")
    there = [p for p in running if (root / p.plan.folder).is_dir()]  # people may remove a run
    running = [process.train(root, p, dice.randint(1, 5), at) for p in there]
    happened = [(p, "completed", "completed") for p in running if p.attempt.stop == p.plan.rows]
    going = [p for p in running if p.attempt.stop < p.plan.rows]
    events = []
    match _SCHEDULE.get(number % _PERIOD):
        case "fail" if going:
            happened.append((going.pop(dice.randrange(len(going))), dice.choice(("oom", "keyerror", "ddp")), "failed"))
        case "requeue" if within := [i for i, p in enumerate(going) if p.attempt.stop % p.plan.per_epoch > 1]:
            i = dice.choice(within)  # two rows into an epoch, so that its steps run back
            going[i] = process.requeue(root, going[i], at)
            events.append(f"requeued {going[i].plan.folder}")
        case "start":
            new = _next(root, tree, at)
            going.append(process.start(root, new, at))
            tree = replace(tree, runs=new.index + 1)
            events.append(f"started {new.folder}")
    for ended, outcome, word in happened:
        process.end(root, ended, outcome, at)
        events.append(f"{word} {ended.plan.folder}")
    return replace(tree, live=tuple((p.plan.index, p.launched_at) for p in going)), going, events


def _next(root: Path, tree: Marker, at: float) -> Plan:
    """The next run that logs anything, launched at *at*. Hydra dates folders by seconds, so one may be taken."""
    index = tree.runs
    while not (new := _plan(root, tree, index, at)).has_sidecar or (root / new.output).exists():
        index += 1
    return new


def _plan(root: Path, tree: Marker, index: int, launch: float | None) -> Plan:
    return plan(str(root), tree.seed, index, now=tree.now, rows=tree.rows, launch=launch)
