"""Files named like logs in the run's folder and directly in its output folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from spt_cli import LogFile, Run
from spt_layouts.jobs import own_logs
from spt_layouts.places import output_folders


def find(run: Run, root: Path) -> Iterator[LogFile]:  # noqa: ARG001 - the contract's arguments
    """Every `*.out`, `*.err` and `*.log`; where there is none the patterns stand for what was looked for."""
    for folder in output_folders(run):
        logs = [name for name in own_logs(run, folder) if name.endswith((".out", ".err", ".log"))]
        for name in logs or ["*.out", "*.err", "*.log"]:
            yield LogFile(folder / name, kind="err" if name.endswith(".err") else "out")
