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
    from spt_cli.errors import SptError as SptError
    from spt_cli.logs.files import streams as streams
    from spt_cli.logs.files import tail as tail
    from spt_cli.logs.following import follow as follow
    from spt_cli.media import read_media as read_media
    from spt_cli.metrics.curves import buckets as buckets
    from spt_cli.metrics.reading import read_metrics as read_metrics
    from spt_cli.metrics.requeues import attempts as attempts
    from spt_cli.metrics.requeues import stitch as stitch
    from spt_cli.model import Change as Change
    from spt_cli.model import Event as Event
    from spt_cli.model import LogFile as LogFile
    from spt_cli.model import LogStream as LogStream
    from spt_cli.model import MediaEvent as MediaEvent
    from spt_cli.model import Problem as Problem
    from spt_cli.model import Run as Run
    from spt_cli.model import Series as Series
    from spt_cli.model import Snapshot as Snapshot
    from spt_cli.tree.changes import apply as apply
    from spt_cli.tree.changes import diff as diff
    from spt_cli.tree.polling import Latest as Latest
    from spt_cli.tree.polling import poll as poll
    from spt_cli.tree.snapshot import read_run as read_run
    from spt_cli.tree.snapshot import scan as scan

__version__ = "0.1.0"

_HOMES = {
    "tree.changes": ("apply", "diff"),
    "metrics.curves": ("buckets",),
    "errors": ("SptError",),
    "logs.following": ("follow",),
    "logs.files": ("streams", "tail"),
    "media": ("read_media",),
    "metrics.reading": ("read_metrics",),
    "model": ("Change", "Event", "LogFile", "LogStream", "MediaEvent", "Problem", "Run", "Series", "Snapshot"),
    "tree.polling": ("Latest", "poll"),
    "metrics.requeues": ("attempts", "stitch"),
    "tree.snapshot": ("read_run", "scan"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME)  # noqa: PLE0605 - the names stand above, once


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'spt_cli' has no attribute {name!r}")
    return getattr(import_module(f"spt_cli.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
