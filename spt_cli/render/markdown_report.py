"""The report as Markdown for a comment on a pull request: the best run, a table with deltas, what failed.

Whatever came from runs stands in code spans (render/markdown.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from spt_cli.choice.telling import common
from spt_cli.render.markdown import code, line, plain
from spt_cli.render.markdown_baseline import against, mark
from spt_cli.render.runs import counts
from spt_cli.render.static import COLOUR, GLYPHS
from spt_cli.report.charts import extreme, goal
from spt_cli.report.model import Report
from spt_cli.words.text import measure, plural, value

LARGEST = 60_000  # bytes; GitHub takes 65,536 characters
ROWS = 50
METRICS, HPARAMS = 4, 4  # columns


def markdown(report: Report, order: Sequence[str], baseline: str | None = None) -> str:
    """*report* in at most LARGEST bytes, its runs as in *order* (their ids) below the one that they are compared with.

    That is *baseline*, the id of a run, or the best run by the primary metric. Values are the best of a run's points,
    by the goal of the metric. Runs without curves in the report, and those beyond ROWS, are only counted.
    """
    comparison = _comparison(report, baseline)
    held = [place for place in _places(report, order) if place != comparison.reference]
    first = [] if comparison.reference is None else [comparison.reference]
    for rows in range(min(len(held), ROWS), -1, -1):
        text = "".join(_parts(report, comparison, first + held[:rows], baseline))
        if len(text.encode()) <= LARGEST:
            break
    return text


class _Comparison(Struct, frozen=True):
    """What runs are compared by."""

    metrics: tuple[str, ...]  # the primary one first
    hparams: tuple[str, ...]
    best: dict[tuple[int, str], float]  # by place of the run and metric
    reference: int | None  # place of the run that the others are compared with


def _comparison(report: Report, baseline: str | None) -> _Comparison:
    best = {
        (curve.run, metric.name): number
        for metric in report.metrics
        for curve in metric.of
        if (number := extreme(curve, metric.goal)) is not None
    }
    primary = report.primary.metric if report.primary else None
    measured = {name for _, name in best}
    names = dict.fromkeys([primary, *common(row.run.summary for row in report.rows)])
    metrics = tuple(name for name in names if name in measured and name is not None)[:METRICS]
    places = {row.run.run_id: place for place, row in enumerate(report.rows)}
    if baseline is not None:
        return _Comparison(metrics, report.differing[:HPARAMS], best, places[baseline])
    ranked = [place for place, _ in _ranked(best, primary)]
    return _Comparison(metrics, report.differing[:HPARAMS], best, ranked[0] if ranked else None)


def _ranked(best: Mapping[tuple[int, str], float], metric: str | None) -> list[tuple[int, float]]:
    """(place, value) of the runs that have *metric*, the best first, the newest of equals."""
    found = [(place, number) for (place, name), number in best.items() if name == metric]
    sign = -1 if metric and goal(metric) == "max" else 1
    return sorted(found, key=lambda each: (sign * each[1], each[0]))


def _places(report: Report, order: Sequence[str]) -> list[int]:
    """The places of the runs that are shown, in their *order*."""
    places = {row.run.run_id: place for place, row in enumerate(report.rows) if row.shown}
    return [places[run_id] for run_id in order if run_id in places]


def _parts(report: Report, by: _Comparison, shown: Sequence[int], baseline: str | None) -> Iterator[str]:
    runs = [row.run for row in report.rows]
    yield f"### {plain(report.title)}\n\n"
    yield f"{plural(len(runs), 'run')}: {plain(counts(runs))}\n" if runs else "no runs\n"
    if by.reference is not None and by.metrics:
        yield f"\n{_headline(report, by, baseline)}\n"
    if shown:
        yield "\n" + "".join(_table(report, by, shown, baseline))
    if len(runs) > len(shown):
        yield f"\nand {plural(len(runs) - len(shown), 'more run')}\n"
    if any(_delta(by, place, name)[1:2] in {"▲", "▼"} for place in shown for name in by.metrics):
        yield f"\n▲ better, ▼ worse than the {'baseline' if baseline else 'best run'}\n"
    other = next((place for place in _leaders(by, shown) if place != by.reference), None)
    if baseline is not None and other is not None and by.reference is not None:
        yield from against(report, other, by.reference)
    yield from _failures(report)


def _leaders(by: _Comparison, shown: Sequence[int]) -> list[int]:
    """The runs that are *shown*, the best by the primary metric first."""
    return [*(place for place, _ in _ranked(by.best, by.metrics[0] if by.metrics else None)), *shown]


def _headline(report: Report, by: _Comparison, baseline: str | None) -> str:
    """Which run is the best by the primary metric, and by how much."""
    assert by.reference is not None
    name = by.metrics[0]
    ids = [code(row.run.run_id, keep_end=True) for row in report.rows]
    (best, number), *others = _ranked(by.best, name)
    said = f"best {code(name)} **{measure(number)}** by {ids[best]}"
    if baseline is None and not others:
        return said
    other, of = (others[0][0], "the next,") if baseline is None else (by.reference, "the baseline")
    if other == best:
        return f"{said}, the baseline"
    if (other, name) not in by.best:
        return f"{said}; {of} {ids[other]} has none"
    ahead = number - by.best[other, name]
    return f"{said}, {ahead:+.3g} to {of} {ids[other]}" if ahead else f"{said}, as good as {ids[other]}"


def _table(report: Report, by: _Comparison, shown: Sequence[int], baseline: str | None) -> Iterator[str]:
    titles = ["", "run", *(f"{code(name)} {goal(name)}" for name in by.metrics), *map(code, by.hparams)]
    yield line(titles)
    yield line(["---", "---", *("--:" for _ in by.metrics), *("---" for _ in by.hparams)])
    for place in shown:
        run = report.rows[place].run
        mark = f" **{'baseline' if baseline else 'best'}**" if place == by.reference else ""
        name = "" if run.display_name == run.run_id.rpartition("/")[2] else f" {code(run.display_name)}"
        cells = [_state(run.state), f"{code(run.run_id, keep_end=True)}{name}{mark}"]
        cells += [_measured(by, place, metric) for metric in by.metrics]
        hparams = run.hparams.decode()
        yield line([*cells, *(code(value(hparams.get(key))) for key in by.hparams)])


def _measured(by: _Comparison, place: int, metric: str) -> str:
    number = by.best.get((place, metric))
    return "" if number is None else " ".join(filter(None, [measure(number), _delta(by, place, metric)]))


def _delta(by: _Comparison, place: int, metric: str) -> str:
    """How much better or worse a run is than the one that it is compared with; "" where that says nothing."""
    number = by.best.get((place, metric))
    of = None if by.reference is None else by.best.get((by.reference, metric))
    if place == by.reference or number is None or of is None:
        return ""
    if number == of:
        return "(=)"
    return f"({f'{mark(metric, goal(metric), number, of)} {number - of:+.3g}'.strip()})"


def _failures(report: Report) -> Iterator[str]:
    """Which runs failed, with the last lines of their tracebacks, and which are stale."""
    ended = [
        (row.run, place)
        for state in ("failed", "stale")
        for place, row in enumerate(report.rows)
        if row.run.state == state
    ]
    if not ended:
        return
    yield f"\n<details><summary>{plural(len(ended), 'run')} failed or stale</summary>\n\n"
    for run, place in ended[:ROWS]:
        why = next((_last(log.text) for log in report.logs.get(place, ()) if log.traceback is not None), "")
        yield f"- {_state(run.state)} {code(run.run_id, keep_end=True)} {code(why)}".rstrip() + "\n"
    if len(ended) > ROWS:
        yield f"- and {len(ended) - ROWS:,} more\n"
    yield "\n</details>\n"


def _last(text: str) -> str:
    """The line that ends the last traceback of a log: the first one below it that is not indented."""
    _, _, below = text.rpartition("Traceback (most recent call last)")
    lines = [COLOUR.sub("", line) for line in below.splitlines()[1:]]
    return next((line for line in lines if line.strip() and not line[0].isspace()), "")


def _state(state: str) -> str:
    return f"{GLYPHS[state]} {state}" if state in GLYPHS else code(state)
