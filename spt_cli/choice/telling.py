"""What tells runs apart: hparams that differ, and the metrics that most of them have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from spt_cli.choice.names import Row, lower_is_better
from spt_cli.words.text import value


def differing(rows: Sequence[Row]) -> list[str]:
    """Hparams whose values differ, those of most runs first, then those that split the runs most evenly.

    Paths, long texts and items of lists (`tags.0`) are left out: they tell runs apart no better than ids do.
    """
    values: dict[str, Counter[str]] = {}
    for row in rows:
        for key, item in row.hparams.items():
            values.setdefault(key, Counter())[value(item)] += 1
    ranked = []
    for key, found in values.items():
        had, most = found.total(), max(found.values())
        wordy = _ITEM.search(key) or any(len(text) > _WORDY or "/" in text for text in found)
        shown = found.keys() | ({""} if had < len(rows) else set())  # null looks as missing does
        if len(shown) > 1 and not wordy:
            ranked.append((-had, most / had, key))
    return [key for *_, key in sorted(ranked)]


def common(rows: Sequence[Row]) -> list[str]:
    """Metrics, those of most runs first, among equals of validation, then training; counters and plans are left out."""
    had = Counter(key for row in rows for key in row.summary if not _BOOKKEEPING.search(key))
    return sorted(had, key=lambda key: (-had[key], [not kind.search(key) for kind in _TELLING], key))


def judges(metric: str) -> bool:
    """Whether runs are judged by *metric*: it is of validation, a loss or a score; a norm is none of these."""
    words = re.split(r"[^a-z0-9]+", metric.lower())
    return bool(_TELLING[0].search(metric)) or lower_is_better(metric) or not _SCORES.isdisjoint(words)


_WORDY = 24  # characters
_SCORES = frozenset({"acc", "accuracy", "auc", "auroc", "f1", "iou", "map", "miou", "psnr", "reward", "score", "top1"})
_ITEM = re.compile(r"\.[0-9]+$")
_TELLING = [re.compile(rf"(^|[/_.-])({word})", re.IGNORECASE) for word in ("val|test|eval", "train")]
_BOOKKEEPING = re.compile(r"(^|[/_.-])(epochs?|steps?|lr)($|[/_.-])", re.IGNORECASE)
