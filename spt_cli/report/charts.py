"""Reduced runs -> charts: the curves of a metric of all runs on one grid."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from msgspec import structs

from spt_cli.choice.telling import lower_is_better
from spt_cli.exported.document import RunCurve
from spt_cli.metrics.curves import aligned, bucket
from spt_cli.metrics.reduce import Parts, Reduced, ReducedRun
from spt_cli.report.model import Metric, Table

if TYPE_CHECKING:
    from spt_cli.model import Floats, Ints

SPARK = 40  # buckets


def charts(runs: Mapping[int, ReducedRun], count: int, primary: str | None) -> list[Metric]:
    """A chart for each metric of *runs* (by index of their rows), the *primary* one first, then by group and name."""
    found: dict[str, dict[int, Reduced]] = {}
    for index in sorted(runs):
        for name, reduced in runs[index].metrics.items():
            found.setdefault(name, {})[index] = reduced
    order = sorted(found, key=lambda name: (name != primary, group(name), name))
    return [_chart(name, found[name], count) for name in order]


def spark(reduced: Reduced) -> tuple[float | None, ...]:
    """The means of at most SPARK buckets in four digits, None where nothing finite is."""
    exponent, at = _grid([reduced], SPARK)
    if exponent == reduced.exponent:  # nothing to merge, as with runs that were reduced for this alone
        means = np.full(len(at), np.nan)
        means[_columns(reduced, exponent, at)] = reduced.parts.mean
    else:
        means = _table([reduced], exponent, at).mean[0]
    return tuple(float(f"{mean:.4g}") if math.isfinite(mean) else None for mean in means.tolist())


def group(name: str) -> str:
    """What stands before the first `/` of a metric's name, else the stage that it begins with; "" without either."""
    before, slash, _ = name.partition("/")
    if slash:
        return before
    stage = _STAGE.match(name)
    return stage[1] if stage else ""


def goal(name: str) -> str:
    """Where a metric is to go, by its name: "min" or "max"."""
    return "min" if lower_is_better(name) else "max"


def extreme(curve: RunCurve, goal: str) -> float | None:
    """The best value of a run, by the *goal* of its metric."""
    return curve.max if goal == "max" else curve.min


_STAGE = re.compile(r"(train|val|valid|validation|test|eval)[_.-]")


def _chart(name: str, runs: Mapping[int, Reduced], count: int) -> Metric:
    several = list(runs.values())
    exponent, at = _grid(several, count)
    table = _table(several, exponent, at)
    return Metric(
        name=name,
        group=group(name),
        goal=goal(name),
        axis="step" if any(one.stepped for one in several) else "epoch",
        exact=exponent is None,
        width=0.0 if exponent is None else math.ldexp(1.0, exponent),
        points=sum(one.known.count for one in several),
        band=bool((table.max > table.min).any()),
        counts=bool((table.count > 1).any()),
        nonfinites=bool(table.nonfinite.any()),
        of=tuple(RunCurve(*structs.astuple(one.known), run=index) for index, one in runs.items()),
        table=table,
    )


def _grid(runs: Sequence[Reduced], count: int) -> tuple[int | None, Floats]:
    """The exponent of the buckets that *runs* share, None where each holds one x; and these x, or the buckets' k."""
    placed = [one for one in runs if len(one.parts.at)]
    if all(one.exponent is None for one in placed):
        distinct = np.unique(np.concatenate([np.empty(0), *(one.parts.at for one in placed)]))
        if len(distinct) <= count:
            return None, distinct
    exponent = aligned(min(one.low for one in placed), max(one.high for one in placed), count)
    first = min(_bucket(one, exponent)[0] for one in placed)
    last = max(_bucket(one, exponent)[-1] for one in placed)
    return exponent, np.arange(first, last + 1)


def _bucket(one: Reduced, exponent: int) -> Floats:
    """Where the parts of *one* fall in buckets that are as wide as its own, or wider."""
    return bucket(one.parts.at, exponent - (one.exponent or 0))


def _table(runs: Sequence[Reduced], exponent: int | None, at: Floats) -> Table:
    """*runs* in the buckets *at*, each a row."""
    shape = len(runs), len(at)
    cell = np.concatenate([_columns(one, exponent, at) + row * len(at) for row, one in enumerate(runs)])
    start = np.flatnonzero(np.append([True], cell[1:] != cell[:-1])) if len(cell) else cell
    mean, low, high, count, nonfinite = (
        np.concatenate([getattr(one.parts, name) for one in runs]) for name in Parts.__struct_fields__[1:]
    )
    x, begins = (at, at) if exponent is None else (_edges(at + 0.5, exponent), _edges(at, exponent))
    nothing = np.full(shape, np.nan)
    table = Table(x, begins, nothing, nothing.copy(), nothing.copy(), np.zeros(shape, int), np.zeros(shape, int))
    if len(cell):
        held = np.add.reduceat(count, start)
        share = count / np.repeat(np.maximum(held, 1), np.diff(start, append=len(cell)))  # 1.0 where a part is alone
        means = np.add.reduceat(np.where(count > 0, mean * share, 0.0), start)
        filled = cell[start]
        table.min.flat[filled] = lowest = np.fmin.reduceat(low, start)
        table.max.flat[filled] = highest = np.fmax.reduceat(high, start)
        table.mean.flat[filled] = np.clip(np.where(held > 0, means, np.nan), lowest, highest)
        table.count.flat[filled] = held
        table.nonfinite.flat[filled] = np.add.reduceat(nonfinite, start)
    return table


def _edges(at: Floats, exponent: int) -> Floats:
    """The x of *at*, in buckets; the widest ones begin below the least number, and that is where they begin then."""
    with np.errstate(over="ignore"):
        x: Floats = np.clip(np.ldexp(at, exponent), -np.finfo(float).max, None)
    return x


def _columns(one: Reduced, exponent: int | None, at: Floats) -> Ints:
    """Which of the buckets *at* each part of *one* falls into, ascending."""
    if exponent is None:
        return np.searchsorted(at, one.parts.at).astype(np.int64)
    columns: Ints = (_bucket(one, exponent) - at[0]).astype(np.int64)
    return columns
