"""The ends of curves: what a client that has the rest needs when a run has gone on, in buckets as wide as it has."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from spt_cli.metrics.reduce import Parts, Reduced
from spt_cli.server.merging import widened
from spt_cli.server.pointjson import rounded


class Tail(Struct, frozen=True):
    """Which ends are wanted."""

    after: float  # x of the first point, or where the first bucket begins
    width: float  # of a bucket, a power of two; 0: each holds one x only


def tails_json(names: Sequence[str], runs: Mapping[str, Mapping[str, Reduced]], tail: Tail) -> list[dict[str, Any]]:
    """The *tail* of the metrics *names* of *runs*, by shown id; for `encode`.

    A run has `at`, where those of its buckets begin that hold something, and `before`, how many points stand before
    them. Of a metric that does not fit into buckets of that width there is no `after`: all of it is to be fetched.
    """
    return [
        _tail(name, {run_id: found[name] for run_id, found in runs.items() if name in found}, tail) for name in names
    ]


def _tail(name: str, runs: Mapping[str, Reduced], tail: Tail) -> dict[str, Any]:
    exponent = math.frexp(tail.width)[1] - 1 if tail.width else None
    fits = all(_fits(one, exponent) for one in runs.values())
    told: dict[str, Any] = {"metric": name, "exact": exponent is None, "width": tail.width}
    if not fits:
        return told | {"runs": []}
    return told | {
        "after": tail.after,
        "runs": [{"run_id": run_id, **_row(one, exponent, tail.after)} for run_id, one in runs.items()],
    }


def _fits(one: Reduced, exponent: int | None) -> bool:
    if exponent is None or one.exponent is None:
        return one.exponent is None
    return one.exponent <= exponent


@np.errstate(over="ignore")  # a width that no answer had leads beyond all numbers: there is nothing there
def _row(one: Reduced, exponent: int | None, after: float) -> dict[str, Any]:
    parts = one.parts if exponent is None else widened(one, exponent)
    at = parts.at if exponent is None else np.ldexp(parts.at, exponent)
    first = int(np.searchsorted(at, after))
    end = Parts(*(getattr(parts, name)[first:] for name in Parts.__struct_fields__))
    before = parts.count[:first].sum() + parts.nonfinite[:first].sum()
    found: dict[str, Any] = {"before": int(before), "at": at[first:].tolist(), "mean": rounded(end.mean)}
    if (end.max > end.min).any():
        found |= {"min": rounded(end.min), "max": rounded(end.max)}
    if (end.count > 1).any():
        found["count"] = end.count.tolist()
    if end.nonfinite.any():
        found["nonfinite"] = end.nonfinite.tolist()
    return found
