"""See what training runs do: the public Python API of spt.

    from spt_cli import scan, poll, diff, read_metrics
    scan("runs").runs               # {run_id: Run}
    read_metrics("runs/r1/metrics.csv")  # {name: Series}

Names load on first use, so `import spt_cli` costs nothing and a scan never pays for numpy or polars.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spt_cli.changes import apply as apply
    from spt_cli.changes import diff as diff
    from spt_cli.curves import buckets as buckets
    from spt_cli.errors import SptError as SptError
    from spt_cli.following import follow as follow
    from spt_cli.logs import streams as streams
    from spt_cli.logs import tail as tail
    from spt_cli.media import read_media as read_media
    from spt_cli.metrics import read_metrics as read_metrics
    from spt_cli.model import Change as Change
    from spt_cli.model import Event as Event
    from spt_cli.model import LogFile as LogFile
    from spt_cli.model import LogStream as LogStream
    from spt_cli.model import MediaEvent as MediaEvent
    from spt_cli.model import Problem as Problem
    from spt_cli.model import Run as Run
    from spt_cli.model import Series as Series
    from spt_cli.model import Snapshot as Snapshot
    from spt_cli.polling import Latest as Latest
    from spt_cli.polling import poll as poll
    from spt_cli.requeues import attempts as attempts
    from spt_cli.requeues import stitch as stitch
    from spt_cli.snapshot import read_run as read_run
    from spt_cli.snapshot import scan as scan

__version__ = "0.1.0"

_HOMES = {
    "changes": ("apply", "diff"),
    "curves": ("buckets",),
    "errors": ("SptError",),
    "following": ("follow",),
    "logs": ("streams", "tail"),
    "media": ("read_media",),
    "metrics": ("read_metrics",),
    "model": ("Change", "Event", "LogFile", "LogStream", "MediaEvent", "Problem", "Run", "Series", "Snapshot"),
    "polling": ("Latest", "poll"),
    "requeues": ("attempts", "stitch"),
    "snapshot": ("read_run", "scan"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME)  # noqa: PLE0605 - the names stand above, once


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'spt_cli' has no attribute {name!r}")
    return getattr(import_module(f"spt_cli.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
