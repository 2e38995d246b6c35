"""The report of chosen runs, put together from its parts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from spt_cli.choice.names import Row as Decoded
from spt_cli.choice.telling import differing, primary
from spt_cli.exported.document import Primary
from spt_cli.files import kept
from spt_cli.metrics.reduce import ReducedRun
from spt_cli.model import Run
from spt_cli.report.charts import SPARK, charts, goal, spark
from spt_cli.report.choice import MAX_TROUBLED, Choice, chosen, newest
from spt_cli.report.logs import tails
from spt_cli.report.media import pictures
from spt_cli.report.model import UNREAD, Options, Report, Row
from spt_cli.report.reading import read
from spt_cli.tree.roots import Forest
from spt_cli.words.text import plural, rfc3339


def build(forest: Forest, runs: Sequence[Run], options: Options) -> Report:
    """All that a page shows of *runs*; see `spt_cli.report.report`."""
    choice = chosen(runs, options)
    clean, cache = choice.clean, options.cache
    every = dict(enumerate(clean.runs))
    shown = {place: every[place] for place in sorted(choice.shown)}
    curves = read(shown, options.points, cache, without=options.redact)
    metric = choice.metric or primary(one.metrics for one in curves.runs.values())
    others = {place: run for place, run in every.items() if place not in shown and metric}
    lines = read(others, SPARK, cache, only=metric, without=options.redact)
    told = [(place, every[place]) for place in choice.told]
    logs = tails(forest, told, options.logs, also=options.logs_from, secrets=clean.secrets)
    by_rank = dict.fromkeys([*choice.best, *shown])  # where there is little room it goes to the best
    pictured = [(place, shown[place]) for place in by_rank if place in shown]
    media = pictures(pictured, options.media, cache, clean.secrets)
    if cache:
        kept.trim(cache)
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
        epochs=tuple(curves.runs[place].epochs if place in curves.runs else () for place in shown),
        differing=tuple(differing([Decoded(run) for run in clean.runs])),
        left_out=(
            *_without(choice, options, [*curves.unread, *lines.unread]),
            *logs.left_out,
            *media.left_out,
        ),
        redacted=clean.sentences,
        logs=logs.logs,
        media=media.media,
    )


def _row(run: Run, curves: ReducedRun | None, line: ReducedRun | None, metric: str | None, *, shown: bool) -> Row:
    judged = [one.metrics[metric] for one in (curves, line) if one and metric in one.metrics] if metric else []
    attempts = tuple(step if math.isfinite(step) else None for step in curves.attempts) if curves else ()
    return Row(run, shown, attempts, spark(judged[0]) if judged else ())


def _newest_sign(runs: Iterable[Run]) -> float | None:
    """The newest time that any of *runs* tells, if a calendar holds it."""
    times = (time for run in runs for time in (run.heartbeat_at, run.ended_at, run.created_at))
    return max((time for time in times if time is not None and rfc3339(time)), default=None)


def _without(choice: Choice, options: Options, unread: Sequence[str]) -> Iterator[str]:
    """What is left out of curves and logs, in sentences."""
    if curveless := len(choice.clean.runs) - len(choice.shown):
        runs = plural(curveless, "run")
        yield (
            f"curves of {runs} that are neither among the best nor among the newest {newest(options.limit)}"
            f" (--limit {options.limit})"
        )
    for why, number in sorted(Counter(unread).items()):
        yield f"curves of {plural(number, 'run')} whose metrics.csv {UNREAD}: {why}"
    if options.logs and choice.troubled > MAX_TROUBLED:
        yield f"logs of failed and stale runs but for the newest {MAX_TROUBLED}"
