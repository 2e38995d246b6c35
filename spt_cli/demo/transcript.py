"""What a run prints, as entries in the order of time. `launchers` says which file each goes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from spt_cli.demo.curves import EVERY, Curves
from spt_cli.demo.failures import failure
from spt_cli.demo.hydra import LAUNCHED
from spt_cli.demo.plan import Attempt, Plan, utc
from spt_cli.demo.records import host

Clock = Callable[[int], float]  # when a row was logged, s since 1970


class Entry(Struct, frozen=True):
    """Text written at one go."""

    channel: str  # log (the program's own log, on stdout too), out or err
    text: str
    rank: int = 0


def opening(plan: Plan, attempt: Attempt) -> Iterator[Entry]:
    """Everything until the first row is logged."""
    at = attempt.began_at
    if "submitit" in plan.launcher:
        for rank in range(plan.ranks):
            of = f"{rank}({plan.ranks})"
            place = f"job_id={plan.job}, hostname={host(plan)}, local_rank={of}, node=0(1), global_rank={of}"
            yield Entry("out", _submitit(at, f"Starting with JobEnvironment({place})"), rank)
    said = f"[RegistryLogger] run_id={plan.run_id} run_dir={plan.path(plan.folder)} — sidecar.json will live here"
    yield Entry("err", _loguru(at, "INFO", said, colour=_coloured(plan)))
    yield Entry("err", "GPU available: True (cuda), used: True\nTPU available: False, using: 0 TPU cores\n")
    if plan.on_slurm:
        yield Entry("err", "SLURM auto-requeueing enabled. Setting signal handlers.\n")
    for rank in range(plan.ranks if plan.ranks > 1 else 0):
        yield Entry("err", f"Initializing distributed: GLOBAL_RANK: {rank}, MEMBER: {rank + 1}/{plan.ranks}\n", rank)
        if rank:
            yield Entry("log", _logged(at, "INFO", f"rank {rank} ready"), rank)
    if attempt.number:
        checkpoint = plan.path(plan.folder, "checkpoints/last.ckpt")
        yield Entry("err", f"Restoring states from the checkpoint path at {checkpoint}\n")


def progress(plan: Plan, curves: Curves, start: int, stop: int, at: Clock) -> Iterator[Entry]:
    """What is printed while the rows *start* to *stop* are logged: bars, warnings, a line an epoch."""
    import numpy as np

    norm = curves.train["train/grad_norm"]
    spikes = np.flatnonzero(norm[start:stop] > 12) + start  # about one row in a hundred
    per_epoch = curves.per_epoch
    shown = [row for row in range(start, stop) if (row % per_epoch + 1) % max(1, per_epoch // 4) == 0]
    ends = range(start + (-start - 1) % per_epoch, stop, per_epoch)
    for row in sorted({*spikes.tolist(), *shown, *ends}):
        epoch, done = row // per_epoch, row % per_epoch + 1
        if 12 < norm[row] < 1e6:  # a diverging run would say nothing else
            text = f"gradient norm {norm[row]:.1f} clipped at step {curves.step(row)}"
            yield Entry("err", _loguru(at(row), "WARNING", text, colour=_coloured(plan)))
        yield Entry("out", _bar(epoch, done, curves, float(curves.train["train/loss"][row])))
        if done == per_epoch:
            yield from _epoch_end(plan, curves, row, at(row))


def closing(plan: Plan, outcome: str, *, at: float) -> Iterator[Entry]:
    """The last words: of an end, of a failure, or of Slurm when it takes the job away (*outcome* preempted, killed)."""
    match outcome:
        case "completed" | "nan":
            yield Entry("err", f"`Trainer.fit` stopped: `max_epochs={plan.epochs}` reached.\n")
            for rank in range(plan.ranks if "submitit" in plan.launcher else 0):
                yield Entry("out", _submitit(at, "Job completed successfully"), rank)
        case "killed" | "preempted":
            if plan.on_slurm:
                why = "PREEMPTION" if outcome == "preempted" else "TIME LIMIT"
                said = f"JOB {plan.job} ON {host(plan)} CANCELLED AT {utc(at, '%Y-%m-%dT%H:%M:%S')} DUE TO {why}"
                yield Entry("err", f"slurmstepd: error: *** {said} ***\n")
        case _:
            for rank, text in failure(plan, outcome, at=at):
                told = text if plan.launcher in LAUNCHED else ""  # `log.exception`: Hydra's file is all that is kept
                yield Entry("log", _logged(at, "ERROR", "training failed") + told, rank)
                yield Entry("err", text, rank)


def _epoch_end(plan: Plan, curves: Curves, row: int, at: float) -> Iterator[Entry]:
    epoch, step = row // curves.per_epoch, curves.step(row)
    shown = {"train/loss": curves.train["train/loss"][row], "lr": curves.train["lr"][row]}
    shown |= {name: curves.epoch[name][epoch] for name in ("val/loss", "val/acc", "train/acc")}
    values = {name: float(f"{value:.4g}") for name, value in shown.items()}
    yield Entry("out", "\nValidation DataLoader 0: 100%|██████████| 20/20 [00:01<00:00, 18.71it/s]\x1b[A\n\n")
    yield Entry("log", _logged(at, "INFO", f"epoch {epoch} step {step} {values}"))
    for rank in range(1, plan.ranks):
        yield Entry("log", _logged(at, "INFO", f"rank {rank} epoch {epoch} done"), rank)


def _bar(epoch: int, done: int, curves: Curves, loss: float) -> str:
    """A state of tqdm's bar: it returns to the start of its line, and leaves it only after the epoch."""
    part = done / curves.per_epoch
    full = int(part * 10)
    bar = "█" * full + " " * (10 - full)
    steps = f"{done * EVERY}/{curves.per_epoch * EVERY} [{done // 60:02d}:{done % 60:02d}"
    return f"\rEpoch {epoch}: {part:4.0%}|{bar}| {steps}, train/loss={loss:.3g}]"


def _coloured(plan: Plan) -> bool:
    """Whether loguru was told to colour: `LOGURU_COLORIZE=1` is in some people's job scripts."""
    return plan.launcher in ("plain", "sbatch")


def _logged(at: float, level: str, text: str) -> str:
    """A line of Python's logging in Hydra's format."""
    return f"[{utc(at, '%Y-%m-%d %H:%M:%S')},{int(at * 1000) % 1000:03d}][train][{level}] - {text}\n"


def _submitit(at: float, text: str) -> str:
    return f"submitit INFO ({utc(at, '%Y-%m-%d %H:%M:%S')},{int(at * 1000) % 1000:03d}) - {text}\n"


def _loguru(at: float, level: str, text: str, *, colour: bool) -> str:
    stamp = f"{utc(at, '%Y-%m-%d %H:%M:%S')}.{int(at * 1000) % 1000:03d}"
    where = "stable_pretraining.registry.logger:__init__:186"
    if not colour:
        return f"{stamp} | {level:<8} | {where} - {text}\n"
    bold = "\x1b[33m\x1b[1m" if level == "WARNING" else "\x1b[1m"
    return f"\x1b[32m{stamp}\x1b[0m | {bold}{level:<8}\x1b[0m | \x1b[36m{where}\x1b[0m - {bold}{text}\x1b[0m\n"
