"""The numbers of many runs: the last values of a few metrics, read once a change, the best of them, means of groups."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypeGuard

from msgspec import Struct

from spt_cli.choice.names import Getter, Row, Value
from spt_cli.choice.telling import lower_is_better
from spt_cli.model import Run, Scalar

_LARGEST = 1e300  # what is beyond is no metric, and two of them may be further apart than a float holds


class Figures(Struct, frozen=True, gc=False):
    """Numbers of one run."""

    run: Run
    finite: Mapping[str, float]  # of the metrics that were asked for
    bad: tuple[str, ...] = ()  # all metrics that are NaN or infinite


def figures(runs: Iterable[Run], metrics: Collection[str], known: Mapping[str, Figures]) -> dict[str, Figures]:
    """Numbers of *runs* by id, of *metrics* where they are finite; those that are *known* of the same run stay."""
    found = {}
    for run in runs:
        each = known.get(run.run_id)
        found[run.run_id] = each if each is not None and each.run is run else _read(run, metrics)
    return found


def best(found: Collection[Figures], metrics: Iterable[str]) -> dict[str, float]:
    """The best value of each of *metrics* that at least two runs have, in the direction that its name says."""
    most = {}
    for metric in metrics:
        values = [each.finite[metric] for each in found if metric in each.finite]
        if len(values) > 1:
            most[metric] = min(values) if lower_is_better(metric) else max(values)
    return most


def mean_and_spread(values: Sequence[float]) -> tuple[float | None, float | None]:
    """The mean of *values* and their standard deviation; None where there are too few for it."""
    from statistics import fmean, stdev  # 10 ms, for those who group

    try:
        return (fmean(values) if values else None), (stdev(values) if len(values) > 1 else None)
    except OverflowError:  # beyond what a float holds
        return None, None


def difference(before: Scalar, now: Scalar) -> float | None:
    """How far a number went up from *before* to *now*; None when it did not move, or one of the two is not finite."""
    if not (_finite(before) and _finite(now)) or before == now:
        return None
    return now - before


def grouped(rows: Iterable[Run], of: Getter) -> Iterator[tuple[Value, list[Run]]]:
    """*rows*, which are ordered so that equal ones stand together, by their value *of* something."""
    for value, members in groupby(rows, lambda run: of(Row(run))):
        yield value, list(members)


def _read(run: Run, metrics: Collection[str]) -> Figures:
    summary = run.summary.decode()
    finite = {name: number for name in metrics if _finite(number := summary.get(name))}
    raw = run.summary.raw
    suspicious = summary.items() if b"NaN" in raw or b"Infinity" in raw else ()
    bad = tuple(name for name, number in suspicious if isinstance(number, float) and not math.isfinite(number))
    return Figures(run, finite, bad)


def _finite(number: Scalar) -> TypeGuard[float]:
    """Whether *number* is one, and no integer that a float cannot hold."""
    return isinstance(number, (int, float)) and not isinstance(number, bool) and abs(number) < _LARGEST
