"""The metrics of many runs, reduced."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct, structs

from spt_cli.metrics import read_metrics
from spt_cli.model import Run
from spt_cli.redact import hidden
from spt_cli.reduce import ReducedRun, reduce


class Curves(Struct, frozen=True, eq=False):
    """What was read."""

    runs: dict[int, ReducedRun]  # by place; none of a run without a metrics.csv
    unread: tuple[str, ...]  # why a metrics.csv that is there could not be read


def read(
    runs: Mapping[int, Run], count: int, *, only: Collection[str] | None = None, without: Sequence[str] = ()
) -> Curves:
    """The metrics of *runs* as curves of at most *count* buckets: *only* some, and *without* those that globs hide."""
    found: dict[int, ReducedRun] = {}
    unread = []
    for place, run in runs.items():
        path = os.path.join(run.run_dir, "metrics.csv")
        try:
            one = reduce(read_metrics(path, live=run.live), count, only)
        except FileNotFoundError:
            continue
        except OSError as error:
            unread.append((error.strerror or "cannot be read").lower())
            continue
        kept = {name: metric for name, metric in one.metrics.items() if not hidden(name, without)}
        found[place] = structs.replace(one, metrics=kept)
    return Curves(found, tuple(unread))
