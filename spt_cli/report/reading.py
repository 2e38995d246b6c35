"""The metrics of many runs, reduced; what was reduced before is not read again."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct, structs

from spt_cli.files import kept
from spt_cli.metrics.packed import packed, unpacked
from spt_cli.metrics.reading import read_metrics
from spt_cli.metrics.reduce import ReducedRun, reduce
from spt_cli.model import Run, Stamp
from spt_cli.report.redact import hidden

_VERSION = 1  # of what is kept; a new one where `reduce` makes something else of the same file


class Curves(Struct, frozen=True, eq=False):
    """What was read."""

    runs: dict[int, ReducedRun]  # by place; none of a run without a metrics.csv
    unread: tuple[str, ...]  # why a metrics.csv that is there could not be read, for each


def read(
    runs: Mapping[int, Run],
    count: int,
    cache: Path | None,
    *,
    only: str | None = None,
    without: Sequence[str] = (),
) -> Curves:
    """The metrics of *runs* as curves of at most *count* buckets: *only* one, and *without* those that globs hide.

    Of a metrics.csv with the stamp that it had when *cache* was told of it nothing is read.
    """
    found: dict[int, ReducedRun] = {}
    unread = []
    for place, run in runs.items():
        try:
            one = _one(run, count, only, cache)
        except FileNotFoundError:
            continue
        except OSError as error:
            unread.append((error.strerror or "cannot be read").lower())
            continue
        metrics = {name: metric for name, metric in one.metrics.items() if not hidden(name, without)}
        found[place] = structs.replace(one, metrics=metrics)
    return Curves(found, tuple(unread))


def _one(run: Run, count: int, only: str | None, cache: Path | None) -> ReducedRun:
    """The metrics of *run*. Raises OSError."""
    path = os.path.join(run.run_dir, "metrics.csv")
    status = os.stat(path)
    stamp = Stamp(status.st_mtime_ns, status.st_size, status.st_ino)
    key = f"reduced {_VERSION} {count} {only!r} {run.live} {path}"
    data = kept.recall(cache, key, stamp) if cache else None
    one = unpacked(data) if data else None
    if one is None:
        one = reduce(read_metrics(path, live=run.live), count, None if only is None else {only})
        if cache:
            kept.keep(cache, key, stamp, packed(one))
    return one
