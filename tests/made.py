"""Runs made in memory, for tests of what needs no files."""

from __future__ import annotations

from typing import Any

from spt_cli.model import Run, Values


def a_run(run_id: str = "r", **fields: Any) -> Run:
    """A completed run with sensible fields under *fields*; hparams and summary are given as dicts."""
    packed = {name: Values.of(fields.pop(name)) for name in ("hparams", "summary") if name in fields}
    sensible = {"run_dir": f"/runs/{run_id}", "display_name": run_id, "status": "completed", "state": "completed"}
    return Run(run_id=run_id, **({"alive": False} | sensible | fields | packed))
