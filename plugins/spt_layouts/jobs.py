"""Which Slurm jobs wrote a run: their ids as file names bear them, `881201` or `70431_0`."""

from __future__ import annotations

import re
from itertools import count, takewhile
from pathlib import Path
from typing import Any

from spt_cli import Run
from spt_layouts.files import document, is_folder, names


def array_tasks(run: Run) -> list[str]:
    """`<A>_<a>` of a run with a `sweep:<A>` tag, and the sidecar's run_id or the folder's name where it looks so."""
    task = _task(run)
    tags = document(Path(run.run_dir, "sidecar.json")).get("tags")  # the logger's: people edit those of *run*
    arrays = [tag.partition(":")[2] for tag in tags if _SWEEP.fullmatch(str(tag))] if isinstance(tags, list) else []
    tagged = [f"{array}_{task}" for array in arrays if task]
    named = [name for name in (run.logger_run_id or "", Path(run.run_dir).name) if _ARRAY_TASK.fullmatch(name)]
    return list(dict.fromkeys(tagged + named))


def jobs(run: Run) -> list[str]:
    """All ids that the run's own files name, array tasks first. A requeue under another id leaves several.

    The folder's name counts as a job only when no file names one and Hydra did not number the folder.
    """
    folder = Path(run.run_dir)
    meta = document(folder / "run_meta.json")
    job, task = _number(meta.get("slurm_job_id")), _number(meta.get("slurm_array_task_id"))
    plain = [job, _number(run.logger_run_id), *(_number(found.get("SLURM_JOB_ID")) for found in environments(run))]
    found = [*array_tasks(run), f"{job}_{task}" if job and task else "", *plain]
    if not any(found) and not is_folder(folder / ".hydra"):
        found = [_number(folder.name)]
    return list(dict.fromkeys(name for name in found if name))


def own_logs(run: Run, folder: Path) -> list[str]:
    """Names in *folder* without the logs of other jobs, where it is not the run's own: runs may share an output folder.

    Others' are those that bear the id of a job that is not the run's, beside one that bears the run's: where none
    does, nobody knows whose they are.
    """
    found = names(folder)
    bearing = {name: job[1] or job[2] for name in found if (job := _BEARING.fullmatch(name))}
    if not bearing or folder == Path(run.run_dir):
        return found
    own = {None, *jobs(run)}
    return found if own.isdisjoint(bearing.values()) else [name for name in found if bearing.get(name) in own]


def environments(run: Run) -> list[dict[str, Any]]:
    """The Slurm variables of each process that dumped them: environment.json, environment_v1.json and so on."""
    files = (Path(run.run_dir, f"environment{f'_v{number}' if number else ''}.json") for number in count())
    dumps = takewhile(bool, map(document, files))
    return [found for dump in dumps if isinstance(found := dump.get("slurm"), dict)]


_NUMBER = re.compile(r"[0-9]+")
_ARRAY_TASK = re.compile(r"[0-9]+_[0-9]+")
_SWEEP = re.compile(r"sweep:[0-9]+")
_BEARING = re.compile(r"slurm-([0-9]+(?:_[0-9]+)?)\.(?:out|err)|([0-9]+(?:_[0-9]+)?)_[0-9]{1,6}_log\.(?:out|err)")


def _task(run: Run) -> str:
    """The index in the array: of the hparam, else run_meta.json, else the end of the folder's name."""
    folder = Path(run.run_dir)
    return (
        _number(run.hparams.get("slurm.task_id"))
        or _number(document(folder / "run_meta.json").get("slurm_array_task_id"))
        or _number(folder.name.rpartition("_")[2] if "_" in folder.name else None)
    )


def _number(value: object) -> str:
    """The digits of an id, which JSON may hold as text or as number; "" for anything else."""
    text = str(value) if isinstance(value, (str, int)) else ""
    return text if _NUMBER.fullmatch(text) else ""
