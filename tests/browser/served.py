"""The page of a server, to open while the tree below it changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spt_cli.render.html import Served, live_files, live_page
from tests.servers import Server, ours


@contextmanager
def served(roots: Sequence[Path], *, read_only: bool = False, **options: Any) -> Iterator[Server]:
    """Our server over *roots* with its page, in a thread; *options* as those of `ours`."""
    labels = tuple(root.name for root in roots)
    page = live_page(Served(", ".join(labels), labels, 180.0, read_only))
    with ours(roots, page=lambda: page, files=live_files, read_only=read_only, **options) as server:
        yield server
