"""The report of chosen runs, put together from its parts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from spt_cli.errors import UsageError
from spt_cli.model import Run
from spt_cli.names import Names
from spt_cli.names import Row as Decoded
from spt_cli.redact import redacted
from spt_cli.reduce import ReducedRun
from spt_cli.report.charts import SPARK, charts, goal, spark
from spt_cli.report.logs import tails
from spt_cli.report.media import pictures
from spt_cli.report.model import Options, Primary, Report, Row
from spt_cli.report.primary import BEST, best_first, primary
from spt_cli.report.reading import read
from spt_cli.roots import Forest
from spt_cli.sorting import ordered
from spt_cli.telling import differing
from spt_cli.text import plural, rfc3339


def report(forest: Forest, runs: Sequence[Run], options: Options) -> Report:
    """All that a page shows of *runs*, which are some of *forest*'s.

    The same runs in the same state give the same report, whatever the clock, the locale and the order of *runs*.
    Raises UsageError when the metric of *options* is none of theirs. What cannot be read is left out, and said.
    """
    clean = redacted(ordered(runs, names=Names(runs), now=0.0), options.redact)
    every = dict(enumerate(clean.runs))
    decoded = [Decoded(run) for run in clean.runs]
    summaries = [row.summary for row in decoded]
    metric = _asked(options.metric, clean.runs) or primary(summaries)
    best = best_first(summaries, metric)
    shown = _shown(len(every), best, options.limit)
    curves = read({place: every[place] for place in shown}, options.points, options.cache, without=options.redact)
    metric = metric or primary(one.metrics for one in curves.runs.values())
    others = {place: run for place, run in every.items() if place not in shown and metric}
    lines = read(others, SPARK, options.cache, only=metric, without=options.redact)
    telling = _telling(every, best[:BEST], options)
    logs = tails(forest, telling, options.logs, also=options.logs_from, secrets=clean.secrets)
    pictured = [(place, every[place]) for place in sorted(shown, key=lambda place: (place not in best[:BEST], place))]
    media = pictures(pictured, options.media, options.cache, clean.secrets)
    unread = [*curves.unread, *lines.unread]
    return Report(
        title=options.title or ", ".join(root.label for root in forest.roots),
        roots=tuple(root.label for root in forest.roots),
        as_of=_newest_sign(clean.runs),
        stale_after=options.stale_after,
        points=options.points,
        primary=Primary(metric, goal(metric)) if metric else None,
        rows=tuple(
            _row(run, curves.runs.get(place), lines.runs.get(place), metric, shown=place in shown)
            for place, run in every.items()
        ),
        metrics=tuple(charts(curves.runs, options.points, metric)),
        epochs=tuple(curves.runs[place].epochs if place in curves.runs else () for place in sorted(shown)),
        differing=tuple(differing(decoded)),
        left_out=(*_without(len(every), options.limit, unread), *logs.left_out, *media.left_out),
        redacted=clean.sentences,
        logs=logs.logs,
        media=media.media,
    )


def _asked(name: str | None, runs: Sequence[Run]) -> str | None:
    """The metric that *name* means in a selection of *runs*."""
    if name is None or not runs:
        return None
    column = Names(runs).resolve(name)
    if column.kind != "summary":
        raise UsageError(f"{name} is no metric")
    return column.key


def _shown(count: int, best: Sequence[int], limit: int) -> set[int]:
    """The places of the runs that get curves, of *count* that stand newest first: half the best, else the newest."""
    kept = set(best[: min(max(BEST, limit // 2), limit)])
    for place in range(count):
        if len(kept) >= limit:
            break
        kept.add(place)
    return kept


def _telling(runs: Mapping[int, Run], best: Collection[int], options: Options) -> list[tuple[int, Run]]:
    """Those of *runs* whose logs are shown, with their places: the best, and what failed or stands still."""
    troubled = [place for place, run in runs.items() if run.state in {"failed", "stale"} and place not in best]
    room = max(options.limit - len(best), 0)
    return [(place, runs[place]) for place in sorted({*best, *troubled[:room]})] if options.logs else []


def _row(run: Run, curves: ReducedRun | None, line: ReducedRun | None, metric: str | None, *, shown: bool) -> Row:
    judged = [one.metrics[metric] for one in (curves, line) if one and metric in one.metrics] if metric else []
    attempts = tuple(step if math.isfinite(step) else None for step in curves.attempts) if curves else ()
    return Row(run, shown, attempts, spark(judged[0]) if judged else ())


def _newest_sign(runs: Iterable[Run]) -> float | None:
    """The newest time that any of *runs* tells, if a calendar holds it."""
    times = (time for run in runs for time in (run.heartbeat_at, run.ended_at, run.created_at))
    return max((time for time in times if time is not None and rfc3339(time)), default=None)


def _without(count: int, limit: int, unread: Sequence[str]) -> Iterator[str]:
    if count > limit:
        newest = limit - min(max(BEST, limit // 2), limit)
        yield (
            f"curves of {plural(count - limit, 'run')} that are neither among the best nor among the newest {newest}"
            f" (--limit {limit})"
        )
    for why, number in sorted(Counter(unread).items()):
        yield f"curves of {plural(number, 'run')} whose metrics.csv could not be read: {why}"
