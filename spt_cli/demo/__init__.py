"""Trees that look like real training, for tests, benchmarks and newcomers."""

from __future__ import annotations

from spt_cli.demo.trainer import Tick, live
from spt_cli.demo.tree import write

__all__ = ["Tick", "live", "write"]
