"""Which log files a launcher leaves, and what of a run's transcript each holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from spt_cli.demo.plan import Plan
from spt_cli.demo.transcript import Entry

_BOTH = frozenset({"out", "err", "log"})
_OUT = frozenset({"out", "log"})  # the console handler of Python's logging writes to stdout
_ERR = frozenset({"err"})
_LOG = frozenset({"log"})


class Log(Struct, frozen=True):
    """A log file below the root."""

    path: str
    channels: frozenset[str]
    rank: int | None = 0  # None: of all ranks together

    def text(self, entries: Iterable[Entry]) -> str:
        """What of *entries* is written here."""
        return "".join(e.text for e in entries if e.channel in self.channels and self.rank in (None, e.rank))


def logs(plan: Plan) -> Iterator[Log]:
    """The log files of a run."""
    output, ranks = plan.output, range(plan.ranks)
    match plan.launcher:
        case "plain":
            yield Log(f"{plan.folder}/train.out", _OUT)
            yield Log(f"{plan.folder}/train.err", _ERR)
        case "sbatch":  # `#SBATCH --output` into the run folder; stderr goes to the same file
            yield Log(f"{plan.folder}/slurm-{plan.job}.out", _BOTH, None)
        case "sbatch-array":
            yield Log(f"project/slurm-{plan.job}.out", _BOTH, None)
        case "hydra" | "hydra-split":
            yield Log(f"{output}/train.log", _LOG)
        case "hydra-multirun":
            yield Log(f"{output}/train.log", _LOG)
            yield from (Log(f"{output}/train_ddp_process_{rank}.log", _LOG, rank) for rank in ranks[1:])
        case "hydra-submitit":
            yield Log(f"{output}/train.log", _LOG)
            yield from _submitit(f"{plan.sweep}/.submitit/{plan.job}", plan)
        case "submitit-array":  # beside the output folder
            yield from _submitit(f"{plan.sweep}/{plan.job}/.submitit", plan)
        case "submitit":
            yield from _submitit(output, plan)


def _submitit(folder: str, plan: Plan) -> Iterator[Log]:
    for rank in range(plan.ranks):
        yield Log(f"{folder}/{plan.job}_{rank}_log.out", _OUT, rank)
        yield Log(f"{folder}/{plan.job}_{rank}_log.err", _ERR, rank)
