"""Which runs get curves, which get logs, and by which metric they are judged; no file of theirs is read for that."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from spt_cli.choice.names import Names, Row
from spt_cli.choice.sorting import ordered
from spt_cli.errors import UsageError
from spt_cli.model import Run
from spt_cli.report.model import Options
from spt_cli.report.primary import BEST, best_first, primary
from spt_cli.report.redact import Redacted, redacted

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
    return Choice(clean, metric, best, _shown(len(clean.runs), ranked, options.limit), tuple(told), len(troubled))


def newest(limit: int) -> int:
    """How many of *limit* runs with curves are there because they are the newest."""
    return limit - min(max(BEST, limit // 2), limit)


def _asked(name: str | None, runs: Sequence[Run]) -> str | None:
    """The metric that *name* means in a selection of *runs*."""
    if name is None or not runs:
        return None
    column = Names(runs).resolve(name)
    if column.kind != "summary":
        raise UsageError(f"{name} is no metric")
    return column.key


def _shown(count: int, ranked: Sequence[int], limit: int) -> frozenset[int]:
    """The places of the runs that get curves, of *count* that stand newest first: the best, then the newest."""
    kept = set(ranked[: limit - newest(limit)])
    for place in range(count):
        if len(kept) >= limit:
            break
        kept.add(place)
    return frozenset(kept)
