"""One run against a baseline in Markdown: how many metrics are better, every one of them, and which hparams differ."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from spt_cli.choice.telling import judges
from spt_cli.render.markdown import code, line
from spt_cli.report.charts import extreme
from spt_cli.report.model import Metric, Report
from spt_cli.words.text import measure, plural, value

METRICS, HPARAMS = 50, 8
_WORDS = {"▲": "better", "▼": "worse", "=": "the same"}


def against(report: Report, run: int, baseline: int) -> Iterator[str]:
    """How the *run* of a row does against that of another, by the best values of each; nothing without metrics."""
    found = [_change(metric, run, baseline) for metric in report.metrics]
    lines = [cells for cells in found if cells]
    if not lines:
        return
    number = Counter(mark for mark, *_ in lines)
    said = [f"{plural(number[mark], 'metric')} {word}" for mark, word in _WORDS.items() if number[mark]]
    ids = [code(report.rows[place].run.run_id, keep_end=True) for place in (run, baseline)]
    yield f"\n{ids[0]} against the baseline {ids[1]}: {', '.join(said) or 'no metric in common'}\n"
    hparams = list(_hparams(report, run, baseline))
    if hparams:
        more = f" and {len(hparams) - HPARAMS:,} more" if len(hparams) > HPARAMS else ""
        yield f"\nother hparams: {', '.join(hparams[:HPARAMS])}{more}\n"
    yield f"\n<details><summary>{plural(len(lines), 'metric')}</summary>\n\n"
    yield line(["", "metric", "baseline", "run", "change"])
    yield line(["---", "---", "--:", "--:", "--:"])
    yield from (line(cells) for cells in lines[:METRICS])
    if len(lines) > METRICS:
        yield f"\nand {len(lines) - METRICS:,} more\n"
    yield "\n</details>\n"


def mark(metric: str, goal: str, number: float, of: float) -> str:
    """Whether *number* is better or worse than the one it is compared with; "" for a *metric* that judges nothing."""
    if not judges(metric):
        return ""
    return "=" if number == of else "▲" if (number > of) == (goal == "max") else "▼"


def _change(metric: Metric, run: int, baseline: int) -> list[str]:
    """The cells of a line; none of a metric that neither has."""
    best = {curve.run: extreme(curve, metric.goal) for curve in metric.of}
    number, of = best.get(run), best.get(baseline)
    if number is None and of is None:
        return []
    sign = change = ""
    if number is not None and of is not None:
        sign = mark(metric.name, metric.goal, number, of)
        change = _difference(number, of)
    values = ("" if each is None else measure(each) for each in (of, number))
    return [sign, f"{code(metric.name)} {metric.goal}", *values, change]


def _difference(number: float, of: float) -> str:
    """By how much *number* is more, in parts of the other too where these say anything."""
    if number == of:
        return ""
    relative = (number - of) / abs(of) if of else math.inf
    return f"{number - of:+.3g}" + (f" ({relative:+.1%})" if abs(relative) < 10 else "")


def _hparams(report: Report, run: int, baseline: int) -> Iterator[str]:
    """Those that differ, of those that tell runs apart: what they are in the *baseline* and in the *run*."""
    new, old = (report.rows[place].run.hparams.decode() for place in (run, baseline))
    for key in report.differing:
        before, after = (code(value(hparams.get(key))) or "nothing" for hparams in (old, new))
        if before != after:
            yield f"{code(key)} {before} → {after}"
