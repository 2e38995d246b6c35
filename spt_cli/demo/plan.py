"""Decide what run number *index* of a demo tree is: pure, from a seed and a clock.

Runs come in blocks of 24, one block for every six hours before *now*. The first block holds every kind of run there is;
in later blocks the launchers are the same and the outcomes are drawn. A run depends on its own index alone, so a larger
tree of the same seed and clock contains the smaller one.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from spt_cli.demo.told import told

BLOCK_S = 6 * 3600.0  # a block's runs start and end within it
STARTUP_S = 12.0  # from the launch to the first logged row
REQUEUE_S = 180.0  # what a preempted job waits; Slurm itself takes about two minutes


class Place(Struct, frozen=True):
    """What stands at one place of a block."""

    launcher: str
    task: int = 0  # number within its sweep
    outcome: str = "completed"  # or running, killed, nan (completes), oom, keyerror, ddp
    requeued: bool = False
    media: bool = False


BLOCK = (
    Place("sbatch-array", 0),
    Place("hydra", outcome="running", media=True),
    Place("sbatch-array", 1, "oom"),
    Place("hydra-multirun", 0),
    Place("sbatch-array", 2, "nan"),
    Place("hydra-submitit", 0, "running"),
    Place("plain", media=True),
    Place("sbatch-array", 3, "killed"),
    Place("sbatch", requeued=True),
    Place("submitit-array", 0, "running"),
    Place("hydra-multirun", 1, "ddp"),
    Place("lightning"),
    Place("never-started"),
    Place("hydra-submitit", 1, "keyerror"),
    Place("submitit"),
    Place("submitit-array", 1, requeued=True),
    Place("hydra-multirun", 2),
    Place("sbatch-array", 4, media=True),
    Place("sbatch", outcome="killed"),
    Place("hydra-submitit", 2),
    Place("hydra-split"),
    Place("sbatch-array", 5),
    Place("sbatch", outcome="running", requeued=True),
    Place("hydra-multirun", 3, "nan"),
)
_LATER = ("completed",) * 81 + ("oom", "keyerror", "ddp") * 3 + ("nan",) * 5 + ("killed",) * 2 + ("running",) * 3

_OTHER = frozenset({"lightning", "never-started"})  # folders without a sidecar
_ARRAYS = frozenset({"sbatch-array", "submitit-array", "hydra-submitit"})  # tasks of one Slurm array
_SWEEPS = _ARRAYS | {"hydra-multirun"}
_SLURM = _ARRAYS | {"sbatch", "submitit", "never-started"}
_CACHED = frozenset({"sbatch", "sbatch-array", "submitit-array", "submitit", "hydra-split", "never-started"})  # runs/
_RANKS = {"hydra-multirun": 4, "hydra-submitit": 2, "submitit-array": 2, "submitit": 2}


class Attempt(Struct, frozen=True):
    """One process of a run. A requeued run has two, the second going back to the last checkpoint."""

    number: int
    first: int  # row it begins with, the first of an epoch
    stop: int  # one past its last row
    began_at: float  # s since 1970, when the process started
    row_s: float  # seconds between logged rows

    def at(self, row: int) -> float:
        """When it logged *row*, s since 1970."""
        return self.began_at + STARTUP_S + (row + 1 - self.first) * self.row_s


class Plan(Struct, frozen=True):
    """A run before a byte of it is written. Folders are below *root*."""

    root: str  # absolute
    seed: int
    index: int
    launcher: str
    task: int  # number within its sweep
    job: str  # Slurm job id, `<array>_<task>` for arrays, "" without Slurm
    run_id: str  # the logger's
    folder: str
    output: str  # the launcher's output folder
    sweep: str  # above the outputs of a sweep, or ""
    ranks: int
    outcome: str
    media: bool
    name: str  # a person's name for it
    tags: tuple[str, ...]
    notes: str
    hparams: dict[str, Any]  # nested, as the training script logs them
    epochs: int
    per_epoch: int  # rows in an epoch
    attempts: tuple[Attempt, ...]  # at least one; it has no rows when nothing was logged

    @property
    def rows(self) -> int:
        """Train rows of the whole run, if nothing stops it."""
        return self.epochs * self.per_epoch

    @property
    def has_sidecar(self) -> bool:
        """Whether it is a run at all, rather than plain Lightning or one that never started."""
        return self.launcher not in _OTHER

    @property
    def on_slurm(self) -> bool:
        """Whether Slurm ran it."""
        return self.launcher in _SLURM

    def path(self, *parts: str) -> str:
        """Absolute path of something below the root."""
        return "/".join((self.root, *parts))


def plan(root: str, seed: int, index: int, *, now: float, rows: int, launch: float | None = None) -> Plan:
    """What run *index* is. With *launch* (s since 1970) it starts then and has logged nothing: a new run of `live`.

    *rows* is about the number of train rows of a whole run. All times and folder names are UTC.
    """
    dice = random.Random(f"{seed}/run/{index}")
    block, position = divmod(index, len(BLOCK))
    place = BLOCK[position]
    if launch is not None:
        place = Place(place.launcher, place.task, "running", media=dice.random() < 0.3)
    elif block and place.launcher not in _OTHER:
        place = Place(place.launcher, place.task, dice.choice(_LATER), dice.random() < 0.04, dice.random() < 0.05)
    epochs = min(10, rows)
    if launch is None:
        sweep_at, started = _starts(place, int(now) - (block + 1) * BLOCK_S, dice)
        attempts = _attempts(place, started, now, dice, epochs=epochs, per_epoch=rows // epochs)
    else:
        sweep_at, started, attempts = launch, launch, (Attempt(0, 0, 0, launch, 1.0),)
    job = _job(place, index)
    run_id = job if place.launcher == "sbatch" else f"{dice.getrandbits(48):012x}"  # older trees are named after jobs
    sweep, output = _output(place, run_id, job, block=block, at=sweep_at)
    folder = output if place.launcher not in _CACHED else f"runs/{utc(started, '%Y%m%d/%H%M%S')}/{run_id}"
    name, tags, notes, hparams = told(seed, block, position, launcher=place.launcher, task=place.task, epochs=epochs)
    hparams |= {"cache_dir": root if folder != output else None, "output_dir": f"{root}/{output}"}
    if place.launcher == "submitit-array":
        hparams["slurm"] = {"task_id": str(place.task)}
    if place.launcher in _ARRAYS:
        tags = (*tags, f"sweep:{job.partition('_')[0]}")  # added by the logger, so it is no hparam
    return Plan(
        root=root,
        seed=seed,
        index=index,
        launcher=place.launcher,
        task=place.task,
        job=job,
        run_id=run_id,
        folder=folder,
        output=output,
        sweep=sweep,
        ranks=_RANKS.get(place.launcher, 1),
        outcome=place.outcome,
        media=place.media,
        name=name,
        tags=tags,
        notes=notes,
        hparams=hparams,
        epochs=epochs,
        per_epoch=rows // epochs,
        attempts=attempts,
    )


def utc(at: float, form: str) -> str:
    """*at* in the strftime format *form*."""
    return datetime.fromtimestamp(at, UTC).strftime(form)


def _starts(place: Place, began: float, dice: random.Random) -> tuple[float, float]:
    """When the sweep was launched (whole seconds) and when the run was: array tasks within the same second or two."""
    within = dice.uniform(0.05, 0.9)
    match place.launcher:
        case "sbatch-array":
            return began + 60, began + 60 + within
        case "hydra-multirun":  # Hydra's basic launcher runs one job after the other
            return began + 120, began + 120 + place.task * 80 * 60 + within
        case "hydra-submitit":
            return began + 300, began + 320 + place.task + within
        case "submitit-array":
            return began + 600, began + 600 + place.task + within
    alone = began + 900 + dice.randrange(3600)
    return alone, alone + within


def _attempts(
    place: Place, started: float, now: float, dice: random.Random, *, epochs: int, per_epoch: int
) -> tuple[Attempt, ...]:
    """The processes of a run: how far each came, and how fast. A running one logged its last row at *now*."""
    total = epochs * per_epoch
    part = dice.uniform(0.3, 0.9)
    stop = total if place.outcome in ("completed", "nan") else max(1, int(total * part))
    cut = max(1, int(stop * 0.6)) if place.requeued else 0
    if cut and per_epoch > 2:
        cut += max(0, 2 - cut % per_epoch)  # two rows into an epoch, so that the steps run back
    first = min(cut // per_epoch, epochs - 1) * per_epoch
    longest = 75 if place.launcher == "hydra-multirun" else 240
    row_s = dice.uniform(0.4, 1.0) * longest * 60 / total
    if place.outcome == "running":
        waits = STARTUP_S + (STARTUP_S + REQUEUE_S if cut else 0.0)
        row_s = (now - started - waits) / (cut + stop - first)
    if not cut:
        return (Attempt(0, 0, stop, started, row_s),)
    preempted = Attempt(0, 0, cut, started, row_s)
    return preempted, Attempt(1, first, max(stop, first + 1), preempted.at(cut - 1) + REQUEUE_S, row_s)


def _job(place: Place, index: int) -> str:
    """Slurm's number for it, higher for later jobs; all tasks of an array share the one of the first."""
    if place.launcher not in _SLURM:
        return ""
    block, position = divmod(index, len(BLOCK))
    if place.launcher in _ARRAYS:
        position = next(i for i, other in enumerate(BLOCK) if other.launcher == place.launcher)
    job = 4_800_000 - block * 1000 + position * 20  # room for the tasks of an array, each a job of its own
    return f"{job}_{place.task}" if place.launcher in _ARRAYS else str(job)


def _output(place: Place, run_id: str, job: str, *, block: int, at: float) -> tuple[str, str]:
    """Folder of the sweep and output folder of the run, each below the root or ""."""
    dated, array = utc(at, "%Y-%m-%d/%H-%M-%S"), job.partition("_")[0]
    return {
        "plain": ("", f"local/{run_id}"),
        "sbatch": ("", f"output/{job}"),
        "sbatch-array": ("", f"output/{job}"),
        "hydra": ("", f"outputs/{dated}"),
        "hydra-split": ("", f"outputs/{dated}"),
        "hydra-multirun": (f"multirun/{dated}", f"multirun/{dated}/{place.task}"),
        "hydra-submitit": (f"multirun/{dated}", f"multirun/{dated}/{place.task}"),
        "submitit-array": (f"arrays/{array}", f"arrays/{array}/task_{place.task}"),
        "submitit": ("", f"jobs/{run_id}"),
        "lightning": ("", f"lightning_logs/version_{block}"),
        "never-started": ("", ""),
    }[place.launcher]
