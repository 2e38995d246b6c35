"""sbatch: `slurm-<job>.out` or `slurm-<array>_<task>.out`, and `.err` where the user asked for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from spt_cli import LogFile, Run
from spt_layouts.files import is_file
from spt_layouts.jobs import environments, jobs
from spt_layouts.places import moved, output_folders, upwards


def find(run: Run, root: Path) -> Iterator[LogFile]:
    """The files of each job that the run's own files name, in the first folder that holds one of them.

    A log of a job that none of them names is not the run's, whatever it says: no text attaches itself to a run.
    """
    places = _places(run, root)
    for job in jobs(run):
        for place in places:
            logs = [place / f"slurm-{job}.out", place / f"slurm-{job}.err"]
            there = [path for path in logs if is_file(path)]
            for path in there or logs[:1]:
                yield LogFile(path, kind=path.suffix.removeprefix("."))
            if there:
                break


def _places(run: Run, root: Path) -> list[Path]:
    """Where sbatch was called, as far as we know, then the run's and the output folder and what is above them."""
    called = [found.get("SLURM_SUBMIT_DIR") for found in environments(run)]
    written = [path for path in called if isinstance(path, str) and path.startswith("/")]
    known = [folder for path in written for folder in (moved(path, run), Path(path))]
    folders = output_folders(run)
    above = [place for folder in folders for place in upwards(folder, root)]
    return list(dict.fromkeys([*known, *folders, *above]))
