"""Which runs get curves, which get logs, and by which metric they are judged, as their rows say it."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress

from msgspec import Struct

from spt_cli.choice.names import Names, Row, UnknownNameError
from spt_cli.choice.sorting import ordered
from spt_cli.choice.telling import lower_is_better, primary
from spt_cli.errors import UsageError
from spt_cli.files.regular import opened
from spt_cli.model import Run, Scalar
from spt_cli.report.model import Options
from spt_cli.report.redact import Redacted, redacted

BEST = 8  # runs that are selected when the page opens
MAX_TROUBLED = 200  # failed and stale runs with logs: 50 lines of each are some 5 KB


class Choice(Struct, frozen=True):
    """What is to be shown of runs, by their places."""

    clean: Redacted  # newest first
    metric: str | None  # None when no summary holds one
    best: tuple[int, ...]  # at most BEST, the best first
    shown: frozenset[int]  # with curves and media
    told: tuple[int, ...]  # with logs
    troubled: int  # failed and stale runs


def chosen(runs: Sequence[Run], options: Options) -> Choice:
    """What is to be shown of *runs*. Raises UsageError when the metric of *options* is none of theirs."""
    clean = redacted(ordered(runs, names=Names(runs), now=0.0), options.redact)
    summaries = [Row(run).summary for run in clean.runs]
    metric = _asked(options.metric, clean.runs) or primary(summaries)
    ranked = best_first(summaries, metric)
    best = tuple(ranked[:BEST])
    troubled = [place for place, run in enumerate(clean.runs) if run.state in {"failed", "stale"}]
    told = sorted({*best, *troubled[:MAX_TROUBLED]}) if options.logs else ()
    shown = _shown(len(clean.runs), ranked, options.limit)
    shown |= {place for place, run in enumerate(clean.runs) if run.run_id == options.baseline}
    return Choice(clean, metric, best, shown, tuple(told), len(troubled))


def newest(limit: int) -> int:
    """How many of *limit* runs with curves are there because they are the newest."""
    return limit - min(max(BEST, limit // 2), limit)


def best_first(summaries: Sequence[Mapping[str, Scalar]], metric: str | None) -> list[int]:
    """The places of the *summaries* in which *metric* is a finite number, the best first, equals in their order."""
    if metric is None:
        return []
    last = {place: _number(summary.get(metric)) for place, summary in enumerate(summaries)}
    known = {place: value for place, value in last.items() if value is not None}
    sign = 1 if lower_is_better(metric) else -1
    return sorted(known, key=lambda place: sign * known[place])


def _asked(name: str | None, runs: Sequence[Run]) -> str | None:
    """The metric that *name* means in a selection of *runs*, or that is logged under it though no summary says so."""
    if name is None or not runs:
        return None
    try:
        column = Names(runs).resolve(name)
    except UnknownNameError:
        if not _is_logged(name, runs):
            raise
        return name
    if column.kind != "summary" and not _is_logged(name, runs):
        raise UsageError(f"{name} is no metric")
    return column.key if column.kind == "summary" else name


def _is_logged(name: str, runs: Sequence[Run]) -> bool:
    """Whether some metrics.csv of *runs* has a column *name*."""
    from spt_cli.metrics.engine_csv import header  # numpy, for a rare case

    for run in runs:
        with suppress(OSError), opened(os.path.join(run.run_dir, "metrics.csv")) as file:
            if name in header(file.read(_HEADER))[0]:
                return True
    return False


_HEADER = 1 << 20  # bytes; 30,000 metrics


def _shown(count: int, ranked: Sequence[int], limit: int) -> frozenset[int]:
    """The places of the runs that get curves, of *count* that stand newest first: the best, then the newest."""
    kept = set(ranked[: limit - newest(limit)])
    for place in range(count):
        if len(kept) >= limit:
            break
        kept.add(place)
    return frozenset(kept)


def _number(value: Scalar) -> float | None:
    try:
        number = float(value) if isinstance(value, float | int) else math.nan
    except OverflowError:  # an integer that no float holds
        return None
    return number if math.isfinite(number) else None
