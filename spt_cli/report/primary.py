"""Which metric runs are judged by, and which runs are the best by it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from spt_cli.choice.names import lower_is_better
from spt_cli.model import Scalar

BEST = 8  # runs that are selected when the page opens


def primary(names: Iterable[Iterable[str]]) -> str | None:
    """The metric that most of what runs measured is judged by, from the *names* that each of them has.

    One of validation before others, one that says how good (accuracy) before a loss, and of these the one that most
    runs have. What less than half as many runs have as the most common metric counts only where there is nothing else.
    """
    had = Counter(name for run in names for name in run if not _words(name) & _RECORDS)
    enough = max(had.values(), default=0) / 2
    common = (name for name in had if had[name] >= enough)
    return min(common, key=lambda name: (_rank(name), -had[name], len(name), name), default=None)


def best_first(summaries: Sequence[Mapping[str, Scalar]], metric: str | None) -> list[int]:
    """The places of the *summaries* in which *metric* is a finite number, the best first, equals in their order."""
    if metric is None:
        return []
    last = {place: _number(summary.get(metric)) for place, summary in enumerate(summaries)}
    known = {place: value for place, value in last.items() if value is not None}
    sign = 1 if lower_is_better(metric) else -1
    return sorted(known, key=lambda place: sign * known[place])


_RECORDS = {
    "epoch",
    "epochs",
    "step",
    "steps",
    "lr",
    "time",
    "seconds",
    "grad",
    "norm",
    "memory",
    "samples",
}  # for the record
_GOODS = {
    *(
        "acc",
        "accuracy",
        "top1",
        "top5",
        "auc",
        "auroc",
        "auprc",
        "map",
        "f1",
        "recall",
        "precision",
        "score",
        "reward",
    ),
    *("return", "iou", "miou", "dice", "bleu", "rouge", "psnr", "ssim", "r2"),
}
_STAGES = ({"val", "valid", "validation"}, {"eval"}, {"test"})


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(re.split(r"[^a-z0-9]+", name.lower()))


def _rank(name: str) -> tuple[int, int]:
    """How far behind others a metric comes as the one to judge by: by its stage, then by what it says."""
    words = _words(name)
    stage = next((place for place, stage in enumerate(_STAGES) if words & stage), len(_STAGES))
    return stage, 0 if words & _GOODS else 1 if lower_is_better(name) else 2


def _number(value: Scalar) -> float | None:
    try:
        number = float(value) if isinstance(value, float | int) else math.nan
    except OverflowError:  # an integer that no float holds
        return None
    return number if math.isfinite(number) else None
