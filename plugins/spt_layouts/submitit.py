"""submitit: one out and one err a rank, `<job>_<rank>_log.{out,err}`, below its folder for the job."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from spt_cli import LogFile, Run
from spt_layouts.files import is_folder, names
from spt_layouts.hydra import settings
from spt_layouts.jobs import array_tasks, own_logs
from spt_layouts.places import moved, output_folders, upwards


def find(run: Run, root: Path) -> Iterator[LogFile]:
    """The ranks' files of Hydra's launcher (`.submitit/<job>`), of an array's own folder and of plain submitit."""
    tasks = array_tasks(run)
    for folder in output_folders(run):
        for name in own_logs(run, folder):
            if log := _LOG.fullmatch(name):
                yield _log_file(folder, log)
        hydra = settings(folder)
        for job in dict.fromkeys([hydra.get("hydra.job.id", ""), *tasks]):
            if job and "/" not in job:
                yield from _logs(_job_folder(run, folder, root, hydra, job), job)
        for task in tasks:
            yield from _logs(folder.parent / task / ".submitit", task)


_LOG = re.compile(r"(?P<job>[0-9]+(?:_[0-9]+)?)_(?P<rank>[0-9]{1,6})_log\.(?P<kind>out|err)")


def _logs(folder: Path, job: str) -> Iterator[LogFile]:
    """The files of *job* in *folder*; where there is none its first stands for what was looked for."""
    logs = [log for name in names(folder) if (log := _LOG.fullmatch(name)) and log["job"] == job]
    yield from (_log_file(folder, log) for log in logs)
    if not logs:
        yield LogFile(folder / f"{job}_0_log.out", rank=0)


def _log_file(folder: Path, log: re.Match[str]) -> LogFile:
    return LogFile(folder / log[0], kind=log["kind"], rank=int(log["rank"]))


def _job_folder(run: Run, output: Path, root: Path, hydra: dict[str, str], job: str) -> Path:
    """`.submitit/<job>` of the sweep: in hydra.sweep.dir, else beside the output folder, else above it up to *root*.

    The first that is there; else the most likely.
    """
    sweep = Path(hydra.get("hydra.runtime.cwd", ""), hydra.get("hydra.sweep.dir", ""))
    known = [moved(str(sweep), run)] if sweep.is_absolute() and "$" not in str(sweep) else []
    places = [place / ".submitit" / job for place in (*known, output.parent, *upwards(output, root))]
    return next(filter(is_folder, places), places[0])
